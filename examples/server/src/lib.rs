//! An example server around [`tallygrid`]: one engine, the surfaces of its wire over HTTP, and a dashboard page.
//!
//! It shows what a host adds to the engine, each in a file of its own:
//!
//! - `options`, `loading`: the rows, from the same files as the example `query`, or made up;
//! - `counted`, `boards`, `grids`: what the surfaces keep that files do not have;
//! - `callers`: who asks, and what they may see and write;
//! - `work`: the engine's calls on blocking threads, few at a time, with a deadline, and cancelled when the client
//!   goes away;
//! - `body`: bodies of requests, bounded, as JSON;
//! - `answers`: equal questions about one version of the data, answered once;
//! - `problem`: what went wrong, in the words of the surface that was asked;
//! - `metrics`: what `GET /metrics` counts;
//! - `routes`: the paths, a file a surface;
//! - `page`: the files of the dashboard.
//!
//! It is no product: data lives in memory, and callers are told apart by tokens in a file.

mod answers;
mod boards;
mod body;
mod callers;
#[expect(clippy::print_stderr, dead_code, reason = "shared with programs, which speak through it")]
mod common;
mod counted;
mod generate;
mod grids;
mod loading;
mod metadata;
mod metrics;
mod options;
mod page;
mod problem;
mod reply;
mod routes;
mod server;
mod state;
mod work;

pub use server::{Server, run};
