//! Servers for tests: each has a port of its own.

use tallygrid_server::Server;

use crate::client::Client;

/// A server with these further words.
pub(crate) fn server(words: &[&str]) -> Server {
    let words = words.iter().map(|word| (*word).to_owned());
    Server::start(words.chain(["--listen".to_owned(), "127.0.0.1:0".to_owned()])).unwrap()
}

/// A connection to it.
pub(crate) fn connect(server: &Server) -> Client {
    Client::connect(server.address()).unwrap()
}

/// The project's own test results: real files, the first twelve that were kept. Tests run in their package's folder, so that
/// the names of files, which are values of the rows, are the same everywhere.
pub(crate) fn own_results() -> Vec<String> {
    let dir = std::path::Path::new("../../data/test-results");
    let mut files: Vec<String> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|kind| kind == "xml"))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    files.sort();
    files.truncate(12);
    files
}
