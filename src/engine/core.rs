//! The engine and its builder.

use std::num::NonZero;
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::pool::Pool;
use crate::data::version::{IndexVersion, Version};
use crate::engine::context::Context;
use crate::engine::shared::Shared;
use crate::engine::snapshot::Snapshot;
use crate::engine::transaction::Transaction;
use crate::model::catalog::Catalog;

/// Rows of a full segment: 16 blocks.
const SEGMENT_ROWS: u32 = 65_536;

/// An in-memory store of indexes that answers queries. Cloning shares it; every method may be called from any thread.
///
/// ```
/// use tallygrid::{Access, Catalog, Context, Engine, Field, GroupBy, Kind, Query, Rows, Schema};
///
/// let schema = Schema::builder("Run")
///     .field(Field::new("Suite", Kind::Keyword))
///     .field(Field::new("Status", Kind::Keyword))
///     .build()?;
/// let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
///
/// let mut tx = engine.transaction(&ctx)?;
/// let rows = Rows::new(["Suite", "Status"])
///     .row(["Login".into(), "Passed".into()])
///     .row(["Login".into(), "Failed".into()])
///     .row(["Cart".into(), "Passed".into()]);
/// tx.append("Run", &rows)?;
/// tx.commit()?;
///
/// let snapshot = engine.snapshot();
/// let groups = snapshot.index("Run", &ctx)?.group(&GroupBy::field("Suite"), &Query::tql("Status != Blocked"), &ctx)?;
/// assert_eq!(groups.body.statuses, ["Failed", "Passed"]);
/// assert_eq!(groups.body.rows[1].key, "Login");
/// assert_eq!(groups.body.rows[1].counts, [1, 1]);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Engine {
    shared: Arc<Shared>,
}

/// Settings of an engine until [`EngineBuilder::build`].
#[derive(Clone, Debug)]
pub struct EngineBuilder {
    catalog: Catalog,
    threads: Option<usize>,
    segment_rows: u32,
}

impl Engine {
    /// Starts an engine over the indexes of a catalog.
    #[must_use]
    pub fn builder(catalog: Catalog) -> EngineBuilder {
        EngineBuilder { catalog, threads: None, segment_rows: SEGMENT_ROWS }
    }

    /// Everything committed so far. `O(1)`; never waits for a writer.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::new(self.shared.current(), self.shared.pool.clone())
    }

    /// The right to change, one holder at a time; waits for it until the context's deadline. Of the context nothing else
    /// counts: whoever holds a transaction may change every row, so a server decides before it asks for one who may write.
    ///
    /// # Errors
    /// `Deadline` or `Cancelled` while another transaction is open.
    pub fn transaction(&self, ctx: &Context) -> Result<Transaction> {
        let keys = self.shared.enter(&ctx.budget())?;
        Ok(Transaction::new(self.shared.clone(), keys))
    }
}

/// Most threads of an engine: more than processors of a machine, and few enough to start.
const MOST_THREADS: usize = 1024;

impl EngineBuilder {
    /// With this many threads, at most 1,024, instead of one for each processor; 1 keeps all work on the calling thread.
    #[must_use]
    pub fn threads(mut self, n: usize) -> Self {
        self.threads = Some(n);
        self
    }

    /// With segments of this many rows (at least 1) instead of 65,536. Answers never depend on it.
    #[must_use]
    pub fn segment_rows(mut self, n: u32) -> Self {
        self.segment_rows = n.max(1);
        self
    }

    /// The engine, without rows.
    ///
    /// # Errors
    /// `Limit` for more threads than an engine can have, `Internal` if threads cannot be started.
    pub fn build(self) -> Result<Engine> {
        let available = || std::thread::available_parallelism().map_or(1, NonZero::get).min(MOST_THREADS);
        let threads = self.threads.unwrap_or_else(available);
        if threads > MOST_THREADS {
            let help = "as many threads as there are processors do all that can be done";
            return Err(Error::fixed_limit("threads", MOST_THREADS as u64, threads, help));
        }
        let empty = |schema: &crate::model::schema::Schema| {
            Arc::new(IndexVersion::empty(Arc::new(schema.clone()), self.segment_rows))
        };
        let indexes: Vec<_> = self.catalog.schemas().map(empty).collect();
        let version = Version { number: 0, catalog: self.catalog, indexes };
        let shared = Shared::new(version, Pool::new(threads)?);
        Ok(Engine { shared: Arc::new(shared) })
    }
}
