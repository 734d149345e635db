//! The engine's calls. They compute and do not wait, so they run on blocking threads: few at a time, with the request's
//! deadline, and cancelled when the client goes away.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, Response, StatusCode};
use chrono::{DateTime, Utc};
use tallygrid::{Cancel, Context, Error, Snapshot, Transaction};
use tokio::sync::Semaphore;

use crate::answers::{Moment, Question};
use crate::callers::Caller;
use crate::problem::Problem;
use crate::state::State;
use crate::{body, reply};

/// The version of the data that a response speaks of.
pub(crate) const VERSION: HeaderName = HeaderName::from_static("tallygrid-version");

/// A request's circumstances, known before its body is read.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) state: Arc<State>,
    pub(crate) caller: Caller,
    /// Full seconds since 1970: what `Now()` says. Equal questions of one second have one answer.
    pub(crate) second: u64,
    deadline: Instant,
}

impl Asked {
    fn new(state: Arc<State>, request: &Parts) -> Result<Self, Problem> {
        let caller = state.callers.of(request)?;
        let deadline = Instant::now() + patience(request).map_or(state.deadline, |wait| wait.min(state.deadline));
        let second = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Ok(Self { state, caller, second, deadline })
    }

    fn context(&self, cancel: Cancel) -> Context {
        let now = DateTime::<Utc>::from(UNIX_EPOCH + Duration::from_secs(self.second));
        let ctx = Context::new(now, self.caller.access.clone()).deadline(self.deadline).cancel(cancel);
        match &self.caller.user {
            Some(user) => ctx.user(user),
            None => ctx,
        }
    }

    /// Asks one moment of the data.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        snapshot: Snapshot,
        work: impl FnOnce(&Snapshot, &Context) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let readers = self.state.readers.clone();
        self.run(readers, move |_, ctx| work(&snapshot, ctx)).await
    }

    /// Asks by calls that take a snapshot themselves.
    pub(crate) async fn look<T: Send + 'static>(
        &self,
        work: impl FnOnce(&State, &Context) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.run(self.state.readers.clone(), work).await
    }

    /// Changes the data by calls that make a transaction themselves.
    pub(crate) async fn alter<T: Send + 'static>(
        &self,
        work: impl FnOnce(&State, &Context) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.caller.writes()?;
        self.run(self.state.writer.clone(), work).await
    }

    /// The answer to a question about the newest data as a response: made by `work`, unless the same has just been asked.
    pub(crate) async fn answer(
        &self,
        path: String,
        body: Bytes,
        work: impl FnOnce(&Snapshot, &Context) -> Result<Bytes, Problem> + Send + 'static,
    ) -> Result<Response<Body>, Problem> {
        let snapshot = self.state.engine.snapshot();
        let moment = Moment { version: snapshot.version(), second: self.second };
        let question = Question { caller: self.caller.number, path, body };
        let bytes = self.state.answers.once(moment, question, self.read(snapshot, work)).await?;
        let mut response = reply::of_bytes(StatusCode::OK, bytes);
        response.headers_mut().insert(VERSION, moment.version.into());
        Ok(response)
    }

    /// Changes the data: everything or, if `work` fails, nothing.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Transaction, &Context) -> Result<T, Error> + Send + 'static,
    ) -> Result<(T, u64), Problem> {
        self.alter(|state, ctx| {
            let mut transaction = state.engine.transaction(ctx)?;
            let done = work(&mut transaction, ctx)?;
            Ok((done, transaction.commit()?.version))
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        places: Arc<Semaphore>,
        work: impl FnOnce(&State, &Context) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let waiting = tokio::time::timeout_at(self.deadline.into(), places.acquire_owned());
        let place = waiting.await.map_err(|_| Problem::busy())?.map_err(|_| Problem::internal())?;
        let gone = Gone(Cancel::new());
        let (state, ctx) = (self.state.clone(), self.context(gone.0.clone()));
        let result = tokio::task::spawn_blocking(move || {
            let result = work(&state, &ctx);
            drop(place);
            result
        });
        result.await.map_err(|_| Problem::internal())?
    }
}

impl FromRequestParts<Arc<State>> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(request: &mut Parts, state: &Arc<State>) -> Result<Self, Problem> {
        Self::new(state.clone(), request)
    }
}

/// The whole body of a request.
pub(crate) struct Whole(pub(crate) Bytes);

impl FromRequest<Arc<State>> for Whole {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &Arc<State>) -> Result<Self, Problem> {
        body::bytes(request.into_body(), state.body_bytes).await.map(Self)
    }
}

/// How long the client waits at most, if it says so: `Prefer: wait=SECONDS` (RFC 7240).
fn patience(request: &Parts) -> Option<Duration> {
    let preferences = request.headers.get_all("prefer").iter().filter_map(|value| value.to_str().ok());
    let wait = preferences.flat_map(|value| value.split(',')).find_map(|part| part.trim().strip_prefix("wait="));
    wait?.parse().ok().map(Duration::from_secs)
}

/// Throws the switch when a request's future is dropped, which is what happens when its client goes away. Thrown after the
/// work is done it does nothing.
struct Gone(Cancel);

impl Drop for Gone {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use axum::http::Request;
    use tallygrid::{ErrorKind, Query};
    use tokio::sync::oneshot;

    use super::Asked;
    use crate::common::args::Args;
    use crate::options::Options;
    use crate::problem::Problem;
    use crate::state::State;

    fn asked(words: &[&str]) -> Asked {
        let words = words.iter().map(|word| (*word).to_owned());
        let options = Options::read(Args::new(words)).unwrap_or_else(|_| panic!("the options are wrong"));
        let state = State::new(&options).unwrap_or_else(|_| panic!("the rows are wrong"));
        Asked::new(Arc::new(state), &Request::new(()).into_parts().0).unwrap()
    }

    #[tokio::test]
    async fn work_ends_when_its_client_goes_away() {
        let asked = asked(&["--generate", "10"]);
        let (begun, has_begun) = oneshot::channel();
        let (ended, has_ended) = oneshot::channel();
        let work = asked.read(asked.state.engine.snapshot(), move |snapshot, ctx| {
            begun.send(()).unwrap();
            let error = loop {
                let counted =
                    snapshot.index("Run", ctx).and_then(|runs| runs.count(&Query::tql("Status = Failed"), ctx));
                if let Err(error) = counted {
                    break error;
                }
            };
            ended.send(error.kind()).unwrap();
            Ok(())
        });
        tokio::select! {
            _ = work => panic!("nothing ends it but the cancel switch"),
            begun = has_begun => begun.unwrap(),
        }
        // The future is dropped now, as a framework drops it when the connection is closed.
        assert_eq!(has_ended.await.unwrap(), ErrorKind::Cancelled);
    }

    #[tokio::test]
    async fn who_finds_no_place_before_the_deadline_is_told_so() {
        let asked = asked(&["--generate", "10", "--running", "1", "--deadline-ms", "1"]);
        let _place = asked.state.readers.clone().acquire_owned().await.unwrap();
        let problem = asked.read(asked.state.engine.snapshot(), |_, _| Ok(())).await.unwrap_err();
        assert!(matches!(problem, Problem::Server { code: "busy", .. }));
    }
}
