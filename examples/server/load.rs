//! Load: connections that ask widgets without a pause, beside a writer. Starts the server as a process of its own, with made-up
//! runs, and tells how long answers took and how its memory grew.
//!
//! `load [--runs 1000000] [--connections 200] [--seconds 30] [--updates 1000] [--own PERCENT]`. Of the questions, PERCENT are
//! asked by one connection alone, so that nobody else's answer serves them; the others are a dashboard's that all look at.
//! Exit code 1: an answer was an error, or a limit of the acceptance was missed.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "programs speak through them")]

use std::error::Error;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use client::Client;

mod client;

/// Told to itself: be the server.
const SERVE: &str = "--serve";

/// The writer sends so many batches a second.
const BATCHES: u64 = 20;

/// Before anything is measured.
const WARM_UP: Duration = Duration::from_secs(5);

/// What is promised.
const P99: Duration = Duration::from_millis(100);
/// In thousandths.
const GROWTH: u64 = 50;

/// How an answer begins.
const RIGHT: &[u8] = b"{\"Data\":{\"Results\":[";

/// The widgets of the dashboard that everyone looks at.
const WIDGETS: [(&str, &str); 10] = [
    ("RunStatusesGroupedByField", r#"{"Parameters": {"groupingField": "Project", "withQueries": true}}"#),
    ("RunStatusesGroupedByField", r#"{"Parameters": {"groupingField": "RunBy"}}"#),
    (
        "RunStatusesGroupedByField",
        r#"{"Query": "Type = AutomatedTestRun", "Parameters": {"groupingField": "Environment"}}"#,
    ),
    ("RunStatusesGroupedByField", r#"{"Query": "RunBy IN [ada, tony]", "Parameters": {"groupingField": "Package"}}"#),
    ("RunStatusesGroupedByField", r#"{"ProjectId": "mobile", "Parameters": {"groupingField": "RunNumber"}}"#),
    (
        "RunStatusesGroupedByField",
        r#"{"Query": "Name ~ smoke AND Status != Passed", "Parameters": {"groupingField": "Name"}}"#,
    ),
    (
        "RunStatusesGroupedByFieldForAutomatedRuns",
        r#"{"AllowableTypes": ["AutomatedTestRun"], "Parameters": {"groupingField": "Project"}}"#,
    ),
    (
        "RunStatusOverTime",
        r#"{"TimeZone": "America/New_York", "Parameters": {"groupingField": "CreatedAt", "groupingType": "Day"}}"#,
    ),
    (
        "RunStatusOverTime",
        r#"{"ProjectId": "search", "Parameters": {"groupingField": "FinishedAt", "groupingType": "Week"}}"#,
    ),
    ("RunStatusesGroupedByField", r#"{"Query": "CreatedAt > 2024-03-01", "Parameters": {"groupingField": "Type"}}"#),
];

#[derive(Clone, Copy)]
struct Options {
    runs: u64,
    connections: u64,
    seconds: u64,
    updates: u64,
    own: u64,
}

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some(SERVE) {
        return tallygrid_server::run(std::env::args().skip(2));
    }
    match Options::read().and_then(|options| run(&options)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

impl Options {
    fn read() -> Result<Self, Box<dyn Error>> {
        let mut options = Self { runs: 1_000_000, connections: 200, seconds: 30, updates: 1000, own: 0 };
        let mut words = std::env::args().skip(1);
        while let Some(word) = words.next() {
            let number = words.next().and_then(|value| value.parse().ok()).ok_or(format!("{word} needs a number"))?;
            match word.as_str() {
                "--runs" => options.runs = number,
                "--connections" => options.connections = number,
                "--seconds" => options.seconds = number,
                "--updates" => options.updates = number,
                "--own" => options.own = number,
                _ => return Err(format!("there is no option {word}").into()),
            }
        }
        Ok(options)
    }
}

/// The server, ended with its program.
struct Server(Child, SocketAddr);

impl Server {
    fn start(options: &Options) -> Result<Self, Box<dyn Error>> {
        let words = [SERVE, "--generate", &options.runs.to_string(), "--listen", "127.0.0.1:0"].map(str::to_owned);
        let mut program = Command::new(std::env::current_exe()?).args(words).stderr(Stdio::piped()).spawn()?;
        let told = BufReader::new(program.stderr.take().ok_or("no stderr")?);
        for line in told.lines() {
            if let Some(address) = line?.strip_prefix("listening at http://") {
                return Ok(Self(program, address.parse()?));
            }
        }
        Err("the server ended before it listened".into())
    }

    /// Resident memory in KiB, where the system tells it.
    fn resident(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse().ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What all threads share.
struct Shared {
    measuring: AtomicBool,
    ending: AtomicBool,
    n_errors: AtomicU64,
    n_updates: AtomicU64,
}

fn run(options: &Options) -> Result<bool, Box<dyn Error>> {
    let server = Server::start(options)?;
    let ids = ids(server.1, options)?;
    let shared = Shared {
        measuring: AtomicBool::new(false),
        ending: AtomicBool::new(false),
        n_errors: AtomicU64::new(0),
        n_updates: AtomicU64::new(0),
    };
    let (mut took, before, after) = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..options.connections)
            .map(|n| {
                scope.spawn({
                    let shared = &shared;
                    move || ask(n, server.1, options, shared)
                })
            })
            .collect();
        scope.spawn(|| write(&ids, server.1, options, &shared));
        std::thread::sleep(WARM_UP);
        let before = server.resident();
        shared.measuring.store(true, Ordering::Relaxed);
        std::thread::sleep(Duration::from_secs(options.seconds));
        shared.ending.store(true, Ordering::Relaxed);
        let after = server.resident();
        let took: Vec<Duration> = asking.into_iter().flat_map(|thread| thread.join().unwrap_or_default()).collect();
        (took, before, after)
    });
    took.sort_unstable();
    let at = |per_mille: usize| {
        let place = (took.len() * per_mille / 1000).min(took.len().saturating_sub(1));
        took.get(place).copied().unwrap_or_default()
    };
    let n_errors = shared.n_errors.load(Ordering::Relaxed);
    let per_second = |n: u64| n / options.seconds.max(1);
    println!("{} runs, {} connections, {} % own questions", options.runs, options.connections, options.own);
    println!("answers     {} a second, {n_errors} errors", per_second(took.len() as u64));
    println!("updates     {} a second in {BATCHES} commits", per_second(shared.n_updates.load(Ordering::Relaxed)));
    println!(
        "latency     p50 {:.1} ms, p90 {:.1}, p99 {:.1}, p99.9 {:.1}, worst {:.1}",
        ms(at(500)),
        ms(at(900)),
        ms(at(990)),
        ms(at(999)),
        ms(at(1000))
    );
    let growth = match (before, after) {
        (Some(before), Some(after)) => {
            let growth = (after * 1000 / before.max(1)).saturating_sub(1000);
            let (whole, tenth) = (growth / 10, growth % 10);
            println!("memory      {} MiB before, {} MiB after: {whole}.{tenth} % more", before / 1024, after / 1024);
            growth
        }
        _ => 0,
    };
    Ok(n_errors == 0 && at(990) <= P99 && growth <= GROWTH)
}

/// One connection's questions, each as soon as the one before is answered. How long each took.
fn ask(n: u64, address: SocketAddr, options: &Options, shared: &Shared) -> Vec<Duration> {
    let mut took = Vec::new();
    let Ok(mut client) = Client::connect(address) else {
        shared.n_errors.fetch_add(1, Ordering::Relaxed);
        return took;
    };
    let mut turn = n;
    while !shared.ending.load(Ordering::Relaxed) {
        turn += 1;
        let (widget, shared_body) = WIDGETS[(turn % WIDGETS.len() as u64) as usize];
        let own = (turn * 37 + n * 11) % 100 < options.own;
        let own_body = format!(
            r#"{{"Query": "RunNumber != {n} AND RunBy != nobody{turn}", "Parameters": {{"groupingField": "Project"}}}}"#
        );
        let (widget, body) = if own { (WIDGETS[0].0, own_body.as_str()) } else { (widget, shared_body) };
        let begun = Instant::now();
        let answer = client.ask("POST", &format!("/api/gridwidget/{widget}/data/results"), &[], body.as_bytes());
        let wrong = match answer {
            Ok(answer) if answer.status == 200 && answer.body.starts_with(RIGHT) => None,
            Ok(answer) => Some(String::from_utf8_lossy(&answer.body).into_owned()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(wrong) = wrong {
            if shared.n_errors.fetch_add(1, Ordering::Relaxed) == 0 {
                eprintln!("{widget} {body}: {wrong}");
            }
            return took;
        }
        if shared.measuring.load(Ordering::Relaxed) {
            took.push(begun.elapsed());
        }
    }
    took
}

/// Changes rows at the rate that was asked for, in batches at even times.
fn write(ids: &[String], address: SocketAddr, options: &Options, shared: &Shared) {
    let statuses = ["Passed", "Failed", "InProgress", "Blocked", "Skipped"];
    let Ok(mut client) = Client::connect(address) else { return };
    let begun = Instant::now();
    let mut turn = 0_u64;
    for batch in 0_u32.. {
        if shared.ending.load(Ordering::Relaxed) {
            return;
        }
        let due = Duration::from_secs(1) / BATCHES as u32 * batch;
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        let mut body = String::from("[");
        for at in 0..options.updates / BATCHES {
            turn += 1;
            let id = &ids[(turn.wrapping_mul(7919) % ids.len() as u64) as usize];
            let status = statuses[((turn + turn / 7) % statuses.len() as u64) as usize];
            let comma = if at == 0 { "" } else { "," };
            body +=
                &format!(r#"{comma}{{"Key":"{id}","Cells":{{"Status":"{status}","Totals.Passed":{}}}}}"#, turn % 50);
        }
        body.push(']');
        let answer = client.ask("PATCH", "/api/indexes/Run/rows", &[], body.as_bytes());
        if !answer.is_ok_and(|answer| answer.status == 200) {
            shared.n_errors.fetch_add(1, Ordering::Relaxed);
            return;
        }
        if shared.measuring.load(Ordering::Relaxed) {
            shared.n_updates.fetch_add(options.updates / BATCHES, Ordering::Relaxed);
        }
    }
}

/// Keys of rows from all over the index.
fn ids(address: SocketAddr, options: &Options) -> Result<Vec<String>, Box<dyn Error>> {
    let mut client = Client::connect(address)?;
    let mut ids = Vec::new();
    for part in 0..20 {
        let skip = options.runs / 20 * part;
        let body = format!(r#"{{"$top": 500, "$skip": {skip}}}"#);
        let answer = client.ask("POST", "/api/search/Run", &[], body.as_bytes())?;
        let page: serde_json::Value = serde_json::from_slice(&answer.body)?;
        let rows = page["Items"].as_array().ok_or("no rows")?;
        ids.extend(rows.iter().filter_map(|row| row["Id"].as_str().map(str::to_owned)));
    }
    if ids.is_empty() { Err("no rows".into()) } else { Ok(ids) }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
