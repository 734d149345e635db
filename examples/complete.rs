//! Completes queries at a cursor: one a line on stdin with `‸` as the cursor (at the end where there is none), one line of
//! JSON each on stdout.
//!
//! `complete --language tql|odata --schema FILE [--data FILE…]`. Values are counted in the files. Exit code 1: files, data or
//! schema; 2: options.
#![expect(clippy::print_stderr, reason = "programs speak through it")]

use std::process::ExitCode;

use common::args::Args;
use common::lines::Language;
use common::output::{Failure, say, warn};
use common::{files, lines};
use tallygrid::{Catalog, Context, Engine, ODataQuery, Query, Schema, Snapshot, WireCompletion};

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "shared with the other examples")]
mod common;

/// Where a line is completed.
const CURSOR: char = '‸';

struct Options {
    language: Language,
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
    while let Some(option) = args.option()? {
        let name = option.as_str();
        match name {
            "--language" => language = Some(args.value(name)?),
            "--schema" => schema = Some(args.value(name)?),
            "--data" => data.extend(args.values(name)?),
            other => return Err(Failure::option(other, USAGE)),
        }
    }
    let language = lines::language(language.as_deref())?;
    let path = schema.ok_or_else(|| Failure::usage("name the schema: --schema FILE"))?;
    Ok(Options { language, schema: files::schema(&path)?, data })
}

fn run(options: &Options) -> Result<(), Failure> {
    let ctx = lines::context();
    let snapshot = load(options, &ctx)?;
    let index = snapshot.index(options.schema.name(), &ctx).map_err(Failure::data)?;
    for line in lines::stdin() {
        let line = line?;
        let (text, offset) = match line.split_once(CURSOR) {
            Some((before, behind)) => (format!("{before}{behind}"), before.len()),
            None => (line.clone(), line.len()),
        };
        let found = match options.language {
            Language::Tql => index.complete_tql(&Query::tql(text.as_str()), offset, &ctx),
            Language::OData => index.complete_odata(&ODataQuery::new(text.as_str()), offset, &ctx),
        };
        let found = found.map_err(|e| Failure::request(e, &text))?;
        let wire: Vec<WireCompletion> = found.iter().map(WireCompletion::from).collect();
        say(&serde_json::to_string(&wire).unwrap_or_default());
    }
    Ok(())
}

fn load(options: &Options, ctx: &Context) -> Result<Snapshot, Failure> {
    let catalog = Catalog::new([options.schema.clone()]).map_err(Failure::data)?;
    let engine = Engine::builder(catalog).build().map_err(Failure::data)?;
    if !options.data.is_empty() {
        let loaded = files::load(&options.data, Some(options.schema.clone()))?;
        warn(&loaded.report().notes, "", false);
        let mut tx = engine.transaction(ctx).map_err(Failure::data)?;
        tx.append(options.schema.name(), &loaded.into_rows()).map_err(Failure::data)?;
        warn(&tx.commit().map_err(Failure::data)?.notes, "", false);
    }
    Ok(engine.snapshot())
}

const USAGE: &str = "\
complete --language tql|odata --schema FILE [--data FILE…] < TEXTS

  --language tql|odata      the language of the texts, one a line on stdin with ‸ as the cursor (else at the end)
  --schema FILE             the fields that are offered
  --data FILE…              files whose values are offered, the most frequent first: .ndjson .csv .xml, each also .gz
";
