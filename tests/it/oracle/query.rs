//! Filters as trees of meaning, and whether a row passes one. How a tree may be written is not here.

use tallygrid::{Kind, Value};

use super::column::{Atom, Class, Column, atoms, folded_place, number_of};
use super::package::Packages;
use super::search::{Search, words_of};
use super::world::World;

/// A condition on rows. `And` and `Or` have two parts or more.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    Test(Test),
    Not(Box<Filter>),
    And(Vec<Filter>),
    Or(Vec<Filter>),
}

/// One clause.
#[derive(Clone, Debug)]
pub(crate) struct Test {
    pub(crate) target: Target,
    pub(crate) negated: bool,
    pub(crate) asks: Asks,
}

/// What stands in field position.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    Column(usize),
    /// A path with everything above it.
    Ancestors(usize),
    /// Every text and keyword field.
    Text,
}

#[derive(Clone, Debug)]
pub(crate) enum Asks {
    Empty,
    /// `=`, or IN with one value or more than two where two would be a range.
    OneOf(Vec<Literal>),
    Ordered(Op, Literal),
    /// `IN [low, high]` of numbers.
    Between(Literal, Literal),
    Search(Search),
    /// A query in braces; none is for every row.
    Leads(Option<Box<Filter>>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Op {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A value as written and as meant.
#[derive(Clone, Debug)]
pub(crate) struct Literal {
    pub(crate) written: Written,
    /// Several if a function gives several; none if nothing can be equal to it.
    pub(crate) meant: Vec<Atom>,
}

#[derive(Clone, Debug)]
pub(crate) enum Written {
    /// To be quoted where it needs it.
    Word(String),
    /// Stands as it is: a call.
    Call(String),
}

impl Literal {
    pub(crate) fn word(text: impl Into<String>, meant: Atom) -> Self {
        Self { written: Written::Word(text.into()), meant: vec![meant] }
    }

    /// Where it stands among numbers.
    pub(crate) fn number(&self) -> i128 {
        match self.meant[..] {
            [Atom::Number(n)] => n,
            _ => panic!("{self:?} is no number"),
        }
    }

    /// A text that means the empty value.
    fn is_blank(&self) -> bool {
        self.meant == [Atom::Text(String::new())]
    }
}

impl Filter {
    pub(crate) fn passes(&self, world: &World, row: &[Value]) -> bool {
        match self {
            Self::Test(test) => test.passes(world, row),
            Self::Not(inner) => !inner.passes(world, row),
            Self::And(parts) => parts.iter().all(|part| part.passes(world, row)),
            Self::Or(parts) => parts.iter().any(|part| part.passes(world, row)),
        }
    }
}

impl Test {
    pub(crate) fn passes(&self, world: &World, row: &[Value]) -> bool {
        let found = match self.target {
            Target::Text => self.asks.found_in_text(world, row),
            Target::Column(at) => match &self.asks {
                Asks::Leads(filter) => world
                    .leads(at, row, &|there, other| filter.as_ref().is_none_or(|filter| filter.passes(there, other))),
                Asks::Empty if world.columns[at].kind == Kind::Relation && world.leads_back(at) => {
                    atoms(&row[at]).is_empty() && !world.leads(at, row, &|_, _| true)
                }
                asks => asks.found(&world.columns[at], &row[at], &world.packages, false),
            },
            Target::Ancestors(at) => self.asks.found(&world.columns[at], &row[at], &world.packages, true),
        };
        found != self.negated
    }
}

impl Asks {
    fn found(&self, column: &Column, cell: &Value, packages: &Packages, ancestors: bool) -> bool {
        let atoms = atoms(cell);
        let numbers = || atoms.iter().map(number_of);
        match self {
            Self::Empty => atoms.is_empty(),
            Self::OneOf(literals) if column.kind == Kind::Path => {
                let places = literals.iter().filter(|literal| !literal.is_blank());
                let texts = places.flat_map(|literal| &literal.meant).map(|atom| match atom {
                    Atom::Text(text) => folded_place(text),
                    Atom::Number(n) => panic!("{n} is no place"),
                });
                let wanted: Vec<String> = texts.collect();
                let takes_empty = literals.iter().any(Literal::is_blank);
                texts_of(&atoms).any(|place| packages.lies_in(place, &wanted, ancestors))
                    || (takes_empty && atoms.is_empty())
            }
            Self::OneOf(literals) => {
                let classes: Vec<Class> = atoms.iter().map(|atom| column.class(atom)).collect();
                literals.iter().any(|literal| match literal.is_blank() {
                    true => atoms.is_empty(),
                    false => literal.meant.iter().any(|meant| classes.contains(&column.class(meant))),
                })
            }
            Self::Ordered(op, literal) => {
                let right = literal.number();
                numbers().any(|left| match op {
                    Op::Less => left < right,
                    Op::LessOrEqual => left <= right,
                    Op::Greater => left > right,
                    Op::GreaterOrEqual => left >= right,
                })
            }
            Self::Leads(_) => panic!("{column:?} leads nowhere"),
            Self::Between(low, high) => numbers().any(|n| low.number() <= n && n <= high.number()),
            Self::Search(search) => {
                // One value has to satisfy the whole search.
                texts_of(&atoms).any(|text| search.finds(&|leaf| leaf.is_in(&words_of(text))))
            }
        }
    }

    /// Asked of all texts and keywords together: each word may be found in any of them.
    fn found_in_text(&self, world: &World, row: &[Value]) -> bool {
        let searched = || {
            let cells = world.columns.iter().zip(row);
            cells.filter(|(column, _)| matches!(column.kind, Kind::Text | Kind::Keyword)).map(|(_, cell)| cell)
        };
        match self {
            Self::Empty => searched().all(|cell| atoms(cell).is_empty()),
            Self::Search(search) => {
                let atoms: Vec<Atom> = searched().flat_map(atoms).collect();
                search.finds(&|leaf| texts_of(&atoms).any(|text| leaf.is_in(&words_of(text))))
            }
            other => panic!("Text has no {other:?}"),
        }
    }
}

fn texts_of(atoms: &[Atom]) -> impl Iterator<Item = &str> {
    atoms.iter().filter_map(|atom| match atom {
        Atom::Text(text) => Some(text.as_str()),
        Atom::Number(_) => None,
    })
}
