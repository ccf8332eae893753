//! What only the native home has: a process that starts or refuses to, ends when asked, owns its directory, and resolves names and
//! verifies certificates itself.

mod ending;
mod files;
mod kills;
mod log;
mod names;
mod refusals;
mod source;
mod starting;
mod tls;
