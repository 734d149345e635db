//! A second opinion: queries as trees, written as TQL and asked of plain rows, one at a time. Shares no code with the
//! library but the values of cells.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use tallygrid::{Collation, DeclaredValue, Field, Kind, Schema, Value};

/// The columns of the test index; `Row` holds a value for each.
pub(crate) const COLUMNS: [&str; 11] =
    ["Suite", "Status", "Note", "Tags", "Runs", "Score", "Flaky", "At", "Day", "Took", "Exact"];

pub(crate) type Row = Vec<Value>;

pub(crate) fn schema() -> Schema {
    let statuses =
        [DeclaredValue::new("Passed").alias("OK"), DeclaredValue::new("In Progress"), DeclaredValue::new("Failed")];
    Schema::builder("Run")
        .field(Field::new("Suite", Kind::Keyword))
        .field(Field::new("Status", Kind::Status).values(statuses))
        .field(Field::new("Note", Kind::Text))
        .field(Field::new("Tags", Kind::Keyword).multi())
        .field(Field::new("Runs", Kind::Integer))
        .field(Field::new("Score", Kind::Decimal))
        .field(Field::new("Flaky", Kind::Boolean))
        .field(Field::new("At", Kind::DateTime))
        .field(Field::new("Day", Kind::Date))
        .field(Field::new("Took", Kind::Duration))
        .field(Field::new("Exact", Kind::Keyword).collation(Collation::Exact))
        .build()
        .unwrap()
}

/// A test of one column.
#[derive(Clone, Debug)]
pub(crate) enum Leaf {
    /// `column = any of texts`, on Suite, Status, Tags or Exact.
    OneOf {
        column: usize,
        texts: Vec<String>,
        negated: bool,
    },
    /// `column op number`, on Runs.
    Number {
        op: &'static str,
        number: i64,
    },
    /// `Runs [NOT] IN [low, high]`.
    Between {
        low: i64,
        high: i64,
        negated: bool,
    },
    /// `Score op number/100`.
    Score {
        op: &'static str,
        hundredths: i64,
    },
    Flaky {
        is: bool,
        negated: bool,
    },
    /// `At op instant`, in seconds.
    At {
        op: &'static str,
        seconds: i64,
    },
    /// `Day op day`, in days since 1970.
    Day {
        op: &'static str,
        day: i32,
    },
    /// `Took op duration`, in tenths of a second.
    Took {
        op: &'static str,
        tenths: i64,
    },
    Empty {
        column: usize,
        negated: bool,
    },
    /// `column ~ any of words`, on Suite, Note or Tags; the last word may end in `*`.
    Words {
        column: usize,
        words: Vec<String>,
        negated: bool,
    },
}

/// A filter: operands from left to right, each with the joiner in front of it and NOT or not.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    Leaf(Leaf),
    Chain(Vec<Link>),
}

#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) is_and: bool,
    pub(crate) negated: bool,
    pub(crate) operand: Filter,
}

/// The text of a filter.
pub(crate) fn text(filter: &Filter) -> String {
    match filter {
        Filter::Leaf(leaf) => leaf_text(leaf),
        Filter::Chain(links) => {
            let mut out = String::new();
            for (i, link) in links.iter().enumerate() {
                if i > 0 {
                    out.push_str(if link.is_and { " AND " } else { " or\n" });
                }
                if link.negated {
                    out.push_str("NOT ");
                }
                match &link.operand {
                    chain @ Filter::Chain(_) => out.push_str(&format!("({})", text(chain))),
                    leaf @ Filter::Leaf(_) => out.push_str(&text(leaf)),
                }
            }
            out
        }
    }
}

fn leaf_text(leaf: &Leaf) -> String {
    let quote = |text: &String| format!("'{text}'");
    match leaf {
        Leaf::OneOf { column, texts, negated } => match (&texts[..], negated) {
            ([one], false) => format!("{}={}", COLUMNS[*column], quote(one)),
            ([one], true) => format!("{} != {}", COLUMNS[*column], quote(one)),
            (many, negated) => {
                let list: Vec<String> = many.iter().map(quote).collect();
                format!("{} {}IN [{}]", COLUMNS[*column], if *negated { "NOT " } else { "" }, list.join(","))
            }
        },
        Leaf::Number { op, number } => format!("Runs {op} {number}"),
        Leaf::Between { low, high, negated } => {
            format!("runs {}in [{low}, {high}]", if *negated { "not " } else { "" })
        }
        Leaf::Score { op, hundredths } => {
            let sign = if *hundredths < 0 { "-" } else { "" };
            format!("Score {op} {sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100)
        }
        Leaf::Flaky { is, negated } => {
            format!("Flaky {} {}", if *negated { "!=" } else { "=" }, if *is { "Yes" } else { "false" })
        }
        Leaf::At { op, seconds } => {
            let at = chrono::DateTime::from_timestamp(*seconds, 0).unwrap();
            format!("At {op} {}", at.format("%Y-%m-%dT%H:%M:%SZ"))
        }
        Leaf::Day { op, day } => {
            let date = chrono::DateTime::from_timestamp(i64::from(*day) * 86_400, 0).unwrap();
            format!("Day {op} {}", date.format("%Y-%m-%d"))
        }
        Leaf::Took { op, tenths } => {
            let (sign, n) = (if *tenths < 0 { "-" } else { "" }, tenths.abs());
            format!("Took {op} {sign}{:02}:{:02}:{:02}.{}", n / 36_000, n / 600 % 60, n / 10 % 60, n % 10)
        }
        Leaf::Empty { column, negated } => {
            format!("{} IS {}EMPTY", COLUMNS[*column], if *negated { "NOT " } else { "" })
        }
        Leaf::Words { column, words, negated } => {
            format!("{} {} \"{}\"", COLUMNS[*column], if *negated { "!~" } else { "~" }, words.join(" "))
        }
    }
}

/// Whether a row passes.
pub(crate) fn passes(filter: &Filter, row: &Row) -> bool {
    match filter {
        Filter::Leaf(leaf) => leaf_passes(leaf, row),
        Filter::Chain(links) => {
            let (mut result, mut at) = operand(links, 0, row);
            while at < links.len() {
                let is_and = links[at].is_and;
                let (right, next) = operand(links, at, row);
                result = if is_and { result && right } else { result || right };
                at = next;
            }
            result
        }
    }
}

/// The operand at a place, and the place behind it: a NOT takes every operand joined to its own by OR.
fn operand(links: &[Link], at: usize, row: &Row) -> (bool, usize) {
    let own = passes(&links[at].operand, row);
    if !links[at].negated {
        return (own, at + 1);
    }
    let (mut any, mut next) = (own, at + 1);
    while next < links.len() && !links[next].is_and {
        let (right, behind) = operand(links, next, row);
        any |= right;
        next = behind;
    }
    (!any, next)
}

fn compare<T: PartialOrd>(op: &str, left: &T, right: &T) -> bool {
    match op {
        "=" => left == right,
        "<" => left < right,
        "<=" => left <= right,
        ">" => left > right,
        ">=" => left >= right,
        other => panic!("no operator {other}"),
    }
}

fn leaf_passes(leaf: &Leaf, row: &Row) -> bool {
    match leaf {
        Leaf::OneOf { column, texts, negated } => {
            let wanted: Vec<String> = texts.iter().map(|text| same(*column, text)).collect();
            texts_of(&row[*column]).iter().any(|text| wanted.contains(&same(*column, text))) != *negated
        }
        Leaf::Number { op, number } => matches!(&row[4], Value::Integer(n) if compare(op, n, number)),
        Leaf::Between { low, high, negated } => {
            matches!(&row[4], Value::Integer(n) if low <= n && n <= high) != *negated
        }
        Leaf::Score { op, hundredths } => match &row[5] {
            Value::Decimal(d) => {
                compare(op, &(d.mantissa() * 10i128.pow(6 - u32::from(d.scale()))), &(i128::from(*hundredths) * 10_000))
            }
            _ => false,
        },
        Leaf::Flaky { is, negated } => (row[6] == Value::Boolean(*is)) != *negated,
        Leaf::At { op, seconds } => matches!(&row[7], Value::Instant(t) if compare(op, t, &(seconds * 1_000_000))),
        Leaf::Day { op, day } => matches!(&row[8], Value::Date(d) if compare(op, d, day)),
        Leaf::Took { op, tenths } => matches!(&row[9], Value::Duration(d) if compare(op, d, &(tenths * 100_000))),
        // A list of blanks is an empty list.
        Leaf::Empty { column, negated } => {
            let is_empty = row[*column].is_empty() || (*column == 3 && texts_of(&row[3]).is_empty());
            is_empty != *negated
        }
        Leaf::Words { column, words, negated } => {
            let stop = ["a", "the", "is", "of"];
            let found = |text: &String| {
                let lower = text.to_lowercase();
                let own: Vec<&str> = lower
                    .split(|c: char| !c.is_alphanumeric())
                    .filter(|w| !w.is_empty() && !stop.contains(w))
                    .collect();
                words.iter().any(|word| match word.strip_suffix('*') {
                    Some(start) => own.iter().any(|w| w.starts_with(start)),
                    None => own.contains(&word.as_str()),
                })
            };
            texts_of(&row[*column]).iter().any(found) != *negated
        }
    }
}

/// The values of a cell that are not empty.
pub(crate) fn texts_of(value: &Value) -> Vec<String> {
    match value {
        Value::List(items) => items.iter().flat_map(texts_of).collect(),
        Value::Text(text) if !text.is_empty() => vec![text.to_string()],
        _ => Vec::new(),
    }
}

/// What a text of a column is equal under.
pub(crate) fn same(column: usize, text: &str) -> String {
    match COLUMNS[column] {
        "Exact" => text.to_owned(),
        "Status" => match text.to_lowercase().replace(' ', "").as_str() {
            "ok" => "passed".to_owned(),
            other => other.to_owned(),
        },
        _ => text.to_lowercase(),
    }
}

/// Groups as the oracle sees them: key to number of rows for each status.
pub(crate) fn grouped(rows: &[&Row], all: &[Row], column: usize) -> BTreeMap<String, BTreeMap<String, i128>> {
    let mut groups: BTreeMap<String, BTreeMap<String, i128>> = BTreeMap::new();
    for row in rows {
        let status = texts_of(&row[1]).first().map_or(String::new(), |text| same(1, text));
        let mut keys: Vec<String> = texts_of(&row[column]).iter().map(|text| same(column, text)).collect();
        keys.sort();
        keys.dedup();
        if keys.is_empty() {
            keys.push(String::new());
        }
        for key in keys {
            *groups.entry(key).or_default().entry(status.clone()).or_insert(0) += 1;
        }
    }
    // The key shown is the spelling that occurs most among all rows.
    let mut spellings: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for row in all {
        let mut texts = texts_of(&row[column]);
        texts.sort();
        texts.dedup();
        texts
            .into_iter()
            .for_each(|text| *spellings.entry(same(column, &text)).or_default().entry(text).or_insert(0) += 1);
    }
    let shown = |key: &String| match spellings.get(key) {
        None => String::new(),
        Some(spellings) => {
            let most = spellings.values().max().unwrap();
            spellings.iter().find(|(_, n)| *n == most).unwrap().0.clone()
        }
    };
    groups.into_iter().map(|(key, counts)| (shown(&key), counts)).collect()
}

/// A row's place in the order by one column, but for ties.
fn order_key(column: usize, value: &Value) -> (bool, String, i128) {
    let number = match value {
        Value::Integer(n) | Value::Instant(n) | Value::Duration(n) => (*n).into(),
        Value::Date(n) => (*n).into(),
        Value::Boolean(b) => (*b).into(),
        Value::Decimal(d) => d.mantissa() * 10i128.pow(6 - u32::from(d.scale())),
        _ => 0,
    };
    let text = texts_of(value).first().map_or(String::new(), |text| match column {
        // Declared statuses come first, as declared.
        1 => match same(1, text).as_str() {
            "passed" => "0".to_owned(),
            "inprogress" => "1".to_owned(),
            "failed" => "2".to_owned(),
            other => format!("3{other}"),
        },
        _ => same(column, text),
    });
    (!value.is_empty(), text, number)
}

/// The rows in the order by these columns, each ascending or descending; ties stay as they are.
pub(crate) fn ordered<'a>(rows: &[&'a Row], columns: &[(usize, bool)]) -> Vec<&'a Row> {
    let mut ordered = rows.to_vec();
    ordered.sort_by(|a, b| {
        let by = columns.iter().map(|(column, descending)| {
            let order = order_key(*column, &a[*column]).cmp(&order_key(*column, &b[*column]));
            if *descending { order.reverse() } else { order }
        });
        by.fold(Ordering::Equal, Ordering::then)
    });
    ordered
}

/// A cell as it comes back: a list loses its blanks and repeats.
pub(crate) fn stored(value: &Value) -> Value {
    let Value::List(items) = value else { return value.clone() };
    let mut kept: Vec<Value> = Vec::new();
    for item in items.iter().filter(|item| !item.is_empty()) {
        if !kept.contains(item) {
            kept.push(item.clone());
        }
    }
    Value::List(kept)
}
