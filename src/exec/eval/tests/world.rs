//! Random rows and random expressions over them, and what both are run with.

use std::sync::Arc;

use crate::base::budget::{Budget, Cancel};
use crate::base::limits::Limits;
use crate::base::pool::Pool;
use crate::data::block::{BLANK, BLOCK_ROWS, Block, NULL};
use crate::data::domain::{Domain, DomainDraft};
use crate::data::segment::{Column as Stored, Segment};
use crate::data::version::{IndexVersion, dictionary_text, number_of};
use crate::exec::eval::program::{Inputs, Means};
use crate::model::decimal::Decimal;
use crate::model::field::Field;
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::schema::{FieldId, Schema};
use crate::model::time::{DAY, Zone};
use crate::model::value::Value;
use crate::query::predicate::expr::{Arithmetic, Call, Expr, ExprBuilder, ExprId, Input, Op, Pattern, Type};
use crate::query::predicate::{Leaf, Order, Predicate};

/// Numbers that depend on a seed alone.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub(crate) fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % n
    }

    pub(crate) fn pick<'x, T>(&mut self, from: &'x [T]) -> &'x T {
        &from[self.below(from.len() as u64) as usize]
    }
}

/// What expressions are run with.
pub(crate) struct Bench {
    pub(crate) zone: Zone,
    pub(crate) pool: Pool,
    pub(crate) budget: Budget,
    pub(crate) inputs: Inputs<'static>,
}

impl Bench {
    pub(crate) fn new(zone: &str) -> Self {
        Self {
            zone: Zone::named(zone).unwrap(),
            pool: Pool::new(2).unwrap(),
            budget: Budget::new(Limits::default(), None, Cancel::new()),
            inputs: Inputs::default(),
        }
    }
}

impl Bench {
    pub(crate) fn means<'a>(&'a self, index: &'a IndexVersion) -> Means<'a, 'a> {
        Means { index: Some(index), inputs: &self.inputs, zone: &self.zone, pool: &self.pool, budget: &self.budget }
    }
}

/// One field of each type that fields have, some of them twice: with few values or many.
pub(crate) fn schema() -> Arc<Schema> {
    let fields = [
        Field::new("Few", Kind::Integer),
        Field::new("Many", Kind::Integer),
        Field::new("Cost", Kind::Decimal),
        Field::new("Fine", Kind::Decimal),
        Field::new("Flag", Kind::Boolean),
        Field::new("Name", Kind::Keyword),
        Field::new("Note", Kind::Text).collation(Collation::Exact),
        Field::new("At", Kind::DateTime),
        Field::new("On", Kind::Date),
        Field::new("Took", Kind::Duration),
        Field::new("Other", Kind::Guid),
        Field::new("Tags", Kind::Keyword).multi(),
        Field::new("Marks", Kind::Integer).multi(),
    ];
    Arc::new(Schema::builder("Run").fields(fields).build().unwrap())
}

const TEXTS: [&str; 12] =
    ["", "a", "B", "ab", "Ärger", "straße", "STRASSE", " login ", "-7", "4.50", "true", "2024-03-31T01:30:00Z"];

fn integer(dice: &mut Dice) -> i64 {
    match dice.below(12) {
        0 => i64::MAX,
        1 => -i64::MAX,
        2 => 0,
        3..6 => dice.below(1 << 40) as i64 - (1 << 39),
        _ => dice.below(20) as i64 - 10,
    }
}

fn decimal(dice: &mut Dice, scale: u32) -> Decimal {
    Decimal::new(i128::from(dice.below(2_000_000)) - 1_000_000, scale).unwrap()
}

/// A value of a type, null now and then.
fn value(dice: &mut Dice, ty: Type) -> Value {
    if dice.below(8) == 0 {
        return Value::Null;
    }
    match ty {
        Type::Boolean => (dice.below(2) == 0).into(),
        Type::Integer => integer(dice).into(),
        Type::Decimal => {
            let scale = *dice.pick(&[0, 1, 2, 6]);
            decimal(dice, scale).into()
        }
        Type::Real => Value::Real((*dice.pick(&[0.0, -1.5, 0.1, 3.0, 1e300, f64::INFINITY, f64::NAN])).into()),
        Type::Text => (*dice.pick(&TEXTS)).into(),
        Type::Guid => Value::Guid(u128::from(dice.below(3)) << 90 | 5),
        Type::Instant => Value::Instant(match dice.below(4) {
            // Around the change of clocks in spring.
            0 => 1_711_846_800_000_000 + dice.below(7200) as i64 * 1_000_000 - 3_600_000_000,
            1 => -(dice.below(1 << 45) as i64),
            _ => dice.below(1 << 50) as i64,
        }),
        Type::Date => Value::Date(match dice.below(8) {
            0 => -719_162,
            1 => 2_932_896,
            _ => dice.below(40_000) as i32 - 20_000,
        }),
        Type::Time => Value::Time(dice.below(DAY as u64) as i64),
        Type::Duration => Value::Duration(match dice.below(6) {
            0 => i64::MAX - 5,
            1 => -1,
            _ => dice.below(1 << 44) as i64 - (1 << 43),
        }),
    }
}

fn cell(dice: &mut Dice, field: &Field) -> Value {
    let list = |dice: &mut Dice, item: &mut dyn FnMut(&mut Dice) -> Value| match dice.below(5) {
        0 => Value::Null,
        1 => Value::List(Vec::new()),
        n => Value::List((1..n).map(|_| item(dice)).collect()),
    };
    match &*field.name {
        "Few" if dice.below(9) == 0 => Value::Null,
        "Few" => (dice.below(30) as i64 - 10).into(),
        "Fine" if dice.below(9) > 0 => decimal(dice, 24).into(),
        "Tags" => list(dice, &mut |dice| (*dice.pick(&TEXTS[1..])).into()),
        "Marks" => list(dice, &mut |dice| integer(dice).into()),
        _ => value(dice, Type::of_kind(field.kind)),
    }
}

/// Random rows.
pub(crate) fn rows(dice: &mut Dice, n: usize) -> Vec<Vec<Value>> {
    let schema = schema();
    (0..n).map(|_| schema.fields().iter().map(|field| cell(dice, field)).collect()).collect()
}

/// An index of these rows, with so many in a segment.
pub(crate) fn index_of(rows: &[Vec<Value>], segment_rows: usize) -> IndexVersion {
    index_under(&schema(), rows, segment_rows)
}

/// An index under another schema.
pub(crate) fn index_under(schema: &Arc<Schema>, rows: &[Vec<Value>], segment_rows: usize) -> IndexVersion {
    let mut index = IndexVersion::empty(schema.clone(), segment_rows as u32);
    let mut segments: Vec<Vec<Stored>> = rows.chunks(segment_rows).map(|_| Vec::new()).collect();
    for (field, declared) in schema.field_ids().zip(schema.fields()) {
        let mut draft = index.domain(field).map(|domain| DomainDraft::new(Domain::clone(domain)));
        for (segment, rows) in segments.iter_mut().zip(rows.chunks(segment_rows)) {
            let blocks = rows.chunks(BLOCK_ROWS).map(|rows| {
                let cells = rows.iter().map(|row| &row[field.idx()]);
                let (mut ids, mut numbers, mut offsets) = (Vec::new(), Vec::new(), vec![0u32]);
                for cell in cells {
                    let items = match cell {
                        Value::List(items) => items.as_slice(),
                        one => std::slice::from_ref(one),
                    };
                    for item in items {
                        match &mut draft {
                            Some(draft) => ids.push(match dictionary_text(item) {
                                None => NULL,
                                Some(text) if text.is_empty() => BLANK,
                                Some(text) => draft.intern(&text),
                            }),
                            None => numbers.push(number_of(item)),
                        }
                    }
                    offsets.push(ids.len().max(numbers.len()) as u32);
                }
                let offsets = declared.multi.then_some(&*offsets);
                // A block of nulls is left out.
                let is_there =
                    ids.iter().any(|id| *id != NULL) || numbers.iter().any(Option::is_some) || declared.multi;
                let block = || match draft {
                    Some(_) => Block::of_ids(&ids, offsets),
                    None => Block::of_numbers(&numbers, offsets),
                };
                is_there.then(|| Arc::new(block()))
            });
            segment.push(Stored::new(blocks.collect()));
        }
        if let Some(draft) = draft {
            index.domains[field.idx()] = Some(Arc::new(draft.finish()));
        }
    }
    let n_rows = rows.chunks(segment_rows).map(<[_]>::len);
    index.segments = segments
        .into_iter()
        .zip(n_rows)
        .map(|(columns, n)| Arc::new(Segment { n_rows: n as u32, columns, live: Vec::new(), n_deleted: 0 }))
        .collect();
    index
}

const TYPES: [Type; 10] = [
    Type::Boolean,
    Type::Integer,
    Type::Decimal,
    Type::Real,
    Type::Text,
    Type::Guid,
    Type::Instant,
    Type::Date,
    Type::Time,
    Type::Duration,
];

/// Draws expressions of a type.
pub(crate) struct Drawer<'d> {
    dice: &'d mut Dice,
    builder: ExprBuilder,
    schema: Arc<Schema>,
    /// Whether predicates stand within.
    holds: bool,
    /// What a value of a list is, where one is looked at.
    element: Option<Type>,
}

impl<'d> Drawer<'d> {
    pub(crate) fn draw(dice: &'d mut Dice, ty: Type, depth: u32) -> Expr {
        Self::drawn(dice, (ty, depth), false, None)
    }

    fn drawn(dice: &'d mut Dice, (ty, depth): (Type, u32), holds: bool, element: Option<Type>) -> Expr {
        let mut drawer = Self { dice, builder: ExprBuilder::default(), schema: schema(), holds, element };
        let root = drawer.of(ty, depth);
        drawer.builder.expr(root)
    }

    /// A predicate of leaves that ask expressions and of others.
    pub(crate) fn predicate(dice: &mut Dice, depth: u32) -> Predicate {
        if depth == 0 || dice.below(4) == 0 {
            return Predicate::leaf(Drawer::leaf_of_predicate(dice));
        }
        match dice.below(3) {
            0 => Drawer::predicate(dice, depth - 1).not(),
            1 => Predicate::all((0..2 + dice.below(2)).map(|_| Drawer::predicate(dice, depth - 1)).collect::<Vec<_>>()),
            _ => Predicate::any((0..2 + dice.below(2)).map(|_| Drawer::predicate(dice, depth - 1)).collect::<Vec<_>>()),
        }
    }

    fn leaf_of_predicate(dice: &mut Dice) -> Leaf {
        let schema = schema();
        let field = |name: &str| schema.field_named(name).unwrap();
        match dice.below(6) {
            0 => Leaf::IsEmpty { field: FieldId(dice.below(schema.fields().len() as u64) as u16) },
            1 => {
                let (name, ty) = *dice.pick(&[("Tags", Type::Text), ("Marks", Type::Integer)]);
                let expr = Drawer::drawn(dice, (Type::Boolean, 3), false, Some(ty));
                Leaf::Element { field: field(name), expr: expr.into() }
            }
            _ => {
                let (depth, holds) = (1 + dice.below(3) as u32, dice.below(3) == 0);
                let expr = Drawer::drawn(dice, (Type::Boolean, depth), holds, None);
                Leaf::IsTrue { expr: expr.into(), negated: dice.below(3) == 0 }
            }
        }
    }

    fn push(&mut self, op: Op, ty: Type) -> ExprId {
        self.builder.push(op, ty)
    }

    fn of(&mut self, ty: Type, depth: u32) -> ExprId {
        if depth == 0 || self.dice.below(6) == 0 {
            return self.leaf(ty);
        }
        let depth = depth - 1;
        match self.dice.below(8) {
            0 => {
                let branches =
                    (0..=self.dice.below(2)).map(|_| (self.of(Type::Boolean, depth), self.of(ty, depth))).collect();
                self.push(Op::Case(branches), ty)
            }
            1 => {
                let from = *self.dice.pick(&TYPES);
                let one = self.of(from, depth);
                self.push(Op::Cast(one), ty)
            }
            _ => self.step(ty, depth),
        }
    }

    fn leaf(&mut self, ty: Type) -> ExprId {
        if let Some(of) = self.element {
            if of == ty && self.dice.below(3) > 0 {
                return self.push(Op::Input(Input::Element), ty);
            }
            let value = value(self.dice, ty);
            return self.push(Op::Const(value), ty);
        }
        let fits = |field: &Field| Type::of_kind(field.kind) == ty && !field.multi;
        let fields: Vec<FieldId> = self
            .schema
            .field_ids()
            .zip(self.schema.fields())
            .filter(|(_, field)| fits(field))
            .map(|(id, _)| id)
            .collect();
        if fields.is_empty() || self.dice.below(4) == 0 {
            let value = value(self.dice, ty);
            return self.push(Op::Const(value), ty);
        }
        let field = *self.dice.pick(&fields);
        self.push(Op::Input(Input::Field(field)), ty)
    }

    fn step(&mut self, ty: Type, depth: u32) -> ExprId {
        match ty {
            Type::Boolean => self.truth(depth),
            Type::Text => self.text(depth),
            Type::Integer => match self.dice.below(8) {
                0 => self.call(&[Call::Year, Call::Month, Call::Day], &[Type::Instant, Type::Date], ty, depth),
                1 => self.call(&[Call::Hour, Call::Minute, Call::Second], &[Type::Instant, Type::Time], ty, depth),
                2 => self.call(&[Call::Length], &[Type::Text], ty, depth),
                3 => {
                    let args = vec![self.of(Type::Text, depth), self.of(Type::Text, depth)];
                    self.push(Op::Call(Call::IndexOf, args), ty)
                }
                4 => self.call(&[Call::OffsetMinutes], &[Type::Instant], ty, depth),
                5 if self.element.is_none() => {
                    let name = *self.dice.pick(&["Tags", "Marks"]);
                    let field = self.schema.field_named(name).unwrap();
                    self.push(Op::Input(Input::NumberOfValues(field)), ty)
                }
                _ => self.number(ty, depth),
            },
            Type::Decimal => match self.dice.below(6) {
                0 => self.call(&[Call::TotalSeconds], &[Type::Duration], ty, depth),
                1 => self.call(&[Call::FractionalSeconds], &[Type::Instant, Type::Time], ty, depth),
                2 => self.call(&[Call::Round, Call::Floor, Call::Ceiling], &[Type::Decimal], ty, depth),
                _ => self.number(ty, depth),
            },
            Type::Real => match self.dice.below(4) {
                0 => self.call(&[Call::Round, Call::Floor, Call::Ceiling], &[Type::Real], ty, depth),
                _ => self.number(ty, depth),
            },
            Type::Instant | Type::Date => {
                let op = *self.dice.pick(&[Arithmetic::Add, Arithmetic::Subtract]);
                let mut sides = [self.of(ty, depth), self.of(Type::Duration, depth)];
                if op == Arithmetic::Add && self.dice.below(2) == 0 {
                    sides.reverse();
                }
                if ty == Type::Date && self.dice.below(3) == 0 {
                    return self.call(&[Call::Date], &[Type::Instant], ty, depth);
                }
                self.push(Op::Arithmetic(op, sides), ty)
            }
            Type::Duration => match self.dice.below(5) {
                0 => {
                    let of = *self.dice.pick(&[Type::Instant, Type::Date]);
                    let sides = [self.of(of, depth), self.of(of, depth)];
                    self.push(Op::Arithmetic(Arithmetic::Subtract, sides), ty)
                }
                1 => {
                    let by = *self.dice.pick(&[Type::Integer, Type::Decimal, Type::Real]);
                    let op = *self.dice.pick(&[Arithmetic::Multiply, Arithmetic::Divide]);
                    let mut sides = [self.of(ty, depth), self.of(by, depth)];
                    if op == Arithmetic::Multiply && self.dice.below(2) == 0 {
                        sides.reverse();
                    }
                    self.push(Op::Arithmetic(op, sides), ty)
                }
                2 => {
                    let one = self.of(ty, depth);
                    self.push(Op::Negate(one), ty)
                }
                _ => {
                    let op = *self.dice.pick(&[Arithmetic::Add, Arithmetic::Subtract]);
                    let sides = [self.of(ty, depth), self.of(ty, depth)];
                    self.push(Op::Arithmetic(op, sides), ty)
                }
            },
            Type::Time => self.call(&[Call::Time], &[Type::Instant], ty, depth),
            Type::Guid => self.leaf(ty),
        }
    }

    fn call(&mut self, calls: &[Call], of: &[Type], ty: Type, depth: u32) -> ExprId {
        let (call, of) = (self.dice.pick(calls).clone(), *self.dice.pick(of));
        let arg = self.of(of, depth);
        self.push(Op::Call(call, vec![arg]), ty)
    }

    fn number(&mut self, ty: Type, depth: u32) -> ExprId {
        if self.dice.below(6) == 0 {
            let one = self.of(ty, depth);
            return self.push(Op::Negate(one), ty);
        }
        let op = *self.dice.pick(&[
            Arithmetic::Add,
            Arithmetic::Subtract,
            Arithmetic::Multiply,
            Arithmetic::Divide,
            Arithmetic::Remainder,
        ]);
        let sides = [self.of(ty, depth), self.of(ty, depth)];
        self.push(Op::Arithmetic(op, sides), ty)
    }

    fn text(&mut self, depth: u32) -> ExprId {
        let first = self.of(Type::Text, depth);
        let (call, args) = match self.dice.below(6) {
            0 => (Call::Concat, vec![first, self.of(Type::Text, depth), self.of(Type::Text, 0)]),
            1 => (Call::Substring, vec![first, self.of(Type::Integer, depth)]),
            2 => (Call::Substring, vec![first, self.of(Type::Integer, 0), self.of(Type::Integer, depth)]),
            3 => (Call::Replace, vec![first, self.of(Type::Text, 0), self.of(Type::Text, depth)]),
            _ => (self.dice.pick(&[Call::ToLower, Call::ToUpper, Call::Trim]).clone(), vec![first]),
        };
        self.push(Op::Call(call, args), Type::Text)
    }

    fn truth(&mut self, depth: u32) -> ExprId {
        let ty = Type::Boolean;
        if self.holds && self.dice.below(3) == 0 {
            let predicate = Drawer::predicate(self.dice, 1);
            return self.push(Op::Holds(predicate.into()), ty);
        }
        let op = match self.dice.below(9) {
            0 => Op::Not(self.of(ty, depth)),
            1 => Op::IsTrue(self.of(ty, depth)),
            2 => Op::And((0..2 + self.dice.below(3)).map(|_| self.of(ty, depth)).collect()),
            3 => Op::Or((0..2 + self.dice.below(3)).map(|_| self.of(ty, depth)).collect()),
            4 => {
                let call = self.dice.pick(&[Call::Contains, Call::StartsWith, Call::EndsWith]).clone();
                Op::Call(call, vec![self.of(Type::Text, depth), self.of(Type::Text, 0)])
            }
            5 => {
                let pattern = Pattern(Arc::new(regex::Regex::new("[aeä].?$").unwrap()));
                Op::Call(Call::Matches(pattern), vec![self.of(Type::Text, depth)])
            }
            6 => {
                let of = *self.dice.pick(&TYPES);
                let values: Vec<Value> = (0..self.dice.below(5)).map(|_| value(self.dice, of)).collect();
                let collation = *self.dice.pick(&[Collation::Exact, Collation::IgnoreCase]);
                Op::OneOf { operand: self.of(of, depth), values: values.into(), collation }
            }
            _ => {
                let of = *self.dice.pick(&TYPES);
                let order = *self.dice.pick(&[
                    Order::Equal,
                    Order::Less,
                    Order::LessOrEqual,
                    Order::Greater,
                    Order::GreaterOrEqual,
                ]);
                let collation = *self.dice.pick(&[Collation::Exact, Collation::IgnoreCase]);
                let sides = [self.of(of, depth), self.of(of, depth)];
                Op::Compare { order, sides, both_null: self.dice.below(2) == 0, collation }
            }
        };
        self.push(op, ty)
    }

    pub(crate) fn any(dice: &'d mut Dice, depth: u32) -> Expr {
        let ty = *dice.pick(&TYPES);
        Self::draw(dice, ty, depth)
    }
}
