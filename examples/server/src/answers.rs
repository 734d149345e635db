//! Equal questions about one version of the data, within one second of the clock, are answered once: a dashboard that hangs
//! on a hundred walls costs what one does. Those that ask while an answer is being made wait for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::body::Bytes;
use tokio::sync::OnceCell;

use crate::problem::Problem;

/// The answers to questions about the newest version.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    newest: Mutex<Newest>,
}

#[derive(Debug, Default)]
struct Newest {
    moment: Moment,
    known: HashMap<Question, Arc<OnceCell<Bytes>>>,
}

/// A version of the data, and a second of the clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    pub(crate) version: u64,
    pub(crate) second: u64,
}

/// What is asked, by whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Question {
    pub(crate) caller: usize,
    pub(crate) path: String,
    pub(crate) body: Bytes,
}

/// So many questions are remembered; what is asked beyond is answered each time.
const REMEMBERED: usize = 1024;

/// Longer questions and answers are not remembered.
const LONG: usize = 64 << 10;

impl Answers {
    /// The answer, by `work` if nobody has asked before. A failure is told to the one who ran into it, and kept for nobody.
    pub(crate) async fn once<W>(&self, moment: Moment, question: Question, work: W) -> Result<Bytes, Problem>
    where
        W: Future<Output = Result<Bytes, Problem>>,
    {
        let Some(cell) = self.cell(moment, &question) else { return work.await };
        let answer = cell.get_or_try_init(|| work).await?.clone();
        if answer.len() > LONG {
            self.newest().known.remove(&question);
        }
        Ok(answer)
    }

    /// Where the answer is or will be; none if the moment has passed or the memory is full.
    fn cell(&self, moment: Moment, question: &Question) -> Option<Arc<OnceCell<Bytes>>> {
        let mut newest = self.newest();
        if moment > newest.moment {
            *newest = Newest { moment, known: HashMap::new() };
        }
        if moment < newest.moment || question.body.len() > LONG {
            return None;
        }
        if let Some(cell) = newest.known.get(question) {
            return Some(cell.clone());
        }
        let has_room = newest.known.len() < REMEMBERED;
        has_room.then(|| newest.known.entry(question.clone()).or_default().clone())
    }

    fn newest(&self) -> MutexGuard<'_, Newest> {
        self.newest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use axum::body::Bytes;

    use super::{Answers, Moment, Question};
    use crate::problem::Problem;

    fn question(path: &str) -> Question {
        Question { caller: 0, path: path.to_owned(), body: Bytes::new() }
    }

    #[tokio::test]
    async fn an_answer_is_made_once_a_moment() {
        let (answers, n_made) = (Answers::default(), AtomicU32::new(0));
        let make = || async { Ok(n_made.fetch_add(1, Ordering::Relaxed).to_string().into()) };
        let ask = async |version, second, path| {
            answers.once(Moment { version, second }, question(path), make()).await.unwrap()
        };
        assert_eq!(ask(1, 7, "a").await, "0");
        assert_eq!(ask(1, 7, "a").await, "0");
        assert_eq!(ask(1, 7, "b").await, "1");
        assert_eq!(ask(1, 8, "a").await, "2", "the clock went on");
        assert_eq!(ask(2, 8, "a").await, "3", "the data went on");
        assert_eq!(ask(1, 8, "a").await, "4", "who comes late gets the version that was asked for");
        assert_eq!(ask(2, 8, "a").await, "3");
    }

    #[tokio::test]
    async fn a_failure_is_kept_for_nobody() {
        let (answers, moment) = (Answers::default(), Moment { version: 1, second: 1 });
        let failed = answers.once(moment, question("a"), async { Err(Problem::busy()) }).await;
        assert!(failed.is_err());
        assert_eq!(answers.once(moment, question("a"), async { Ok("right".into()) }).await.unwrap(), "right");
    }
}
