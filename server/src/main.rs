//! The binary `coffer`. Everything is in `server::command`.

fn main() -> std::process::ExitCode {
    server::command::run()
}
