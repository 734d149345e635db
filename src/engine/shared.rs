//! What an engine and its transactions share: the published version, the threads, and the one writer's place.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use crate::base::budget::Budget;
use crate::base::error::Result;
use crate::base::pool::Pool;
use crate::data::keys::KeyIndex;
use crate::data::version::Version;

/// How long a waiting writer sleeps before it looks at its cancel switch again.
const WRITER_POLL: Duration = Duration::from_millis(20);

#[derive(Debug)]
pub(crate) struct Shared {
    published: RwLock<Arc<Version>>,
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

impl Shared {
    /// Publishes the first version.
    pub(crate) fn new(version: Version, pool: Pool) -> Self {
        let keys = version.indexes.iter().map(|_| KeyIndex::default()).collect();
        Self {
            published: RwLock::new(Arc::new(version)),
            pool,
            writer: Mutex::new(WriterPlace { taken: false, keys }),
            writer_left: Condvar::new(),
        }
    }

    /// The published version.
    pub(crate) fn current(&self) -> Arc<Version> {
        self.published.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes the writer's place and the key indexes with it.
    pub(crate) fn enter(&self, budget: &Budget) -> Result<Vec<KeyIndex>> {
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
