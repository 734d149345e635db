//! Checks queries without running them: one a line on stdin, one line of JSON each on stdout.
//!
//! `check --language tql [--schema FILE | --catalog FILE] [--index NAME] [--rule query|filter|orderby] [--json]`. With
//! `--json` each line is a JSON string, so that a query may hold line breaks. Exit code 1: schema files; 2: options.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "programs speak through them")]

use std::io::BufRead as _;
use std::process::ExitCode;

use common::args::Args;
use common::output::Failure;
use serde_json::json;
use tallygrid::{Access, Catalog, Check, Context, Rule, Schema, WireDiagnostic, check_tql};

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
    let mut language = None;
    let text = |path: &str| std::fs::read_to_string(path).map_err(|e| Failure::file(format!("{path}: {e}")));
    while let Some(option) = args.option().map_err(Failure::usage)? {
        let mut value = || args.value(&option).map_err(Failure::usage);
        match option.as_str() {
            "--language" => language = Some(value()?),
            "--schema" => {
                let schema = Schema::from_json(&text(&value()?)?).map_err(Failure::data)?;
                options.catalog = Some(Catalog::new([schema]).map_err(Failure::data)?);
            }
            "--catalog" => options.catalog = Some(Catalog::from_json(&text(&value()?)?).map_err(Failure::data)?),
            "--index" => options.index = Some(value()?),
            "--rule" => {
                options.rule = match value()?.as_str() {
                    "query" => Rule::Query,
                    "filter" => Rule::Filter,
                    "orderby" => Rule::OrderBy,
                    other => return Err(Failure::usage(format!("--rule is query, filter or orderby, not `{other}`"))),
                };
            }
            "--json" => options.json = true,
            other => return Err(Failure::usage(format!("there is no option {other}"))),
        }
    }
    match language.as_deref() {
        Some("tql") => Ok(options),
        Some(other) => Err(Failure::usage(format!("--language is tql, not `{other}`"))),
        None => Err(Failure::usage("name the language: --language tql")),
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let ctx = Context::new(chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()), Access::unrestricted());
    let first = options.catalog.as_ref().and_then(|catalog| catalog.schemas().next()).map(Schema::name);
    let index = options.index.as_deref().or(first);
    let against = options.catalog.as_ref().zip(index);
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|e| Failure::file(format!("stdin: {e}")))?;
        let text = match options.json {
            true => serde_json::from_str::<String>(&line)
                .map_err(|e| Failure::usage(format!("with --json every line is a JSON string: {e}")))?,
            false => line,
        };
        let check = check_tql(&text, options.rule, against, &ctx).map_err(|e| Failure::request(e, ""))?;
        println!("{}", wire(&check));
    }
    Ok(())
}

fn wire(check: &Check) -> serde_json::Value {
    let diagnostics: Vec<WireDiagnostic> = check.diagnostics.iter().map(WireDiagnostic::from).collect();
    json!({
        "ok": check.ok,
        "supported": check.supported,
        "diagnostics": diagnostics,
        "printed": check.printed,
        "parenthesised": check.parenthesised,
    })
}
