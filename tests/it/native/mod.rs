//! What only the native home has: a process that starts or refuses to, ends when asked, and owns its directory.

mod ending;
mod starting;
