//! Serves test runs over HTTP, with a dashboard at `/`. Everything is in the library beside it; see its documentation, or
//! `server --help`.

fn main() -> std::process::ExitCode {
    tallygrid_server::run(std::env::args().skip(1))
}
