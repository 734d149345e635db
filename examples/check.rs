//! Checks queries without running them: one a line on stdin, one line of JSON each on stdout.
//!
//! `check --language tql [--schema FILE | --catalog FILE] [--index NAME] [--rule query|filter|orderby] [--json]`. With
//! `--json` each line is a JSON string, so that a query may hold line breaks. Exit code 1: schema files; 2: options.
#![expect(clippy::print_stderr, reason = "programs speak through it")]

use std::process::ExitCode;

use common::args::Args;
use common::output::{Failure, say};
use common::{files, lines};
use serde_json::json;
use tallygrid::{Catalog, Check, Rule, Schema, WireDiagnostic, check_tql};

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "shared with the other examples")]
mod common;

#[derive(Default)]
struct Options {
    catalog: Option<Catalog>,
    index: Option<String>,
    rule: Rule,
    json: bool,
}

fn main() -> ExitCode {
    match read_options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(false),
    }
}

fn read_options() -> Result<Options, Failure> {
    let mut args = Args::from_env();
    let mut options = Options::default();
    let (mut language, mut catalog) = (None, None);
    while let Some(option) = args.option()? {
        let name = option.as_str();
        match name {
            "--language" => language = Some(args.value(name)?),
            // A schema is a catalog of one.
            "--schema" | "--catalog" => catalog = Some(args.value(name)?),
            "--index" => options.index = Some(args.value(name)?),
            "--rule" => {
                options.rule = match args.value(name)?.as_str() {
                    "query" => Rule::Query,
                    "filter" => Rule::Filter,
                    "orderby" => Rule::OrderBy,
                    other => return Err(Failure::usage(format!("--rule is query, filter or orderby, not `{other}`"))),
                };
            }
            "--json" => options.json = true,
            other => return Err(Failure::option(other, USAGE)),
        }
    }
    lines::language(language.as_deref())?;
    options.catalog = catalog.map(|path| files::catalog(&path)).transpose()?;
    match (&options.index, &options.catalog) {
        (Some(name), Some(catalog)) => files::index(catalog, name).map(drop)?,
        (Some(name), None) => {
            return Err(Failure::usage(format!("--index {name} needs a catalog that has it: --catalog FILE")));
        }
        (None, _) => {}
    }
    Ok(options)
}

fn run(options: &Options) -> Result<(), Failure> {
    let ctx = lines::context();
    let first = options.catalog.as_ref().and_then(|catalog| catalog.schemas().next()).map(Schema::name);
    let index = options.index.as_deref().or(first);
    let against = options.catalog.as_ref().zip(index);
    for line in lines::stdin() {
        let line = line?;
        let text = match options.json {
            true => serde_json::from_str::<String>(&line)
                .map_err(|e| Failure::usage(format!("with --json every line is a JSON string: {e}")))?,
            false => line,
        };
        let check = check_tql(&text, options.rule, against, &ctx).map_err(|e| Failure::request(e, ""))?;
        say(&wire(&check).to_string());
    }
    Ok(())
}

fn wire(check: &Check) -> serde_json::Value {
    let diagnostics: Vec<WireDiagnostic> = check.diagnostics.iter().map(WireDiagnostic::from).collect();
    // Whatever the language has is answered.
    json!({
        "ok": check.ok,
        "supported": true,
        "diagnostics": diagnostics,
        "printed": check.printed,
        "parenthesised": check.parenthesised,
    })
}

const USAGE: &str = "\
check --language tql [--schema FILE | --catalog FILE] [--rule query|filter|orderby] [--json] < QUERIES

  --language tql            the language of the queries, one a line on stdin
  --schema FILE             checks names and values too, against an index
  --catalog FILE            the same with several indexes; the first counts, or the one of --index NAME
  --rule NAME               what a line is: query (a whole one), filter, or orderby (the items alone)
  --json                    every line is a JSON string, so that a query may hold line breaks
";
