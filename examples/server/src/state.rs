//! What all requests share.

use std::sync::Arc;
use std::time::Duration;

use tallygrid::{Engine, WidgetPositions};
use tokio::sync::Semaphore;

use crate::answers::Answers;
use crate::boards::Boards;
use crate::callers::Callers;
use crate::common::output::Failure;
use crate::grids::Grids;
use crate::loading;
use crate::metrics::Metrics;
use crate::options::Options;
use crate::routes;

/// One for each server.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) engine: Engine,
    /// The index that the dashboard opens.
    pub(crate) main_index: String,
    pub(crate) callers: Callers,
    pub(crate) boards: Boards,
    pub(crate) grids: Grids,
    pub(crate) positions: WidgetPositions,
    pub(crate) deadline: Duration,
    pub(crate) body_bytes: usize,
    /// Places for calls that read.
    pub(crate) readers: Arc<Semaphore>,
    /// The one place for calls that write: those behind it wait here, and not on a thread.
    pub(crate) writer: Arc<Semaphore>,
    pub(crate) answers: Answers,
    pub(crate) metrics: Metrics,
}

impl State {
    /// With the rows, the callers and the limits that the options tell.
    pub(crate) fn new(options: &Options) -> Result<Self, Failure> {
        let callers = Callers::load(options.callers.as_deref())?;
        let grids = Grids::new().map_err(Failure::data)?;
        let (engine, main_index) = loading::load(options, &grids)?;
        let snapshot = engine.snapshot();
        let main_schema = snapshot.catalog().schemas().find(|schema| schema.name() == main_index);
        let boards = Boards::new(main_schema).map_err(Failure::data)?;
        Ok(Self {
            engine,
            main_index,
            callers,
            boards,
            grids,
            positions: WidgetPositions::new(),
            deadline: options.deadline,
            body_bytes: options.body_bytes,
            readers: Arc::new(Semaphore::new(options.running)),
            writer: Arc::new(Semaphore::new(1)),
            answers: Answers::default(),
            metrics: Metrics::new(routes::NAMES),
        })
    }
}
