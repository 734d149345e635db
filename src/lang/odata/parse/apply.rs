//! `$apply`: transformations with `/` between. Their words have one case only.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::suggest::nearest;
use crate::lang::odata::ast::apply::{GroupKey, Nested, Ranking, Sequence, Transform, Transformation};
use crate::lang::odata::ast::{Expr, Name, Path, Step};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

/// Transformations by name.
const WORDS: [&str; 23] = [
    "aggregate",
    "groupby",
    "filter",
    "search",
    "orderby",
    "skip",
    "top",
    "topcount",
    "toppercent",
    "topsum",
    "bottomcount",
    "bottompercent",
    "bottomsum",
    "identity",
    "compute",
    "concat",
    "nest",
    "addnested",
    "join",
    "outerjoin",
    "ancestors",
    "descendants",
    "traverse",
];

impl Parser<'_> {
    /// `t/t/t`.
    pub(super) fn sequence(&mut self) -> Sequence {
        let mut steps = Vec::new();
        loop {
            let start = self.token.start;
            let n_errors = self.n_errors;
            let kind = self.transform();
            steps.push(Transformation { kind, span: self.span_from(start) });
            self.node();
            self.member(steps.len());
            let goes_on = self.at_mark('/') || matches!(self.token.kind, Kind::End | Kind::Mark(',' | ')' | ';'));
            if !goes_on && !self.at_exact("as") {
                if self.n_errors == n_errors {
                    self.expected("`/` and a transformation");
                }
                self.recover_option();
            }
            if !self.take_mark('/') || self.stopped {
                return Sequence { steps };
            }
        }
    }

    fn transform(&mut self) -> Transform {
        if self.token.kind != Kind::Name {
            self.expected("a transformation such as `filter(…)`");
            self.recover_transform();
            return Transform::Error;
        }
        let word = self.word();
        if word == "identity" {
            self.bump();
            return Transform::Identity;
        }
        let is_known = WORDS.contains(&word) || (word.contains('.') && self.at_call());
        if !is_known {
            self.unknown_transformation(word);
            self.recover_transform();
            return Transform::Error;
        }
        if word.contains('.') {
            return match self.invoke() {
                Step::Invoke(invoke) => Transform::Custom(invoke),
                _ => Transform::Error,
            };
        }
        let token = self.bump();
        if !self.at_mark('(') {
            self.expected("`(`");
            self.recover_transform();
            return Transform::Error;
        }
        let is_muting =
            matches!(word, "nest" | "addnested" | "join" | "outerjoin" | "ancestors" | "descendants" | "traverse");
        if is_muting {
            self.unsupported(self.span_of(token), &format!("`{word}` transformations"));
        }
        self.n_muted += usize::from(is_muting);
        let transform = match self.open(')') {
            Some(opened) => {
                let n_errors = self.n_errors;
                let transform = self.transform_of(word);
                if !matches!(self.token.kind, Kind::End | Kind::Mark(')')) {
                    if self.n_errors == n_errors {
                        self.may_blank();
                        self.expected("`)`");
                    }
                    self.recover_past_commas();
                }
                self.shut(opened);
                transform
            }
            None => Transform::Error,
        };
        self.n_muted -= usize::from(is_muting);
        transform
    }

    /// Leaves out what is left of a transformation.
    fn recover_transform(&mut self) {
        loop {
            self.recover();
            if !(self.at_word("and") || self.at_word("or")) {
                return;
            }
            self.last = self.token.end;
            self.lex(self.token.end);
        }
    }

    fn unknown_transformation(&mut self, word: &str) {
        let span = self.span();
        let wrong = Diagnostic::error(Code::UnknownFunction, span, format!("there is no transformation `{word}`"));
        self.report(match nearest(word, WORDS) {
            Some(near) => wrong.fix(format!("write `{near}`"), span, near),
            None => wrong.help("transformations are such as `filter`, `groupby`, `aggregate` and `compute`"),
        });
    }

    /// What stands in the parentheses.
    fn transform_of(&mut self, word: &str) -> Transform {
        if let Some(ranking) = Ranking::ALL.into_iter().find(|ranking| ranking.as_str() == word) {
            return self.ranked(ranking);
        }
        match word {
            "aggregate" => Transform::Aggregate(self.aggregates()),
            "groupby" => self.group_by(),
            "filter" => Transform::Filter(self.item()),
            "search" => Transform::Search(self.search()),
            "orderby" => Transform::OrderBy(self.order_items()),
            "skip" => self.digits().map_or(Transform::Error, Transform::Skip),
            "top" => self.digits().map_or(Transform::Error, Transform::Top),
            "compute" => Transform::Compute(self.computes()),
            "concat" => self.concat(),
            "nest" => Transform::Nest(self.nested()),
            "addnested" => self.add_nested(),
            "join" | "outerjoin" => self.join(word == "outerjoin"),
            "ancestors" | "descendants" => self.kin(word == "ancestors"),
            _ => self.traverse(),
        }
    }

    fn ranked(&mut self, ranking: Ranking) -> Transform {
        let limit = self.item();
        if !self.comma() {
            self.expected("`,` and a value to rank by");
            return Transform::Error;
        }
        Transform::Ranked { ranking, limit, by: self.item() }
    }

    fn concat(&mut self) -> Transform {
        let mut sequences = vec![self.sequence()];
        while self.comma() && !self.stopped {
            sequences.push(self.sequence());
            self.member(sequences.len());
        }
        if sequences.len() < 2 {
            self.expected("`,` and another sequence");
        }
        Transform::Concat(sequences)
    }

    /// `(k,…),sequence`.
    fn group_by(&mut self) -> Transform {
        if !self.at_mark('(') {
            self.keys_without_parentheses();
            return Transform::Error;
        }
        let Some(opened) = self.open(')') else { return Transform::Error };
        let mut keys = Vec::new();
        loop {
            match self.group_key() {
                Some(key) => keys.push(key),
                None => self.recover_to_comma(),
            }
            self.member(keys.len());
            if !self.comma() || self.stopped {
                break;
            }
        }
        if !matches!(self.token.kind, Kind::End | Kind::Mark(')')) {
            self.expected("`,` or `)`");
            self.recover_past_commas();
        }
        self.shut(opened);
        let then = self.comma().then(|| self.sequence());
        Transform::GroupBy { keys, then }
    }

    fn keys_without_parentheses(&mut self) {
        if self.token.kind == Kind::Name {
            let span = self.span();
            let wrong =
                Diagnostic::error(Code::UnexpectedToken, span, "what is grouped by stands in parentheses of its own");
            self.report(wrong.help("write `groupby((Name),aggregate(…))`"));
        } else {
            self.expected("`(` and what is grouped by");
        }
        self.recover_past_commas();
    }

    fn group_key(&mut self) -> Option<GroupKey> {
        let start = self.token.start;
        if self.at_exact("rollup") && self.at_call() {
            self.bump();
            return self.rollup(start);
        }
        if self.at_exact("rolluprecursive") && self.at_call() {
            let token = self.bump();
            self.unsupported(self.span_of(token), "recursive hierarchies");
            self.n_muted += 1;
            let key = self.rollup_recursive(start);
            self.n_muted -= 1;
            return key;
        }
        self.group_path().map(GroupKey::Path)
    }

    /// `(p1,…,pk)` of a rollup.
    fn rollup(&mut self, start: usize) -> Option<GroupKey> {
        let opened = self.open(')')?;
        let (mut all, mut paths) = (false, Vec::new());
        loop {
            if self.token.kind == Kind::Dollar && self.word() == "$all" && paths.is_empty() && !all {
                let token = self.bump();
                self.habit(Habit::RollupAll, self.span_of(token), None);
                all = true;
            } else {
                match self.group_path() {
                    Some(path) => paths.push(path),
                    None => self.recover_to_comma(),
                }
            }
            self.member(paths.len());
            if !self.comma() || self.stopped {
                break;
            }
        }
        let is_named = !all && matches!(paths.as_slice(), [path] if path.steps.len() == 1);
        let is_short = paths.len() < 2 && !is_named && !all;
        let span = self.shut(opened);
        if is_short && self.n_errors == 0 {
            let wrong = "`rollup` takes two or more paths, or the name of a hierarchy";
            self.report(Diagnostic::error(Code::WrongArgument, span, wrong));
        }
        Some(GroupKey::Rollup { all, paths, span: self.span_from(start) })
    }

    /// A path to group by, which ends in a property.
    pub(super) fn group_path(&mut self) -> Option<Path> {
        let path = self.plain_path("a path to group by")?;
        match path.steps.last() {
            Some(Step::Name(name)) if name.text.contains('.') => {
                let wrong = format!("`{}` is a type, which nothing can be grouped by", name.text);
                self.report(Diagnostic::error(Code::UnexpectedToken, name.span, wrong));
                None
            }
            _ => Some(path),
        }
    }

    /// Names with `/` between, and nothing else.
    pub(super) fn plain_path(&mut self, what: &str) -> Option<Path> {
        let start = self.token.start;
        let mut steps = Vec::new();
        loop {
            if self.token.kind != Kind::Name || self.is_behind('(') {
                self.expected(what);
                return None;
            }
            let token = self.bump();
            steps.push(Step::Name(self.checked_name(token)));
            self.node();
            self.member(steps.len());
            if !self.take_mark('/') || self.stopped {
                return Some(Path { steps, span: self.span_from(start) });
            }
        }
    }

    /// `sequence as Name,…`.
    pub(super) fn nested(&mut self) -> Vec<Nested> {
        let mut nested = Vec::new();
        loop {
            let n_errors = self.n_errors;
            let sequence = self.sequence();
            if let Some(alias) = self.alias(self.n_errors == n_errors) {
                nested.push(Nested { sequence, alias });
            }
            self.member(nested.len());
            if !self.comma() || self.stopped {
                return nested;
            }
        }
    }

    fn add_nested(&mut self) -> Transform {
        let Some(path) = self.plain_path("a path to what is nested") else { return Transform::Error };
        if !self.comma() {
            self.expected("`,` and a sequence");
            return Transform::Error;
        }
        Transform::AddNested { path, nested: self.nested() }
    }

    /// `path as A,sequence`.
    fn join(&mut self, outer: bool) -> Transform {
        let path = match self.token.kind {
            Kind::At => {
                let start = self.token.start;
                let step = self.at_step(false);
                Some(Path { steps: vec![step], span: self.span_from(start) })
            }
            _ => self.plain_path("a collection to join with"),
        };
        let Some(path) = path else { return Transform::Error };
        let Some(alias) = self.alias(true) else { return Transform::Error };
        let then = self.comma().then(|| self.sequence());
        Transform::Join { outer, path, alias, then }
    }

    /// Whether an expression is a path, and so perhaps one to a custom aggregate.
    pub(super) fn names_only(expr: &Expr) -> Option<&[Step]> {
        let Expr::Path(path) = expr else { return None };
        let is_name = |step: &Step| matches!(step, Step::Name(Name { .. }) | Step::Variable(..));
        path.steps.iter().all(is_name).then_some(&path.steps)
    }
}
