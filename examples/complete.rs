//! Completes queries at a cursor: one a line on stdin with `‸` as the cursor (at the end where there is none), one line of
//! JSON each on stdout.
//!
//! `complete --language tql --schema FILE [--data FILE…]`. Values are counted in the files. Exit code 1: files, data or
//! schema; 2: options.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "programs speak through them")]

use std::io::BufRead as _;
use std::process::ExitCode;

use common::args::Args;
use common::files;
use common::output::{Failure, warn};
use tallygrid::{Access, Catalog, Context, Engine, Schema, Snapshot, WireCompletion};

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "shared with the other examples")]
mod common;

/// Where a line is completed.
const CURSOR: char = '‸';

struct Options {
    schema: Schema,
    data: Vec<String>,
}

fn main() -> ExitCode {
    match read_options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(false),
    }
}

fn read_options() -> Result<Options, Failure> {
    let mut args = Args::from_env();
    let (mut language, mut schema, mut data) = (None, None, Vec::new());
    while let Some(option) = args.option().map_err(Failure::usage)? {
        match option.as_str() {
            "--language" => language = Some(args.value(&option).map_err(Failure::usage)?),
            "--schema" => schema = Some(args.value(&option).map_err(Failure::usage)?),
            "--data" => data.extend(args.values(&option).map_err(Failure::usage)?),
            other => return Err(Failure::usage(format!("there is no option {other}"))),
        }
    }
    match language.as_deref() {
        Some("tql") => {}
        Some(other) => return Err(Failure::usage(format!("--language is tql, not `{other}`"))),
        None => return Err(Failure::usage("name the language: --language tql")),
    }
    let path = schema.ok_or_else(|| Failure::usage("name the schema: --schema FILE"))?;
    let text = std::fs::read_to_string(&path).map_err(|e| Failure::file(format!("{path}: {e}")))?;
    Ok(Options { schema: Schema::from_json(&text).map_err(Failure::data)?, data })
}

fn run(options: &Options) -> Result<(), Failure> {
    let ctx = Context::new(chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()), Access::unrestricted());
    let snapshot = load(options, &ctx)?;
    let index = snapshot.index(options.schema.name(), &ctx).map_err(Failure::data)?;
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| Failure::file(format!("stdin: {e}")))?;
        let (text, offset) = match line.split_once(CURSOR) {
            Some((before, behind)) => (format!("{before}{behind}"), before.len()),
            None => (line.clone(), line.len()),
        };
        let found = index.complete_tql(&text, offset, &ctx).map_err(|e| Failure::request(e, &text))?;
        let wire: Vec<WireCompletion> = found.iter().map(WireCompletion::from).collect();
        println!("{}", serde_json::to_string(&wire).unwrap_or_default());
    }
    Ok(())
}

fn load(options: &Options, ctx: &Context) -> Result<Snapshot, Failure> {
    let catalog = Catalog::new([options.schema.clone()]).map_err(Failure::data)?;
    let engine = Engine::builder(catalog).build().map_err(Failure::data)?;
    if !options.data.is_empty() {
        let loaded = files::load(&options.data, Some(options.schema.clone())).map_err(Failure::file)?;
        let mut tx = engine.transaction(ctx).map_err(Failure::data)?;
        tx.append(options.schema.name(), &loaded.map_err(Failure::data)?.into_rows()).map_err(Failure::data)?;
        warn(&tx.commit().map_err(Failure::data)?.notes, "", false);
    }
    Ok(engine.snapshot())
}
