//! Texts laid out, as tables; and that what is laid out reads as before, whatever is written.

use crate::base::diagnostic::Severity;
use crate::base::limits::Limits;
use crate::lang::tql::ast::Query;
use crate::lang::tql::parse::{Parsed, parse, parse_order};
use crate::lang::tql::print::{formatted, parenthesised, print};
use proptest::prelude::*;

/// A text without mistakes.
fn read(text: &str) -> Parsed {
    let parsed = parse(text, &Limits::default());
    let wrong = parsed.diagnostics.iter().find(|d| d.severity() == Severity::Error);
    assert_eq!(wrong, None, "{text}");
    parsed
}

fn laid_out(text: &str) -> String {
    formatted(&read(text).query, text)
}

/// The tree without the places of its parts and without case, since words of the language become capitals.
fn shape(query: &Query) -> String {
    let without = |text: &str, opening: &str, closing: &str| {
        let (first, rest) = text.split_once(opening).unwrap_or((text, ""));
        rest.split(opening)
            .fold(first.to_owned(), |out, part| out + part.split_once(closing).map_or("", |(_, out)| out))
    };
    let tree = without(&format!("{query:?}"), "Span {", "}");
    without(&tree, "shifts: [", "]").to_uppercase()
}

#[test]
fn what_fits_stays_on_a_line() {
    for (text, expected) in [
        ("", ""),
        (" \n ", ""),
        ("a=1", "a = 1"),
        ("a=1\n  and (b!='x')or c~\"y\"", "a = 1 AND (b != 'x') OR c ~ \"y\""),
        ("((a=1))", "((a = 1))"),
        ("not not a is   null", "NOT NOT a IS NULL"),
        ("'a'is\nnot empty", "'a' IS NOT EMPTY"),
        ("a does not\tcontain b or a contains c", "a DOES NOT CONTAIN b OR a CONTAINS c"),
        ("a not\nin[1,'2' ,\"3\"]", "a NOT IN [1, '2', \"3\"]"),
        ("a = 'it\\'s\\u0041'", "a = 'it\\'s\\u0041'"),
        ("Order=in order by Order asc,b desc", "Order = in ORDER BY Order ASC, b DESC"),
        ("count as n,avg( d )as 'the mean'a=1", "COUNT AS n, AVG(d) AS 'the mean' WHERE a = 1"),
        ("min()", "MIN()"),
        ("group by f(a , b)as x{count}as y where a=me( )", "GROUP BY f(a, b) AS x { COUNT } AS y WHERE a = me()"),
        ("faceted Equal(a,1)as b,c(){entities}", "FACETED Equal(a, 1) AS b, c() { ENTITIES }"),
        ("a in{b in{ }order by c}", "a IN { b IN { } ORDER BY c }"),
    ] {
        assert_eq!(laid_out(text), expected, "{text}");
    }
}

#[test]
fn what_is_too_long_goes_over_lines() {
    let (x, y) = ("x".repeat(40), "y".repeat(60));
    for (text, expected) in [
        // A hundred columns are a line, one more is none.
        (format!("{y} = 1 AND {} = 2", "z".repeat(27)), format!("{y} = 1 AND {} = 2", "z".repeat(27))),
        (format!("{y} = 1 AND {} = 2", "z".repeat(28)), format!("{y} = 1\nAND {} = 2", "z".repeat(28))),
        (format!("a=1 order by {x},{y},b"), format!("a = 1\nORDER BY {x},\n  {y}, b")),
        (
            format!("a=1 and not {x}=1 or {y}=2 and (b=1 or b=2)"),
            format!("a = 1\nAND NOT {x} = 1\n  OR {y} = 2\nAND (b = 1 OR b = 2)"),
        ),
        (format!("(a=1 and({x}=1 or {y}=2))"), format!("(\n  a = 1\n  AND (\n    {x} = 1\n    OR {y} = 2\n  )\n)")),
        (format!("a in[{x},{y},1,2]"), format!("a IN [\n  {x},\n  {y}, 1, 2\n]")),
        (format!("a=f({x},g({y},1),2)"), format!("a = f(\n  {x},\n  g({y}, 1),\n  2\n)")),
        (format!("{x} in {{{y}=1 order by b}}"), format!("{x} IN {{\n  {y} = 1 ORDER BY b\n}}")),
        (format!("count where {x}=1 and {y}=2"), format!("COUNT\nWHERE {x} = 1\n  AND {y} = 2")),
        (
            format!("count,group by {x} {{count,group by {y} as b {{count}}}} as c a=1"),
            format!("COUNT,\nGROUP BY {x} {{\n  COUNT,\n  GROUP BY {y} AS b {{ COUNT }}\n}} AS c\nWHERE a = 1"),
        ),
        (
            format!("faceted f({x}) as a, g({y}) as b {{ count, max(c) }} as d"),
            format!("FACETED\n  f({x}) AS a,\n  g({y}) AS b\n{{ COUNT, MAX(c) }} AS d"),
        ),
        // A string keeps its line breaks, and columns are counted from the last of them.
        (format!("a='{x}\n{x}' and b={x}"), format!("a = '{x}\n{x}'\nAND b = {x}")),
        // Nothing to break at.
        (format!("a={x}{y}"), format!("a = {x}{y}")),
        (format!("{x}{y} in {{}}"), format!("{x}{y} IN {{ }}")),
    ] {
        assert_eq!(laid_out(&text), expected, "{text}");
        assert_eq!(laid_out(&expected), expected, "{text}");
    }
}

#[test]
fn an_order_alone_keeps_whether_order_by_stands_before_it() {
    for (text, expected) in [(" a,b desc", "a, b DESC"), ("order by a", "ORDER BY a"), ("'a'asc", "'a' ASC")] {
        assert_eq!(formatted(&parse_order(text, &Limits::default()).query, text), expected);
    }
}

#[test]
fn long_and_deep_texts_stay_near_their_size() {
    let chain = format!("a = 1{}", " AND b = 2 OR c = 3".repeat(15_000));
    assert_eq!(laid_out(&chain).len(), chain.len());
    assert_eq!(laid_out(&chain).lines().count(), 30_001);
    let list = format!("a IN [{}1]", "1, ".repeat(90_000));
    assert!(laid_out(&list).lines().all(|line| line.len() <= 100));
    let deep = format!("{}{}{}", "(".repeat(199), vec!["a = 1"; 9000].join(" AND "), ")".repeat(199));
    let formatted = laid_out(&deep);
    assert!(formatted.len() < 6 * deep.len(), "{}", formatted.len());
    assert_eq!(shape(&read(&formatted).query), shape(&read(&deep).query));
    let nots = format!("{}a = 1 OR b = 2", "NOT ".repeat(199));
    assert_eq!(laid_out(&laid_out(&nots)), laid_out(&nots));
}

/// Writes a query without mistakes, as the numbers have it; behind the last of them nothing goes on.
struct Writer<'a> {
    numbers: &'a [u32],
    text: String,
}

impl Writer<'_> {
    /// Less than `n`.
    fn next(&mut self, n: usize) -> usize {
        let Some((first, rest)) = self.numbers.split_first() else { return 0 };
        self.numbers = rest;
        *first as usize % n
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.next(n) == n - 1
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn blank(&mut self) {
        let blank = [" ", "\n", "\t\r\n  ", "\u{a0}"][self.next(4)];
        self.push(blank);
    }

    /// A mark, perhaps with white space around it.
    fn mark(&mut self, mark: &str) {
        if self.one_in(3) {
            self.blank();
        }
        self.push(mark);
        if self.one_in(3) {
            self.blank();
        }
    }

    /// Words of the language in some case, with white space around each.
    fn words(&mut self, words: &str) {
        for word in words.split(' ') {
            let word = if self.one_in(2) { word.to_lowercase() } else { word.to_owned() };
            self.blank();
            self.push(&word);
        }
        self.blank();
    }

    fn name(&mut self) {
        let n = self.next(8);
        match n {
            0 => self.push("a"),
            1 => self.push("'and'"),
            2 => self.push("\"it's (\n\\\"\\u0041 }\""),
            3 => self.push("-1.5/日ß"),
            4 => self.push("''"),
            _ => {
                let name = "x".repeat(self.next(100) + 1);
                self.push(&name);
            }
        }
    }

    /// Things with commas between them.
    fn several(&mut self, each: fn(&mut Self)) {
        each(self);
        while self.one_in(2) {
            self.mark(",");
            each(self);
        }
    }

    fn call(&mut self) {
        self.push("Func");
        self.mark("(");
        if self.one_in(2) {
            self.several(Self::argument);
        }
        self.mark(")");
    }

    fn argument(&mut self) {
        if self.one_in(3) { self.call() } else { self.name() }
    }

    fn clause(&mut self) {
        if self.one_in(8) {
            return self.call();
        }
        self.name();
        match self.next(6) {
            0..=2 => {
                let sign = ["=", "!=", "<", "<=", ">", ">=", "~", "!~"][self.next(8)];
                self.mark(sign);
                self.argument();
            }
            3 => {
                let words = ["CONTAINS", "DOES NOT CONTAIN", "IN"][self.next(3)];
                self.words(words);
                self.argument();
            }
            4 => {
                let words = ["IS EMPTY", "IS NOT EMPTY", "IS NULL", "IS NOT NULL"][self.next(4)];
                self.words(words);
            }
            _ => {
                let words = ["IN", "NOT IN"][self.next(2)];
                self.words(words);
                self.mark("[");
                self.several(Self::argument);
                self.mark("]");
            }
        }
    }

    fn operand(&mut self) {
        match self.next(7) {
            0..=3 => self.clause(),
            4 => {
                self.mark("(");
                self.filter();
                self.mark(")");
            }
            5 => {
                self.words("NOT");
                self.operand();
            }
            _ => {
                self.name();
                self.words("IN");
                self.mark("{");
                self.filter();
                self.order();
                self.mark("}");
            }
        }
    }

    fn filter(&mut self) {
        self.operand();
        while self.one_in(2) {
            let joiner = ["AND", "OR"][self.next(2)];
            self.words(joiner);
            self.operand();
        }
    }

    fn alias(&mut self) {
        if self.one_in(3) {
            self.words("AS");
            self.name();
        }
    }

    fn aggregate(&mut self) {
        match self.next(6) {
            0 | 1 => self.words("COUNT"),
            2 => {
                self.words("AVG");
                self.mark("(");
                self.name();
                self.mark(")");
            }
            3 => self.words("ENTITIES"),
            4 => {
                self.words("GROUP BY");
                self.argument();
                self.alias();
                self.block();
            }
            _ => {
                self.words("FACETED");
                self.several(|out| {
                    out.call();
                    out.alias();
                });
                self.block();
            }
        }
        self.alias();
    }

    fn block(&mut self) {
        self.mark("{");
        self.several(Self::aggregate);
        self.mark("}");
    }

    fn order(&mut self) {
        if self.one_in(3) {
            self.words("ORDER BY");
            self.several(|out| {
                out.name();
                let direction = ["ASC", "DESC"][out.next(2)];
                if out.one_in(2) {
                    out.words(direction);
                }
            });
        }
    }

    fn query(&mut self) {
        if self.one_in(4) {
            self.several(Self::aggregate);
            self.words("WHERE");
        }
        self.filter();
        self.order();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_laid_out_reads_as_before(numbers in prop::collection::vec(any::<u32>(), 0..400)) {
        let mut writer = Writer { numbers: &numbers, text: String::new() };
        writer.query();
        let text = writer.text;
        let before = read(&text);
        let laid_out = formatted(&before.query, &text);
        let after = read(&laid_out);
        prop_assert_eq!(shape(&after.query), shape(&before.query), "{}", laid_out);
        prop_assert_eq!(print(&after.query), print(&before.query));
        prop_assert_eq!(parenthesised(&after.query), parenthesised(&before.query));
        prop_assert_eq!(after.diagnostics.len(), before.diagnostics.len());
        prop_assert_eq!(formatted(&after.query, &laid_out), laid_out.clone());
        for bracket in ['(', ')', '[', ']', '{', '}'] {
            prop_assert_eq!(laid_out.matches(bracket).count(), text.matches(bracket).count());
        }
    }
}
