//! Random trees print as texts that read as the same trees, places apart.

use proptest::prelude::*;

use crate::base::limits::Limits;
use crate::base::span::Span;
use crate::lang::odata::ast::apply::{
    Aggregate, Computed, Count, From, GroupKey, Hierarchy, Nested, Ranking, Sequence, Transform, Transformation,
};
use crate::lang::odata::ast::option::{ExpandItem, OptionValue, QueryOption, Request, SelectItem};
use crate::lang::odata::ast::search::Search;
use crate::lang::odata::ast::{
    Argument, Binary, Call, Case, Chain, Expr, Form, Geo, Invoke, Lambda, LambdaKind, Level, Literal, LiteralKind,
    Member, Name, Op, OrderItem, Path, Prefix, Step, Suffix, TypeName, Typed, TypedKind, Variable,
};
use crate::lang::odata::function::Function;
use crate::lang::odata::mode::Mode;
use crate::lang::odata::parse::read_request;
use crate::lang::odata::print::print_request;

const NOWHERE: Span = Span { start: 0, end: 0 };

/// Operators that a chain of a level may have.
const LEVELS: [(Level, &[Binary]); 7] = [
    (Level::Or, &[Binary::Or]),
    (Level::And, &[Binary::And]),
    (Level::Equality, &[Binary::Eq, Binary::Ne]),
    (Level::Relational, &[Binary::Gt, Binary::Ge, Binary::Lt, Binary::Le]),
    (Level::Additive, &[Binary::Add, Binary::Sub]),
    (Level::Multiplicative, &[Binary::Mul, Binary::Div, Binary::DivBy, Binary::Mod]),
    (Level::Primary, &[Binary::Has, Binary::In]),
];

/// Draws an option's name and value.
type Maker = fn(&mut Draw) -> (&'static str, OptionValue);

/// Choices drawn from bytes; without bytes the first is taken, so that trees end.
struct Draw(Vec<u8>);

impl Draw {
    fn below(&mut self, n: usize) -> usize {
        self.0.pop().map_or(0, |byte| usize::from(byte) % n)
    }

    fn flag(&mut self) -> bool {
        self.below(2) == 1
    }

    fn of<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    /// Some members, at least so many.
    fn list<T>(&mut self, least: usize, mut draw: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let n = least + self.below(3);
        (0..n).map(|_| draw(self)).collect()
    }

    fn maybe<T>(&mut self, draw: impl FnOnce(&mut Self) -> T) -> Option<T> {
        self.flag().then(|| draw(self))
    }

    fn name(&mut self) -> Name {
        named(self.of(&["Name", "a", "Größe", "_x1", "Total", "mod2"]))
    }

    fn literal(&mut self) -> Expr {
        let (kind, text) = self.of(&[
            (LiteralKind::Null, "null"),
            (LiteralKind::Boolean, "true"),
            (LiteralKind::String, "it's 100% & a+b; \"x\"/?#"),
            (LiteralKind::String, ""),
            (LiteralKind::Integer, "-42"),
            (LiteralKind::Number, "3.14e+2"),
            (LiteralKind::Number, "-INF"),
            (LiteralKind::Suffixed(Suffix::Decimal), "4.5"),
            (LiteralKind::Suffixed(Suffix::Long), "64"),
            (LiteralKind::Guid(Form::Bare), "a1234567-89ab-cdef-0123-456789abcdef"),
            (LiteralKind::Guid(Form::Prefixed), "01234567-89ab-cdef-0123-456789abcdef"),
            (LiteralKind::Date, "2011-12-31"),
            (LiteralKind::DateZ, "2021-09-01"),
            (LiteralKind::DateTimeOffset(Form::Bare), "2012-12-03T07:16:23.5+05:30"),
            (LiteralKind::DateTimeOffset(Form::Prefixed), "2012-12-03T07:16:23Z"),
            (LiteralKind::DateTime, "2011-01-01T00:00:00"),
            (LiteralKind::TimeOfDay, "07:59"),
            (LiteralKind::Duration, "-P1DT2H"),
            (LiteralKind::Time, "PT1H"),
            (LiteralKind::Binary, "T0RhdGE"),
            (LiteralKind::HexBinary, "0aFF"),
            (LiteralKind::Enum(named("Ns.Color")), "Red,Blue"),
            (LiteralKind::Geo(Geo::Geometry), "SRID=0;Point(1 2)"),
        ]);
        Expr::Literal(Literal { kind, text: text.into(), span: NOWHERE })
    }

    /// An expression whose operators bind at least so tightly.
    fn expr(&mut self, least: Level) -> Expr {
        match self.below(4) {
            0 => self.atom(),
            1 if least <= Level::Prefix => {
                let operand = self.expr(Level::Prefix);
                let prefix = Box::new(Prefix { span: NOWHERE, operand });
                if self.flag() { Expr::Not(prefix) } else { Expr::Negate(prefix) }
            }
            _ => {
                let levels: Vec<_> = LEVELS.iter().filter(|(level, _)| *level >= least).collect();
                let (level, ops) = *self.of(&levels);
                self.chain(level, ops)
            }
        }
    }

    fn chain(&mut self, level: Level, ops: &[Binary]) -> Expr {
        let tighter = |level: Level| match level {
            Level::Or => Some(Level::And),
            Level::And => Some(Level::Equality),
            Level::Equality => Some(Level::Relational),
            Level::Relational => Some(Level::Additive),
            Level::Additive => Some(Level::Multiplicative),
            Level::Multiplicative => Some(Level::Prefix),
            Level::Prefix | Level::Primary => None,
        };
        let operand = |draw: &mut Self| match tighter(level) {
            Some(level) => draw.expr(level),
            None => draw.atom(),
        };
        let first = operand(self);
        let rest = self.list(1, |draw| {
            let kind = draw.of(ops);
            let operand = match kind {
                Binary::In => draw.list_of_values(),
                _ => operand(draw),
            };
            (Op { kind, span: NOWHERE }, operand)
        });
        Expr::Chain(Box::new(Chain { first, rest }))
    }

    /// What stands behind `in`.
    fn list_of_values(&mut self) -> Expr {
        match self.below(3) {
            0 => Expr::List(self.list(0, Self::literal), NOWHERE),
            1 => Expr::Group(Box::new(Expr::Path(self.path())), NOWHERE),
            _ => Expr::Path(self.path()),
        }
    }

    fn any(&mut self) -> Expr {
        self.expr(Level::Or)
    }

    fn atom(&mut self) -> Expr {
        match self.below(10) {
            0 => Expr::Path(self.plain_path()),
            1 | 2 => self.literal(),
            3 | 4 => Expr::Path(self.path()),
            5 => Expr::Group(Box::new(self.any()), NOWHERE),
            6 => Expr::Array(self.list(0, Self::json), NOWHERE),
            7 => {
                let member = |draw: &mut Self| {
                    let name = Name { text: draw.of(&["a", "@odata.id", "\"\\%&"]).into(), span: NOWHERE };
                    Member { name, value: draw.json() }
                };
                Expr::Object(self.list(0, member), NOWHERE)
            }
            8 => {
                let function = self.of(Function::ALL);
                let arguments = (0..*function.arity().start()).map(|_| self.any()).collect();
                Expr::Call(Call { name: named(function.as_str()), function, arguments, span: NOWHERE })
            }
            _ if self.flag() => {
                let kind = if self.flag() { TypedKind::Cast } else { TypedKind::IsOf };
                let (operand, collection) = (self.maybe(Self::any), self.flag());
                let target = TypeName { name: named("Edm.Int32"), collection, span: NOWHERE };
                Expr::Typed(Box::new(Typed { kind, operand, target, span: NOWHERE }))
            }
            _ => Expr::Case(Case { branches: self.list(1, |draw| (draw.any(), draw.any())), span: NOWHERE }),
        }
    }

    fn json(&mut self) -> Expr {
        match self.flag() {
            true => self.any(),
            false => {
                Expr::Literal(Literal { kind: LiteralKind::JsonString, text: "a \"b\\\n%é".into(), span: NOWHERE })
            }
        }
    }

    fn plain_path(&mut self) -> Path {
        Path { steps: self.list(1, |draw| Step::Name(draw.name())), span: NOWHERE }
    }

    fn path(&mut self) -> Path {
        let first = match self.below(5) {
            0 => Step::Variable(self.of(&[Variable::It, Variable::This, Variable::These]), NOWHERE),
            1 => Step::Alias(self.name()),
            2 => Step::Annotation(named("Ns.Term#Q")),
            3 => self.invoke(),
            _ => Step::Name(self.name()),
        };
        let mut rest = self.list(0, Self::step);
        // Nothing stands behind a number or a truth value.
        let is_last = |step: &Step| matches!(step, Step::Count(..) | Step::Lambda(_) | Step::Aggregate(..));
        rest.truncate(rest.iter().position(is_last).map_or(rest.len(), |last| last + 1));
        Path { steps: [first].into_iter().chain(rest).collect(), span: NOWHERE }
    }

    fn step(&mut self) -> Step {
        match self.below(8) {
            0 | 1 => Step::Name(self.name()),
            2 => Step::Annotation(named("Ns.Term")),
            3 => self.invoke(),
            4 => Step::Count(self.options(&[filter, search]), NOWHERE),
            5 => Step::Filter(Box::new(self.any()), NOWHERE),
            6 => {
                let kind = if self.flag() { LambdaKind::Any } else { LambdaKind::All };
                let predicate = match kind {
                    LambdaKind::Any => self.maybe(|draw| (draw.name(), draw.any())),
                    LambdaKind::All => Some((self.name(), self.any())),
                };
                Step::Lambda(Box::new(Lambda { kind, predicate, span: NOWHERE }))
            }
            _ => Step::Aggregate(Box::new(self.aggregate(false)), NOWHERE),
        }
    }

    fn invoke(&mut self) -> Step {
        let key = |value: Expr| Argument { name: None, value };
        let number = Expr::Literal(Literal { kind: LiteralKind::Integer, text: "7".into(), span: NOWHERE });
        let (name, arguments) = match self.flag() {
            true => (named("Ns.Fn"), self.list(0, |draw| Argument { name: Some(draw.name()), value: draw.any() })),
            false => (named("Sets"), vec![key(number)]),
        };
        Step::Invoke(Invoke { name, arguments, span: NOWHERE })
    }

    fn order(&mut self) -> OrderItem {
        OrderItem { value: self.any(), descending: self.flag(), span: NOWHERE }
    }

    fn computed(&mut self) -> Computed {
        Computed { value: self.any(), alias: self.name(), span: NOWHERE }
    }

    /// Options, each once.
    fn options(&mut self, makers: &[Maker]) -> Vec<QueryOption> {
        let mut options = Vec::new();
        for maker in makers {
            if self.below(3) == 1 {
                let (name, value) = maker(self);
                options.push(QueryOption { name: named(name), value, span: NOWHERE });
            }
        }
        options
    }

    fn search(&mut self, depth: usize) -> Search {
        let term = |text: &str, phrase| Search::Term { text: text.into(), phrase, span: NOWHERE };
        match self.below(if depth == 0 { 3 } else { 7 }) {
            0 => term("word", false),
            1 => term("a;b%", false),
            2 => term("two \"words\" \\ & more", true),
            3 => Search::Not(Box::new(Search::Group(Box::new(self.search(depth - 1)), NOWHERE)), NOWHERE),
            4 => Search::And(vec![self.search(0), self.search(0)]),
            5 => Search::Or(vec![self.search(0), Search::And(vec![self.search(0), self.search(0)])]),
            _ => Search::Group(Box::new(self.search(depth - 1)), NOWHERE),
        }
    }

    fn aggregate(&mut self, takes_alias: bool) -> Aggregate {
        let alias = self.name();
        let from = self.list(0, |draw| From {
            keys: draw.list(1, Self::plain_path),
            method: Some(named("average")),
            span: NOWHERE,
        });
        let method = named(self.of(&["sum", "countdistinct", "Ns.concat"]));
        let (operand, method) = match self.below(4) {
            0 => (path_of(vec![Step::Count(Vec::new(), NOWHERE)]), None),
            1 => (path_of(vec![Step::Name(named("Items")), Step::Count(Vec::new(), NOWHERE)]), None),
            2 => (Expr::Path(self.plain_path()), self.maybe(|_| method)),
            // A path that ends in `$count` has no method.
            _ => match self.any() {
                Expr::Path(_) => (path_of(vec![Step::Name(named("Forecast"))]), None),
                operand => (operand, Some(method)),
            },
        };
        Aggregate { operand, method, from, alias: takes_alias.then_some(alias), span: NOWHERE }
    }

    fn sequence(&mut self, depth: usize) -> Sequence {
        let step = |draw: &mut Self| Transformation { kind: draw.transform(depth), span: NOWHERE };
        Sequence { steps: self.list(1, step) }
    }

    fn count(&mut self) -> Count {
        Count { digits: self.of(&["0", "5", "010"]).into(), span: NOWHERE }
    }

    fn hierarchy(&mut self) -> Hierarchy {
        let nodes =
            Path { steps: vec![Step::Variable(Variable::Root, NOWHERE), Step::Name(named("Orgs"))], span: NOWHERE };
        Hierarchy { nodes, qualifier: self.name(), node: self.plain_path() }
    }

    fn transform(&mut self, depth: usize) -> Transform {
        match self.below(if depth == 0 { 9 } else { 17 }) {
            0 => Transform::Identity,
            1 => Transform::Aggregate(self.list(1, |draw| draw.aggregate(true))),
            2 => Transform::Filter(self.any()),
            3 => Transform::Search(self.search(2)),
            4 => Transform::OrderBy(self.list(1, Self::order)),
            5 => Transform::Skip(self.count()),
            6 => Transform::Top(self.count()),
            7 => {
                let ranking = self.of(&Ranking::ALL);
                Transform::Ranked { ranking, limit: self.any(), by: self.any() }
            }
            8 => Transform::Compute(self.list(1, Self::computed)),
            9 | 10 => {
                let key = |draw: &mut Self| match draw.below(3) {
                    0 => GroupKey::Path(draw.plain_path()),
                    1 => GroupKey::Rollup { all: draw.flag(), paths: draw.list(2, Self::plain_path), span: NOWHERE },
                    _ => {
                        let (hierarchy, then) = (draw.hierarchy(), draw.maybe(|draw| draw.sequence(0)));
                        GroupKey::Recursive { hierarchy, then, span: NOWHERE }
                    }
                };
                Transform::GroupBy { keys: self.list(1, key), then: self.maybe(|draw| draw.sequence(depth - 1)) }
            }
            11 => Transform::Concat(self.list(2, |draw| draw.sequence(depth - 1))),
            12 => Transform::Nest(self.list(1, |draw| draw.nested(depth - 1))),
            13 => Transform::AddNested { path: self.plain_path(), nested: self.list(1, |draw| draw.nested(depth - 1)) },
            14 => Transform::Join {
                outer: self.flag(),
                path: self.plain_path(),
                alias: self.name(),
                then: self.maybe(|draw| draw.sequence(depth - 1)),
            },
            15 => Transform::Kin {
                ancestors: self.flag(),
                hierarchy: self.hierarchy(),
                start: self.sequence(depth - 1),
                distance: self.maybe(Self::count),
                keep_start: self.flag(),
            },
            _ => Transform::Traverse {
                hierarchy: self.hierarchy(),
                postorder: self.flag(),
                order: self.list(0, Self::order),
            },
        }
    }

    fn nested(&mut self, depth: usize) -> Nested {
        Nested { sequence: self.sequence(depth), alias: self.name() }
    }

    fn request(&mut self) -> Request {
        let options = self.options(&[
            filter,
            search,
            |draw| ("$orderby", OptionValue::OrderBy(draw.list(1, Draw::order))),
            |draw| ("$top", OptionValue::Top(draw.count())),
            |draw| ("$skip", OptionValue::Skip(draw.count())),
            |draw| ("$inlinecount", OptionValue::Count(draw.flag())),
            |draw| ("$compute", OptionValue::Compute(draw.list(1, Draw::computed))),
            |draw| ("$apply", OptionValue::Apply(draw.sequence(2))),
            |draw| ("@p", OptionValue::Alias(draw.any())),
            |_| ("$skiptoken", OptionValue::Text(Some("a b&c%+".into()))),
            |_| ("own", OptionValue::Text(None)),
            |draw| {
                let item = |draw: &mut Draw| {
                    let (path, options) = (draw.plain_path(), draw.options(&[filter, search]));
                    SelectItem { path, options, span: NOWHERE }
                };
                ("$select", OptionValue::Select(draw.list(1, item)))
            },
            |draw| {
                let item = |draw: &mut Draw| {
                    let (path, options) = (draw.plain_path(), draw.options(&[search, filter]));
                    ExpandItem { path, options, span: NOWHERE }
                };
                ("$expand", OptionValue::Expand(draw.list(1, item)))
            },
        ]);
        let set = self.maybe(|_| Path { steps: vec![Step::Name(named("Sets"))], span: NOWHERE });
        Request { path: set, options }
    }
}

fn filter(draw: &mut Draw) -> (&'static str, OptionValue) {
    ("$filter", OptionValue::Filter(draw.any()))
}

fn search(draw: &mut Draw) -> (&'static str, OptionValue) {
    ("$search", OptionValue::Search(draw.search(2)))
}

fn named(text: &str) -> Name {
    Name { text: text.into(), span: NOWHERE }
}

fn path_of(steps: Vec<Step>) -> Expr {
    Expr::Path(Path { steps, span: NOWHERE })
}

/// A tree as text, without its places.
fn placeless(request: &Request) -> String {
    let text = format!("{request:?}");
    let mut parts = text.split("Span { start: ");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |text, part| text + part.split_once('}').map_or("", |(_, rest)| rest))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn trees_print_and_read_back(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let request = Draw(bytes).request();
        let printed = print_request(&request);
        let limits = Limits::default().with_lambda_depth(1000).with_nesting(1000);
        let parsed = read_request(&printed, Mode::Lenient, &limits);
        prop_assert_eq!(placeless(&parsed.tree), placeless(&request), "{}", printed);
    }
}
