//! The command line.

use std::time::Duration;

use crate::common::args::Args;
use crate::common::output::Failure;
use crate::common::sources::Sources;

/// What the server was told at its start.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    /// The files that rows come from.
    pub(crate) sources: Sources,
    /// So many made-up runs instead of files.
    pub(crate) generate: Option<u64>,
    /// The field whose values become runs with counters.
    pub(crate) runs_by: Option<String>,
    /// The address that is listened at.
    pub(crate) listen: String,
    /// Who may ask; everyone if there is no such file.
    pub(crate) callers: Option<String>,
    /// Threads of the engine.
    pub(crate) threads: Option<usize>,
    /// Calls of the engine that run at the same time.
    pub(crate) running: usize,
    /// How long a request may take.
    pub(crate) deadline: Duration,
    /// The largest body that is read.
    pub(crate) body_bytes: usize,
}

impl Options {
    /// Reads the words of a command line.
    pub(crate) fn read(mut args: Args) -> Result<Self, Failure> {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let mut options = Self {
            sources: Sources::default(),
            generate: None,
            runs_by: None,
            listen: "127.0.0.1:8080".to_owned(),
            callers: None,
            threads: None,
            running: 2 * cores,
            deadline: Duration::from_secs(10),
            body_bytes: 1 << 20,
        };
        while let Some(option) = args.option()? {
            let name = option.as_str();
            if options.sources.take(name, &mut args)? {
                continue;
            }
            match name {
                "--generate" => options.generate = Some(args.number(name)?),
                "--runs-by" => options.runs_by = Some(args.value(name)?),
                "--listen" => options.listen = args.value(name)?,
                "--callers" => options.callers = Some(args.value(name)?),
                "--threads" => options.threads = Some(args.number(name)?),
                "--running" => options.running = args.number::<usize>(name)?.max(1),
                "--deadline-ms" => options.deadline = Duration::from_millis(args.number(name)?),
                "--body-bytes" => options.body_bytes = args.number(name)?,
                other => return Err(Failure::option(other, USAGE)),
            }
        }
        let wrong = match options.generate {
            Some(_) if !options.sources.is_empty() => Some("--generate makes rows up, and takes no files"),
            Some(_) => None,
            None => options.sources.mistake(),
        };
        wrong.map_or(Ok(options), |wrong| Err(Failure::usage(wrong)))
    }
}

const USAGE: &str = "\
server --data FILE… [--schema FILE] | --index NAME=FILE… --catalog FILE | --generate N

  --data FILE…              files of one index: .ndjson .csv .xml, each also .gz
  --schema FILE             types the files; without it they are typed by what is in them
  --index NAME=FILE…        files of several indexes, typed by --catalog FILE; the dashboard opens the first
  --generate N              N made-up runs instead of files
  --runs-by FIELD           makes a run with counters of each value of that field of the first index
  --listen ADDRESS          where to listen (127.0.0.1:8080; port 0 takes a free one, which is told on stderr)
  --callers FILE            who may ask: {\"callers\":[{\"token\",\"user\",\"write\",\"access\":{\"Index\":\"TQL\"}}]}; else everyone
  --threads N               threads of the engine (as many as cores)
  --running N               calls of the engine at the same time (twice as many as cores)
  --deadline-ms N           how long a request may take (10000); a client may ask for less with `Prefer: wait=SECONDS`
  --body-bytes N            the largest body that is read (1048576)
";
