//! Loads files of test runs and answers one question about them.
//!
//! `query --data FILE… [--schema FILE] [--print-schema | --tql TEXT | --odata QUERYSTRING [--dialect seed|v2|v3|v4] [--strict] |
//! --group-by FIELD [--status FIELD] [--tql TEXT] | --widget REQUEST.json [--widget-type NAME] [--data-name results]]`
//!
//! Further: `--index NAME=FILE… --catalog FILE` instead of `--data`; `--now RFC3339 --time-zone ZONE --user NAME --threads N
//! --latest --top N --skip N --format table|json --explain --timing`. The answer alone goes to stdout. Exit code 1: files, data or
//! schema; 2: query, options or widget.
#![expect(clippy::print_stderr, reason = "programs speak through them")]

use std::process::ExitCode;
use std::time::Instant;

use common::args::Args;
use common::output::{Failure, say, warn};
use common::sources::{Sources, fill};
use common::{files, table, tree};
use tallygrid::{
    Access, Catalog, Collection, Context, DEFAULT_TOP, Dialect, Engine, GridWidgetRequest, GroupBy, GroupResults,
    ODataBody, ODataQuery, Query, Reply, ResultsBody, Snapshot, Zone,
};

#[path = "common/mod.rs"]
#[expect(dead_code, reason = "shared with the other examples")]
mod common;

#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "a switch an option")]
struct Options {
    sources: Sources,
    print_schema: bool,
    tql: Option<String>,
    odata: Option<String>,
    dialect: Dialect,
    strict: bool,
    group_by: Option<String>,
    status: Option<String>,
    widget: Option<String>,
    widget_type: Option<String>,
    data_name: Option<String>,
    now: Option<String>,
    time_zone: Option<String>,
    user: Option<String>,
    latest: bool,
    threads: Option<usize>,
    top: Option<u64>,
    skip: u64,
    json: bool,
    explain: bool,
    timing: bool,
}

fn main() -> ExitCode {
    let options = match Options::read(Args::from_env()) {
        Ok(options) => options,
        Err(failure) => return failure.report(false),
    };
    match run(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(options.json),
    }
}

impl Options {
    fn read(mut args: Args) -> Result<Self, Failure> {
        let mut options = Self::default();
        while let Some(option) = args.option()? {
            let name = option.as_str();
            if options.sources.take(name, &mut args)? {
                continue;
            }
            match name {
                "--print-schema" => options.print_schema = true,
                "--tql" => options.tql = Some(args.value(name)?),
                "--odata" => options.odata = Some(args.value(name)?),
                "--dialect" => {
                    let dialect = args.value(name)?;
                    options.dialect = Dialect::named(&dialect)
                        .ok_or_else(|| Failure::usage(format!("--dialect is seed, v2, v3 or v4, not `{dialect}`")))?;
                }
                "--strict" => options.strict = true,
                "--group-by" => options.group_by = Some(args.value(name)?),
                "--status" => options.status = Some(args.value(name)?),
                "--widget" => options.widget = Some(args.value(name)?),
                "--widget-type" => options.widget_type = Some(args.value(name)?),
                "--data-name" => options.data_name = Some(args.value(name)?),
                "--now" => options.now = Some(args.value(name)?),
                "--time-zone" => options.time_zone = Some(args.value(name)?),
                "--latest" => options.latest = true,
                "--user" => options.user = Some(args.value(name)?),
                "--threads" => options.threads = Some(args.number(name)?),
                "--top" => options.top = Some(args.number(name)?),
                "--skip" => options.skip = args.number(name)?,
                "--format" => {
                    options.json = match args.value(name)?.as_str() {
                        "json" => true,
                        "table" => false,
                        other => {
                            return Err(Failure::usage(format!("--format is table or json, not `{other}`")));
                        }
                    };
                }
                "--explain" => options.explain = true,
                "--timing" => options.timing = true,
                other => return Err(Failure::option(other, USAGE)),
            }
        }
        options.one_question()?;
        Ok(options)
    }

    /// Whether one thing is asked, of files that are told.
    fn one_question(&self) -> Result<(), Failure> {
        let n_modes = usize::from(self.widget.is_some())
            + usize::from(self.print_schema)
            + usize::from(self.odata.is_some())
            + usize::from(self.group_by.is_some() || self.tql.is_some());
        let of_queries = self.explain || self.latest || self.top.is_some() || self.skip > 0;
        let wrong = match n_modes {
            0 => "ask something: --tql, --odata, --group-by, --widget or --print-schema",
            2.. => "ask one thing: --tql or --group-by, --odata, --widget, --print-schema",
            _ if self.odata.is_some() && self.skip > 0 => "--skip has no meaning with --odata, which has $skip",
            _ if self.odata.is_none() && (self.strict || self.dialect != Dialect::default()) => {
                "--dialect and --strict are of --odata"
            }
            _ if self.status.is_some() && self.group_by.is_none() => "--status is of --group-by",
            _ if self.widget.is_none() && (self.widget_type.is_some() || self.data_name.is_some()) => {
                "--widget-type and --data-name are of --widget"
            }
            _ if self.widget.is_some() && of_queries => {
                "--explain, --latest, --top and --skip have no meaning with --widget"
            }
            _ => match self.sources.mistake() {
                Some(mistake) => mistake,
                None => return Ok(()),
            },
        };
        Err(Failure::usage(wrong))
    }

    fn context(&self) -> Result<Context, Failure> {
        let now = match &self.now {
            Some(text) => chrono::DateTime::parse_from_rfc3339(text)
                .map_err(|e| {
                    Failure::usage(format!("--now takes RFC 3339 such as 2024-05-15T12:30:00Z, not `{text}`: {e}"))
                })?
                .to_utc(),
            None => std::time::SystemTime::now().into(),
        };
        let mut ctx = Context::new(now, Access::unrestricted());
        if let Some(zone) = &self.time_zone {
            ctx = ctx.time_zone(zone.parse::<Zone>().map_err(|e| Failure::request(e, ""))?);
        }
        if let Some(user) = &self.user {
            ctx = ctx.user(user);
        }
        Ok(ctx)
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    let ctx = options.context()?;
    let start = Instant::now();
    let tables = options.sources.read(options.json)?;
    let catalog = Catalog::new(tables.iter().map(|(schema, _)| schema.clone())).map_err(Failure::data)?;
    if options.print_schema {
        say(&if tables.len() == 1 { tables[0].0.to_json() } else { catalog.to_json() });
        return Ok(());
    }
    let main_index = tables[0].0.name().to_owned();
    let mut builder = Engine::builder(catalog);
    if let Some(threads) = options.threads {
        builder = builder.threads(threads);
    }
    let engine = builder.build().map_err(Failure::data)?;
    fill(&engine, &tables, &ctx, options.json)?;
    drop(tables);
    let loaded = start.elapsed();
    let start = Instant::now();
    answer(options, &engine.snapshot(), &main_index, &ctx)?;
    if options.timing {
        eprintln!("load {:.1} ms, answer {:.3} ms", loaded.as_secs_f64() * 1e3, start.elapsed().as_secs_f64() * 1e3);
    }
    Ok(())
}

fn answer(options: &Options, snapshot: &Snapshot, index: &str, ctx: &Context) -> Result<(), Failure> {
    let text = options.tql.clone().unwrap_or_default();
    let refused = |e| Failure::request(e, &text);
    if let Some(path) = &options.widget {
        return widget(options, path, snapshot, ctx);
    }
    if let Some(text) = &options.odata {
        return odata(options, text, snapshot, index, ctx);
    }
    let runs = snapshot.index(index, ctx).map_err(refused)?;
    let query = Query::tql(text.as_str()).skip(options.skip).top(options.top.unwrap_or(DEFAULT_TOP));
    let query = if options.latest { query.latest() } else { query };
    if let Some(field) = &options.group_by {
        let mut by = GroupBy::field(field);
        if let Some(status) = &options.status {
            by = by.status(status);
        }
        if options.explain {
            eprint!("{}", runs.explain_group(&by, &query, ctx).map_err(refused)?.body);
        }
        let mut answer = runs.group(&by, &query, ctx).map_err(refused)?;
        // The totals stay those of all groups.
        let skip = usize::try_from(options.skip).unwrap_or(usize::MAX).min(answer.body.rows.len());
        answer.body.rows.drain(..skip);
        answer.body.rows.truncate(options.top.and_then(|top| usize::try_from(top).ok()).unwrap_or(usize::MAX));
        warn(&answer.warnings, &text, options.json);
        return print(options, &GroupResults(&answer.body), || {
            table::status_counts(&answer.body, table::terminal_width())
        });
    }
    if options.explain {
        eprint!("{}", runs.explain(&query, ctx).map_err(refused)?.body);
    }
    let answer = runs.ask(&query, ctx).map_err(refused)?;
    warn(&answer.warnings, &text, options.json);
    let width = table::terminal_width();
    match &answer.body {
        Reply::Rows(page) => print(options, &Collection(page), || table::rows(page, width)),
        Reply::Results(results) => print(options, &ResultsBody(results), || tree::results(results, width)),
        _ => Err(Failure::usage("an answer of a kind that this program does not know")),
    }
}

/// `QUERYSTRING`, or `Index?QUERYSTRING`.
fn odata(options: &Options, text: &str, snapshot: &Snapshot, index: &str, ctx: &Context) -> Result<(), Failure> {
    let named = text.split_once('?').filter(|(name, _)| !name.contains(['$', '=', '&', '%']));
    let (index, text) = named.unwrap_or((index, text));
    let refused = |e| Failure::request(e, text);
    let mut query = ODataQuery::new(text).dialect(options.dialect).page(options.top.unwrap_or(DEFAULT_TOP));
    if options.strict {
        query = query.strict();
    }
    if options.latest {
        query = query.latest();
    }
    let rows = snapshot.index(index, ctx).map_err(refused)?;
    if options.explain {
        eprint!("{}", rows.explain_odata(&query, ctx).map_err(refused)?.body);
    }
    let answer = rows.odata(&query, ctx).map_err(refused)?;
    warn(&answer.warnings, text, options.json);
    let body = ODataBody { page: &answer.body, dialect: options.dialect, base: "" };
    print(options, &body, || table::records(&answer.body, table::terminal_width()))
}

/// A widget's answer has one form, the one on the wire.
fn widget(options: &Options, path: &str, snapshot: &Snapshot, ctx: &Context) -> Result<(), Failure> {
    let body = files::text(path)?;
    let request: GridWidgetRequest = serde_json::from_str(&body).map_err(|e| Failure::usage(format!("{path}: {e}")))?;
    let widget_type = options.widget_type.as_deref().unwrap_or("RunStatusesGroupedByField");
    let data_name = options.data_name.as_deref().unwrap_or("results");
    let query = request.query.clone().unwrap_or_default();
    let answer =
        snapshot.grid_widget(widget_type, data_name, &request, ctx).map_err(|e| Failure::request(e, &query))?;
    warn(&answer.warnings, &query, options.json);
    say(&serde_json::to_string(&answer.body).unwrap_or_default());
    Ok(())
}

fn print(options: &Options, json: &impl serde::Serialize, table: impl FnOnce() -> String) -> Result<(), Failure> {
    say(&match options.json {
        true => serde_json::to_string(json).map_err(|e| Failure::usage(e.to_string()))?,
        false => table(),
    });
    Ok(())
}

const USAGE: &str = "\
query --data FILE… [--schema FILE] --tql TEXT | --odata QUERYSTRING | --group-by FIELD | --widget REQUEST.json | --print-schema

  --data FILE…              files of one index: .ndjson .csv .xml, each also .gz
  --schema FILE             types the files; without it they are typed by what is in them
  --index NAME=FILE…        files of several indexes, typed by --catalog FILE; the first is asked
  --print-schema            prints the schema as JSON
  --tql TEXT                lists the rows that match, or answers the text's aggregates
  --odata QUERYSTRING       answers an OData request, such as '$filter=Status eq ''Failed''&$top=5' or 'Index?$apply=…'
                            [--dialect seed|v2|v3|v4] [--strict]
  --group-by FIELD          counts rows by status for each value of a field [--status FIELD] [--tql TEXT]
  --widget REQUEST.json     answers a grid widget request [--widget-type NAME] [--data-name results]
  --latest                  counts only the latest row of each test, as the schema declares it
  --now RFC3339  --time-zone ZONE  --user NAME   the circumstances of the request
  --top N (25 rows, all groups)  --skip N  --threads N  --format table|json  --explain  --timing
";
