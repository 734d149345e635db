//! The threads of an engine; the only place that names rayon. Results come in the order of the work, whoever did it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::base::budget::Budget;
use crate::base::error::{Error, Result};

/// A fixed number of worker threads; clones share them. With one thread, work runs on the caller's own.
#[derive(Clone)]
pub(crate) struct Pool {
    workers: Option<Arc<rayon::ThreadPool>>,
    n_threads: usize,
}

impl Pool {
    pub(crate) fn new(n_threads: usize) -> Result<Self> {
        let n_threads = n_threads.max(1);
        if n_threads == 1 {
            return Ok(Self { workers: None, n_threads });
        }
        let name = |i| format!("tallygrid-{i}");
        let built = rayon::ThreadPoolBuilder::new().num_threads(n_threads).thread_name(name).build();
        let workers = built.map_err(|e| Error::internal(format!("threads cannot be started: {e}")))?;
        Ok(Self { workers: Some(Arc::new(workers)), n_threads })
    }

    pub(crate) fn n_threads(&self) -> usize {
        self.n_threads
    }

    /// `work(0), work(1), … work(n - 1)` in that order. The first error in that order wins; a panic becomes an error.
    pub(crate) fn map<T: Send>(
        &self,
        n: usize,
        budget: &Budget,
        work: impl Fn(usize) -> Result<T> + Sync + Send,
    ) -> Result<Vec<T>> {
        let guarded = |i| {
            budget.check()?;
            catch_unwind(AssertUnwindSafe(|| work(i))).unwrap_or_else(|panic| Err(Error::internal(describe(&*panic))))
        };
        match &self.workers {
            Some(workers) if n > 1 => {
                let results: Vec<Result<T>> = workers.install(|| (0..n).into_par_iter().map(guarded).collect());
                results.into_iter().collect()
            }
            _ => (0..n).map(guarded).collect(),
        }
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("n_threads", &self.n_threads).finish_non_exhaustive()
    }
}

/// What a caught panic said.
pub(crate) fn describe(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("a computation failed: {}", text.unwrap_or("no reason given"))
}
