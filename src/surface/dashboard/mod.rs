//! Dashboards: widgets at places of a grid, with two levels of versions, and running all their queries at once.
//!
//! Reading order: [`widget`] (what is stored) → [`request`] (what is asked) → [`overlap`] → [`change`] (one list of widgets to
//! the next) → [`board`] (a list behind a lock) → [`wire`] (what goes out). Running: [`settings`] → [`run`].

pub(crate) mod board;
mod change;
mod overlap;
pub(crate) mod request;
pub(crate) mod run;
mod settings;
pub(crate) mod widget;
pub(crate) mod wire;
