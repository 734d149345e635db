//! Grid rows: every request of the page that the surface was founded on with its answer, every kind of column, bad input, and
//! the rows as an index.

mod cells;
mod formulas;
mod history;
mod index;
mod page;
mod refused;

use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use tallygrid::{
    Access, Catalog, Context, Engine, Error, Grid, GridAdd, GridColumn, GridDelete, GridErrorBody, GridHost, GridRead,
    GridUpdate, GridUser, Ids, IssueGrid,
};

/// A tracker with two issues, `TIS-1` also known as 10001, and some users.
#[derive(Debug)]
pub(crate) struct Tracker;

impl GridHost for Tracker {
    fn issue(&self, id_or_key: &str) -> Option<String> {
        match id_or_key {
            "TIS-1" | "10001" => Some("TIS-1".to_owned()),
            "TIS-2" => Some("TIS-2".to_owned()),
            "TIS-0" => panic!("the tracker is down"),
            _ => None,
        }
    }

    fn user(&self, wanted: &str) -> Option<GridUser> {
        let gone = |name: &str| Some(GridUser::new(name).avatar("{avatar url}"));
        match wanted {
            "LeBron James" | "Odell Beckham Jr" | "Tom Brady" => gone(wanted),
            "curry" | "Stephen Curry" => Some(GridUser::new("Stephen Curry").key("curry").username("steph")),
            "griffin" | "Blake Griffin" => Some(GridUser::new("Blake Griffin").key("griffin")),
            "crash" => panic!("the directory is down"),
            _ => None,
        }
    }
}

/// A grid, the engine that keeps its rows, and who asks.
pub(crate) struct World {
    pub(crate) grid: Grid,
    pub(crate) engine: Engine,
    pub(crate) ctx: Context,
}

impl World {
    pub(crate) fn new(columns: impl IntoIterator<Item = GridColumn>) -> Self {
        let next = AtomicU32::new(1);
        let ids = Ids::from_fn(move || next.fetch_add(1, Ordering::Relaxed).to_string());
        let grid = Grid::new("Tasks", "12345", columns, ids).unwrap().description("This is grid custom field");
        let engine = Engine::builder(Catalog::new([grid.schema().clone()]).unwrap()).threads(1).build().unwrap();
        let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
        Self { grid, engine, ctx }
    }

    pub(crate) fn rows(&self) -> IssueGrid<'_> {
        self.rows_of("TIS-1")
    }

    pub(crate) fn rows_of(&self, issue: &str) -> IssueGrid<'_> {
        self.grid.issue(issue, &self.engine, &Tracker, &self.ctx).unwrap()
    }

    pub(crate) fn add(&self, rows: &Value) -> Result<Vec<String>, Error> {
        self.rows().add(&GridAdd::from_json(json!({"rows": rows}).to_string().as_bytes())?)
    }

    pub(crate) fn update(&self, rows: &Value) -> Result<(), Error> {
        self.rows().update(&GridUpdate::from_json(json!({"rows": rows}).to_string().as_bytes())?)
    }

    pub(crate) fn delete(&self, rows: &Value) -> Result<(), Error> {
        self.rows().delete(&GridDelete::from_json(json!({"rows": rows}).to_string().as_bytes())?)
    }

    pub(crate) fn read(&self, read: &GridRead) -> Value {
        serde_json::to_value(self.rows().read(read).unwrap()).unwrap()
    }

    /// The columns of every row.
    pub(crate) fn columns(&self) -> Value {
        let rows = self.read(&GridRead::all())["rows"].as_array().unwrap().clone();
        rows.into_iter().map(|mut row| row["columns"].take()).collect()
    }
}

/// The status and the body of an error.
pub(crate) fn told(error: &Error) -> (u16, Value) {
    let body = serde_json::to_value(GridErrorBody(error)).unwrap();
    assert_eq!(body.as_object().unwrap().len(), 1);
    (error.http_status(), body["errorMessages"].clone())
}
