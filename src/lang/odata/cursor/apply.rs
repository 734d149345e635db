//! What may come behind the beginning of an `$apply`.

use crate::lang::odata::cursor::{Expect, Place, Role, Tokens, expr, names};

/// The transformations that are offered.
const TRANSFORMATIONS: [&str; 16] = [
    "aggregate(",
    "groupby(",
    "filter(",
    "orderby(",
    "compute(",
    "search(",
    "skip(",
    "top(",
    "topcount(",
    "topsum(",
    "toppercent(",
    "bottomcount(",
    "bottomsum(",
    "bottompercent(",
    "concat(",
    "identity",
];

/// How an aggregate makes one value of many.
const METHODS: [&str; 5] = ["sum", "min", "max", "average", "countdistinct"];

/// What may come behind the tokens. Linear.
pub(super) fn place(before: Tokens<'_>) -> Expect {
    // The parentheses that are open: what stands before each, where it begins, and where its last part does.
    let mut open: Vec<(Option<&str>, usize, usize)> = vec![(None, 0, 0)];
    for at in 0..before.len() {
        match before.mark(at) {
            Some('(') => open.push((at.checked_sub(1).and_then(|at| before.word(at)), at + 1, at + 1)),
            Some(')') if open.len() > 1 => drop(open.pop()),
            Some(',' | '/') => {
                if let Some((_, _, part)) = open.last_mut() {
                    *part = at + 1;
                }
            }
            _ => {}
        }
        // Within these an expression is read whole, with its own parentheses.
        let expression = open.iter().find_map(|(name, begin, _)| Some((used(name.as_ref()?)?, *begin)));
        if let (Some((used, begin)), true) = (expression, at + 1 == before.len()) {
            return expr::place(before.from(begin), &[], used);
        }
    }
    let Some((name, begin, part)) = open.pop() else { return Expect::Nothing };
    let around = open.last().and_then(|(name, _, _)| *name);
    let (rest, is_first) = (before.from(part), part == begin);
    let is = |word: &str| name.is_some_and(|name| name.eq_ignore_ascii_case(word));
    match name {
        None if around.is_some_and(|name| name.eq_ignore_ascii_case("groupby")) => {
            let inner = names(before.from(begin), &[], Role::Key);
            match inner {
                Expect::Words(_) => Expect::Words(vec![",", ")"]),
                other => other,
            }
        }
        None if open.is_empty() => transformation(rest),
        _ if is("groupby") && is_first => Expect::Words(if rest.len() == 0 { vec!["("] } else { vec![",", ")"] }),
        _ if is("groupby") || is("concat") => transformation(rest),
        _ if is("aggregate") => aggregate(rest),
        Some(name) if RANKINGS.iter().any(|ranking| name.eq_ignore_ascii_case(ranking)) && !is_first => {
            expr::place(rest, &[], expr::Use::Compute)
        }
        _ => Expect::Nothing,
    }
}

/// Transformations whose second argument says by what rows are ranked.
const RANKINGS: [&str; 6] = ["topcount", "topsum", "toppercent", "bottomcount", "bottomsum", "bottompercent"];

/// How the expression in a transformation's parentheses is used.
fn used(name: &str) -> Option<expr::Use> {
    let known = [("filter", expr::Use::Filter), ("orderby", expr::Use::Order), ("compute", expr::Use::Compute)];
    known.into_iter().find(|(known, _)| name.eq_ignore_ascii_case(known)).map(|(_, used)| used)
}

fn transformation(rest: Tokens<'_>) -> Expect {
    Expect::Words(if rest.len() == 0 { TRANSFORMATIONS.to_vec() } else { vec!["/"] })
}

/// `path with method as name`, or `$count as name`.
fn aggregate(rest: Tokens<'_>) -> Expect {
    let n = rest.len();
    match (n.checked_sub(1).and_then(|last| rest.word(last)), n) {
        (_, 0) => Expect::Property { place: Place::default(), role: Role::Measure },
        (Some("as") | None, _) => Expect::Nothing,
        (Some("with"), _) => Expect::Words(METHODS.to_vec()),
        (Some("$count"), _) => Expect::Words(vec!["as"]),
        (Some(_), _) if n >= 2 && rest.is_word(n - 2, "with") => Expect::Words(vec!["as"]),
        (Some(_), _) if n >= 2 && rest.is_word(n - 2, "as") => Expect::Words(vec![",", ")"]),
        (Some(_), _) => Expect::Words(vec!["with"]),
    }
}
