//! A question of a case, asked in every layout, and the answer as lines of text.

use tallygrid::{
    Context, Diagnostic, Engine, Error, GroupBy, ODataMode, ODataNames, ODataRule, Period, Rule, StatusCounts, Zone,
    check_odata, check_tql, format_tql, render,
};

use super::block::{Block, table, unfolded, words};
use super::results::results;
use super::setting::Setting;

/// The lines of a question's answer; an error where the question itself cannot be read.
pub(super) fn answer(setting: &mut Setting, block: &Block) -> Result<Vec<String>, String> {
    let text = match block.verb() {
        "list" => list(setting, block.rest())?,
        "group" => group(setting, block.rest())?,
        "aggregate" => results(setting, block.rest())?,
        "explain" => explain(setting, block.rest())?,
        "read" => read(setting, block.rest())?,
        "odata" => odata(setting, block.rest())?,
        "layout" => layout(setting, block.rest())?,
        "append" => append(setting, block)?,
        "zone" => match block.rest().parse::<Zone>() {
            Ok(zone) => zone.name().to_owned(),
            Err(error) => error.render(""),
        },
        other => return Err(format!("no block is called `{other}`")),
    };
    Ok(text.lines().map(|line| line.trim_end().to_owned()).collect())
}

/// Longest text that every layout is asked: beyond, reading it takes long, and answering it is not what it is about.
const ASKED_EVERYWHERE: usize = 10_000;

/// Asks every layout; all have to say the same.
pub(super) fn everywhere(
    setting: &mut Setting,
    text: &str,
    ask: impl Fn(&Engine, &Context) -> String,
) -> Result<String, String> {
    let ctx = setting.context();
    let n = if text.len() > ASKED_EVERYWHERE { 1 } else { usize::MAX };
    let mut answers = setting.engines()?.iter().take(n).map(|engine| ask(engine, &ctx));
    let first = answers.next().unwrap_or_default();
    match answers.find(|answer| *answer != first) {
        Some(other) => Err(format!("layouts disagree:\n{first}\n{other}")),
        None => Ok(first),
    }
}

/// The options in front of a colon, and the query behind it; without a colon everything is `whole`.
pub(super) fn parts(text: &str, is_option: fn(&str) -> bool) -> (&str, &str) {
    match text.split_once(':') {
        Some((options, query)) if options.split(' ').next().is_some_and(is_option) => (options, query.trim_start()),
        _ => ("", text),
    }
}

fn list(setting: &mut Setting, text: &str) -> Result<String, String> {
    let (options, query) = parts(text, |word| word == "skip" || word == "top");
    let (mut skip, mut top) = (0, 1000);
    let options = words(options)?;
    for option in options.chunks(2) {
        match option {
            [name, n] if name == "skip" => skip = n.parse().map_err(|_| format!("`{n}` is no number"))?,
            [name, n] if name == "top" => top = n.parse().map_err(|_| format!("`{n}` is no number"))?,
            other => return Err(format!("no option {other:?} of a list")),
        }
    }
    let text = unfolded(query)?;
    let query = setting.scope.query(&text).skip(skip).top(top);
    let index = setting.index()?.to_owned();
    everywhere(setting, &text, |engine, ctx| {
        let snapshot = engine.snapshot();
        let answer = match snapshot.index(&index, ctx).and_then(|index| index.rows(&query, ctx)) {
            Ok(answer) => answer,
            Err(error) => return shown(&error, &text),
        };
        let page = answer.body;
        let ids: Vec<String> = page.rows.iter().map(|row| printable(&row[0].to_string())).collect();
        let ids = if ids.is_empty() { "none".to_owned() } else { ids.join(" ") };
        let of = if page.rows.len() as u64 == page.total { String::new() } else { format!(" of {}", page.total) };
        // Counting goes another way than listing.
        let counted = snapshot.index(&index, ctx).and_then(|index| index.count(&query, ctx)).map(|answer| answer.body);
        assert_eq!(counted.ok(), Some(page.total), "{text}");
        format!("{ids}{of}\n{}", told(&answer.warnings, &text))
    })
}

fn group(setting: &mut Setting, text: &str) -> Result<String, String> {
    let (options, query) = text.split_once(':').unwrap_or((text, ""));
    let by = grouping(options)?;
    let text = unfolded(query.trim())?;
    let query = setting.scope.query(&text);
    let (index, scope) = (setting.index()?.to_owned(), setting.scope.clone());
    everywhere(setting, &text, |engine, ctx| {
        let snapshot = engine.snapshot();
        match snapshot.index(&index, ctx).and_then(|index| index.group(&by, &query, ctx)) {
            Ok(answer) => {
                // The query of a group counts what the group counts.
                for (row, text) in answer.body.rows.iter().filter_map(|row| Some((row, row.query.as_deref()?))) {
                    let again = snapshot.index(&index, ctx).and_then(|index| index.group(&by, &scope.query(text), ctx));
                    let again = again.unwrap_or_else(|error| panic!("{}", error.render(text))).body.totals;
                    assert_eq!(again.iter().sum::<i128>(), row.counts.iter().sum::<i128>(), "{text}");
                }
                format!("{}{}", groups(&answer.body), told(&answer.warnings, &text))
            }
            Err(error) => shown(&error, &text),
        }
    })
}

fn grouping(options: &str) -> Result<GroupBy, String> {
    let mut words = words(options)?.into_iter();
    let mut next = || words.next().ok_or_else(|| format!("`{options}` ends too early"));
    let mut by = match next()? {
        by if by == "by" => {
            let period = period(&next()?)?;
            GroupBy::period(next()?, period)
        }
        field => GroupBy::field(field),
    };
    while let Some(option) = words.next() {
        by = match option.as_str() {
            "queries" => by.with_queries(),
            "status" => by.status(words.next().ok_or("a status without a field")?),
            "sums" => by.totals(words.by_ref().map(|name| (name.clone(), name))),
            other => return Err(format!("no option `{other}` of a grouping")),
        };
    }
    Ok(by)
}

/// Without the last lines, which say how many segments and rows there are.
fn explain(setting: &mut Setting, text: &str) -> Result<String, String> {
    let (options, query) = parts(text, |word| word == "group");
    let text = unfolded(query)?;
    let by = match options.strip_prefix("group ") {
        Some(options) => Some(grouping(options)?),
        None => None,
    };
    let query = setting.scope.query(&text);
    let index = setting.index()?.to_owned();
    everywhere(setting, &text, |engine, ctx| {
        let snapshot = engine.snapshot();
        let explained = snapshot.index(&index, ctx).and_then(|index| match &by {
            Some(by) => index.explain_group(by, &query, ctx),
            None => index.explain(&query, ctx),
        });
        match explained {
            Ok(answer) => {
                let of_data = |line: &&str| line.starts_with("segments: ") || line.starts_with("rows: ");
                let plan: Vec<&str> = answer.body.lines().filter(|line| !of_data(line)).collect();
                format!("{}\n{}", plan.join("\n"), told(&answer.warnings, &text))
            }
            Err(error) => shown(&error, &text),
        }
    })
}

fn groups(groups: &StatusCounts) -> String {
    let line = |first: String, counts: &[i128], last: Option<String>| {
        let counts = counts.iter().map(ToString::to_string);
        std::iter::once(first).chain(counts).chain(last).collect::<Vec<_>>().join(" | ")
    };
    let names = groups.statuses.iter().map(|name| key(name));
    let mut lines = vec![std::iter::once(groups.field.to_string()).chain(names).collect::<Vec<_>>().join(" | ")];
    for row in &groups.rows {
        lines.push(line(key(&row.key), &row.counts, row.query.as_deref().map(printable)));
    }
    lines.push(line("total".to_owned(), &groups.totals, None));
    lines.join("\n") + "\n"
}

/// A key in quotes where its ends could not be seen.
fn key(text: &str) -> String {
    if text.trim() == text && !text.is_empty() { printable(text) } else { format!("\"{}\"", printable(text)) }
}

fn period(name: &str) -> Result<Period, String> {
    Ok(match name {
        "hour" => Period::Hour,
        "day" => Period::Day,
        "week" => Period::Week,
        "month" => Period::Month,
        "quarter" => Period::Quarter,
        "year" => Period::Year,
        other => return Err(format!("no period `{other}`")),
    })
}

fn read(setting: &Setting, text: &str) -> Result<String, String> {
    let text = unfolded(text)?;
    let check = check_tql(&text, Rule::Query, None, &setting.context()).map_err(|error| error.render(&text))?;
    let reading = check.parenthesised.unwrap_or_else(|| "mistaken".to_owned());
    let reading = if reading.is_empty() { "everything" } else { &reading };
    Ok(format!("{}\n{}", printable(reading), told(&check.diagnostics, &text)))
}

fn layout(setting: &Setting, text: &str) -> Result<String, String> {
    let text = unfolded(text)?;
    let formatted = format_tql(&text, Rule::Query, &setting.limits);
    let reading = |text: &str| check_tql(text, Rule::Query, None, &setting.context()).unwrap().parenthesised;
    assert_eq!(reading(&formatted.text), reading(&text), "{text}");
    assert_eq!(format_tql(&formatted.text, Rule::Query, &setting.limits).text, formatted.text, "{text}");
    let lines = if formatted.text == text { "unchanged" } else { &formatted.text };
    Ok(format!("{lines}\n{}", told(&formatted.diagnostics, &text)))
}

fn append(setting: &mut Setting, block: &Block) -> Result<String, String> {
    let rows = table(&block.body)?;
    everywhere(setting, "", |engine, ctx| {
        let appended = engine.transaction(ctx).and_then(|mut tx| tx.append(block.rest(), &rows));
        appended.map_or_else(|error| shown(&error, ""), |()| "ok".to_owned())
    })
}

pub(super) fn shown(error: &Error, text: &str) -> String {
    format!("{:?} error\n{}", error.kind(), told(error.diagnostics(), text))
}

/// Longest text whose mended forms are shown.
const SHOWN_MENDED: usize = 300;

/// `rule: text`, `strict rule: text`: the reading of an OData text, which reads back to itself.
fn odata(setting: &Setting, text: &str) -> Result<String, String> {
    let (options, text) = text.split_once(": ").unwrap_or((text.trim_end_matches(':'), ""));
    let (mode, rule) = match options.strip_prefix("strict ") {
        Some(rule) => (ODataMode::Strict, rule),
        None => (ODataMode::Lenient, options),
    };
    let rule = ODataRule::named(rule).ok_or_else(|| format!("no rule `{rule}`"))?;
    let text = unfolded(text)?;
    let (names, ctx) = (ODataNames::default(), setting.context());
    let check = check_odata(&text, rule, mode, &names, &ctx);
    if let Some(printed) = &check.printed {
        let again = check_odata(printed, rule, mode, &names, &ctx);
        assert_eq!(again.printed.as_ref(), Some(printed), "{text}");
        assert_eq!(again.parenthesised, check.parenthesised, "{text}");
    }
    let reading = match (&check.parenthesised, check.supported) {
        (Some(reading), true) => format!("{}\n", shortened(reading)),
        (Some(reading), false) => format!("not supported: {}\n", shortened(reading)),
        (None, _) => String::new(),
    };
    // A long text is shown by its mistakes alone.
    let told = match text.len() < ASKED_EVERYWHERE {
        true => told(&check.diagnostics, &text),
        false => check.diagnostics.iter().flat_map(|diagnostic| [diagnostic.message(), "\n"]).collect(),
    };
    Ok(reading + &told)
}

/// A reading of at most 200 characters.
fn shortened(reading: &str) -> String {
    match reading.char_indices().nth(200) {
        Some((at, _)) => format!("{}… of {}", &reading[..at], reading.len()),
        None => reading.to_owned(),
    }
}

/// Diagnostics as they are rendered, and the text as each fix would mend it.
pub(super) fn told(diagnostics: &[Diagnostic], text: &str) -> String {
    let mut out = render(diagnostics, text);
    for fix in diagnostics.iter().flat_map(Diagnostic::fixes).filter(|_| text.len() < SHOWN_MENDED) {
        let mut mended = text.to_owned();
        mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
        out.push_str(&format!("mended: {}\n", printable(&mended)));
    }
    out
}

/// Control characters as escapes, so that a line stays a line.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { format!("\\u{:04x}", c as u32) } else { c.to_string() }).collect()
}
