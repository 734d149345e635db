//! Checks queries without running them: one a line on stdin, one line of JSON each on stdout.
//!
//! `check --language tql [--schema FILE | --catalog FILE] [--index NAME] [--rule query|filter|orderby] [--json]`;
//! `check --language odata [--rule NAME] [--strict] [--model FILE…] [--json]`. With `--json` each line is a JSON string, so that
//! a query may hold line breaks. Exit code 1: files; 2: options.
#![expect(clippy::print_stderr, reason = "programs speak through it")]

use std::collections::BTreeMap;
use std::process::ExitCode;

use common::args::Args;
use common::output::{Failure, say};
use common::{files, lines};
use serde_json::json;
use tallygrid::{
    Catalog, Check, Context, ODataMode, ODataNames, ODataRule, Rule, Schema, WireDiagnostic, check_odata, check_tql,
};

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "shared with the other examples")]
mod common;

struct Options {
    language: Language,
    json: bool,
}

/// The language, with what is asked of its texts.
enum Language {
    Tql { rule: Rule, catalog: Option<Catalog>, index: Option<String> },
    OData { rule: ODataRule, mode: ODataMode, names: ODataNames },
}

fn main() -> ExitCode {
    match read_options().and_then(|options| run(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(false),
    }
}

fn read_options() -> Result<Options, Failure> {
    let mut args = Args::from_env();
    let (mut language, mut catalog, mut index, mut rule) = (None, None, None, None);
    let (mut mode, mut models, mut json) = (None, Vec::new(), false);
    while let Some(option) = args.option()? {
        let name = option.as_str();
        match name {
            "--language" => language = Some(args.value(name)?),
            // A schema is a catalog of one.
            "--schema" | "--catalog" => catalog = Some(args.value(name)?),
            "--index" => index = Some(args.value(name)?),
            "--rule" => rule = Some(args.value(name)?),
            "--strict" => mode = Some(ODataMode::Strict),
            "--model" => models.extend(args.values(name)?),
            "--json" => json = true,
            other => return Err(Failure::option(other, USAGE)),
        }
    }
    let language = match language.as_deref() {
        Some("odata") if catalog.is_some() || index.is_some() => {
            return Err(Failure::usage("--schema, --catalog and --index are for TQL"));
        }
        Some("odata") => odata(rule.as_deref(), mode.unwrap_or_default(), &models)?,
        _ if mode.is_some() || !models.is_empty() => return Err(Failure::usage("--strict and --model are for OData")),
        Some("tql") => tql(rule.as_deref(), catalog.as_deref(), index)?,
        Some(other) => return Err(Failure::usage(format!("--language is tql or odata, not `{other}`"))),
        None => return Err(Failure::usage("name the language: --language tql or --language odata")),
    };
    Ok(Options { language, json })
}

fn tql(rule: Option<&str>, catalog: Option<&str>, index: Option<String>) -> Result<Language, Failure> {
    let rule = match rule {
        None | Some("query") => Rule::Query,
        Some("filter") => Rule::Filter,
        Some("orderby") => Rule::OrderBy,
        Some(other) => return Err(Failure::usage(format!("--rule is query, filter or orderby, not `{other}`"))),
    };
    let catalog = catalog.map(files::catalog).transpose()?;
    match (&index, &catalog) {
        (Some(name), Some(catalog)) => files::index(catalog, name).map(drop)?,
        (Some(name), None) => {
            return Err(Failure::usage(format!("--index {name} needs a catalog that has it: --catalog FILE")));
        }
        (None, _) => {}
    }
    Ok(Language::Tql { rule, catalog, index })
}

fn odata(rule: Option<&str>, mode: ODataMode, models: &[String]) -> Result<Language, Failure> {
    let find = |name| ODataRule::named(name).ok_or_else(|| Failure::usage(format!("there is no rule `{name}`")));
    let rule = rule.map(find).transpose()?.unwrap_or_default();
    let mut names = ODataNames::default();
    for path in models {
        let wrong = |e: &dyn std::fmt::Display| Failure::file(format!("{path}: {e}"));
        let text = std::fs::read_to_string(path).map_err(|e| wrong(&e))?;
        let roles: BTreeMap<String, Vec<String>> = serde_json::from_str(&text).map_err(|e| wrong(&e))?;
        for (role, known) in &roles {
            names = known.iter().fold(names, |names, name| names.with(role, name));
        }
    }
    Ok(Language::OData { rule, mode, names })
}

fn run(options: &Options) -> Result<(), Failure> {
    let ctx = lines::context();
    for line in lines::stdin() {
        let line = line?;
        let text = match options.json {
            true => serde_json::from_str::<String>(&line)
                .map_err(|e| Failure::usage(format!("with --json every line is a JSON string: {e}")))?,
            false => line,
        };
        say(&wire(&check(&text, &options.language, &ctx)?).to_string());
    }
    Ok(())
}

fn check(text: &str, language: &Language, ctx: &Context) -> Result<Check, Failure> {
    match language {
        Language::Tql { rule, catalog, index } => {
            let first = catalog.as_ref().and_then(|catalog| catalog.schemas().next()).map(Schema::name);
            let against = catalog.as_ref().zip(index.as_deref().or(first));
            check_tql(text, *rule, against, ctx).map_err(|e| Failure::request(e, ""))
        }
        Language::OData { rule, mode, names } => Ok(check_odata(text, *rule, *mode, names, ctx)),
    }
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

const USAGE: &str = "\
check --language tql [--schema FILE | --catalog FILE] [--rule query|filter|orderby] [--json] < QUERIES
check --language odata [--rule NAME] [--strict] [--model FILE…] [--json] < QUERIES

  --language tql|odata      the language of the queries, one a line on stdin
  --schema FILE             TQL: checks names and values too, against an index
  --catalog FILE            the same with several indexes; the first counts, or the one of --index NAME
  --rule NAME               what a line is. TQL: query (a whole one), filter, or orderby (the items alone). OData: options (a
                            whole request), filter, orderby, select, expand, compute, search, apply, literal, or a rule of the
                            standard's grammar such as commonExpr
  --strict                  OData: the standard to the letter
  --model FILE              OData: what is known of names, JSON such as {\"primitiveKeyProperty\":[\"Id\"]}
  --json                    every line is a JSON string, so that a query may hold line breaks
";
