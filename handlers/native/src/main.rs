//! The `render-signal` binary.
fn main() {}
