//! Ids of what surfaces make: widgets, rows. Random unless the host has ids of its own.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::base::error::{Error, Result};
use crate::base::pool::describe;

/// Where new ids come from; clones share the source.
///
/// ```
/// use std::sync::atomic::{AtomicU32, Ordering};
/// use tallygrid::{Dashboard, Ids};
/// let (random, next) = (Ids::random(), AtomicU32::new(1));
/// let counted = Ids::from_fn(move || format!("widget-{}", next.fetch_add(1, Ordering::Relaxed)));
/// assert_eq!((Dashboard::new(random).list().e_tag, Dashboard::new(counted).list().e_tag), (1, 1));
/// ```
#[derive(Clone)]
pub struct Ids {
    source: Arc<dyn Fn() -> String + Send + Sync>,
}

impl Ids {
    /// Random UUIDs.
    #[must_use]
    pub fn random() -> Self {
        Self::from_fn(|| uuid::Uuid::new_v4().to_string())
    }

    /// What the function says, which has to be another text each time. A panic in it fails the request that needed an id.
    #[must_use]
    pub fn from_fn(source: impl Fn() -> String + Send + Sync + 'static) -> Self {
        Self { source: Arc::new(source) }
    }

    /// A new id.
    pub(super) fn next(&self) -> Result<String> {
        let asked = catch_unwind(AssertUnwindSafe(|| (self.source)()));
        asked.map_err(|panic| Error::internal(describe(&*panic)))
    }

    /// So many new ids.
    pub(super) fn take(&self, n: usize) -> Result<Vec<String>> {
        (0..n).map(|_| self.next()).collect()
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ids").finish_non_exhaustive()
    }
}
