//! The engine: the published version, the one writer's place, and the threads.

use std::num::NonZero;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::keys::KeyIndex;
use crate::data::version::{IndexVersion, Version};
use crate::engine::context::Context;
use crate::engine::snapshot::Snapshot;
use crate::engine::transaction::Transaction;
use crate::model::catalog::Catalog;

/// Rows of a full segment: 16 blocks.
const SEGMENT_ROWS: u32 = 65_536;

/// How long a waiting writer sleeps before it looks at its cancel switch again.
const WRITER_POLL: Duration = Duration::from_millis(20);

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

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) published: RwLock<Arc<Version>>,
    pub(crate) pool: Pool,
    /// Held by the one writer; readers never touch it.
    writer: Mutex<WriterPlace>,
    writer_left: Condvar,
}

/// What belongs to the writer.
#[derive(Debug)]
struct WriterPlace {
    taken: bool,
    /// By index; away while a writer has them.
    keys: Vec<KeyIndex>,
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

    /// The right to change, one holder at a time; waits for it until the context's deadline.
    ///
    /// # Errors
    /// `Deadline` or `Cancelled` while another transaction is open.
    pub fn transaction(&self, ctx: &Context) -> Result<Transaction> {
        let keys = self.shared.enter(&ctx.budget())?;
        Ok(Transaction::new(self.shared.clone(), keys))
    }
}

impl EngineBuilder {
    /// With this many threads instead of one for each processor; 1 keeps all work on the calling thread.
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
    /// `Internal` if threads cannot be started.
    pub fn build(self) -> Result<Engine> {
        let threads = self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, NonZero::get));
        let empty = |schema: &crate::model::schema::Schema| {
            Arc::new(IndexVersion::empty(Arc::new(schema.clone()), self.segment_rows))
        };
        let indexes: Vec<_> = self.catalog.schemas().map(empty).collect();
        let keys = indexes.iter().map(|_| KeyIndex::default()).collect();
        let version = Version { number: 0, catalog: self.catalog, indexes };
        let shared = Shared {
            published: RwLock::new(Arc::new(version)),
            pool: Pool::new(threads)?,
            writer: Mutex::new(WriterPlace { taken: false, keys }),
            writer_left: Condvar::new(),
        };
        Ok(Engine { shared: Arc::new(shared) })
    }
}

impl Shared {
    /// The published version.
    pub(crate) fn current(&self) -> Arc<Version> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the writer's place and the key indexes with it.
    fn enter(&self, budget: &Budget) -> Result<Vec<KeyIndex>> {
        let mut place = self.lock_writer();
        while place.taken {
            budget.check()?;
            let waited = self.writer_left.wait_timeout(place, WRITER_POLL);
            place = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        place.taken = true;
        Ok(std::mem::take(&mut place.keys))
    }

    /// Gives the writer's place back.
    pub(crate) fn leave(&self, keys: Vec<KeyIndex>) {
        *self.lock_writer() = WriterPlace { taken: false, keys };
        self.writer_left.notify_one();
    }

    /// Makes a version the one that new snapshots see.
    pub(crate) fn publish(&self, version: Version) {
        *self.published.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(version);
    }

    fn lock_writer(&self) -> MutexGuard<'_, WriterPlace> {
        // The place is consistent after a panic: it only changes in whole assignments.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
