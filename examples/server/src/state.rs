//! What all requests share.

use std::time::Duration;

use tallygrid::Engine;
use tokio::sync::Semaphore;

use crate::answers::Answers;
use crate::boards::Boards;
use crate::callers::Callers;
use crate::metrics::Metrics;

/// One for each server.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) engine: Engine,
    /// The index that the dashboard opens.
    pub(crate) main_index: String,
    pub(crate) callers: Callers,
    pub(crate) boards: Boards,
    pub(crate) deadline: Duration,
    pub(crate) body_bytes: usize,
    /// Places for calls that read.
    pub(crate) readers: std::sync::Arc<Semaphore>,
    /// The one place for calls that write: those behind it wait here, and not on a thread.
    pub(crate) writer: std::sync::Arc<Semaphore>,
    pub(crate) answers: Answers,
    pub(crate) metrics: Metrics,
}
