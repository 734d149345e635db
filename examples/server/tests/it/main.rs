//! The server as its clients meet it: over a socket on this machine, with a plain client.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod bodies;
#[path = "../../client.rs"]
mod client;
mod conflicts;
mod ending;
mod paths;
mod script;
mod session;
mod start;
