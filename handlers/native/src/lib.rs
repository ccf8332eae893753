//! Home 2: the native server. The ports on SQLite, the system's resolver and the system clock.
