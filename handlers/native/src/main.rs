//! The `render-signal` binary: the server, and the commands that look after it.

use render_signal_native::cli;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
