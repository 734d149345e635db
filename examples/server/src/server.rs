//! Starting, listening, and ending gracefully.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::common::args::Args;
use crate::common::output::Failure;
use crate::options::Options;
use crate::routes;
use crate::state::State;

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stopped: watch::Sender<bool>,
    serving: JoinHandle<()>,
    runtime: Runtime,
    /// How long requests that run may still take once it is stopped.
    grace: Duration,
}

impl Server {
    /// Loads the rows and listens, as the words of a command line tell.
    ///
    /// # Errors
    /// What is wrong is told on stderr; the exit code says whether with the data (1) or the words (2).
    pub fn start(words: impl IntoIterator<Item = String>) -> Result<Self, ExitCode> {
        Self::with(Args::new(words)).map_err(|failure| failure.report(false))
    }

    fn with(args: Args) -> Result<Self, Failure> {
        let options = Options::read(args)?;
        let state = Arc::new(State::new(&options)?);
        let runtime = Runtime::new().map_err(|error| Failure::file(format!("no threads: {error}")))?;
        let listening = runtime.block_on(TcpListener::bind(&options.listen));
        let told = |error: std::io::Error| Failure::usage(format!("--listen {}: {error}", options.listen));
        let listener = listening.map_err(told)?;
        let address = listener.local_addr().map_err(told)?;
        let (stopped, mut stop) = watch::channel(false);
        let serving = runtime.spawn(async move {
            let until = async move {
                let _ = stop.wait_for(|stop| *stop).await;
            };
            // Serving ends when it is told to, and by no error.
            let _ = axum::serve(listener, routes::router(state)).with_graceful_shutdown(until).await;
        });
        Ok(Self { address, stopped, serving, runtime, grace: options.deadline })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no further connection, lets the requests that run come to their end, and ends.
    pub fn stop(self) {
        let _ = self.stopped.send(true);
        let _ = self.runtime.block_on(async { tokio::time::timeout(self.grace, self.serving).await });
        self.runtime.shutdown_timeout(self.grace);
    }
}

/// The program: serves until it is interrupted or told to end.
#[must_use]
pub fn run(words: impl IntoIterator<Item = String>) -> ExitCode {
    let server = match Server::start(words) {
        Ok(server) => server,
        Err(code) => return code,
    };
    crate::common::output::note(&format!("listening at http://{}", server.address()));
    server.runtime.block_on(told_to_end());
    crate::common::output::note("ending");
    server.stop();
    ExitCode::SUCCESS
}

/// Waits for ctrl-c or, where there is such a thing, SIGTERM.
async fn told_to_end() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}
