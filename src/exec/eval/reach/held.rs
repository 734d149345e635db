//! What a predicate within an expression can come to: its leaves are asked what they make of the least and the greatest number,
//! as where blocks are left out.

use crate::data::block::Summary;
use crate::data::version::IndexVersion;
use crate::exec::eval::reach::States;
use crate::exec::eval::state::{FALSE, TRUE};
use crate::exec::test::{Outcome, Test};
use crate::model::schema::FieldId;
use crate::query::predicate::{Leaf, Node, Predicate};

/// A predicate whose leaves of single number fields are decided; children before parents.
#[derive(Debug)]
pub(crate) struct Held {
    steps: Vec<Step>,
    root: usize,
}

#[derive(Debug)]
enum Step {
    Const(bool),
    Test(FieldId, Test),
    Not(usize),
    And(Vec<usize>),
    Or(Vec<usize>),
    /// Either.
    Unknown,
}

impl Held {
    pub(crate) fn new(predicate: &Predicate, index: &IndexVersion) -> Self {
        let ids = |children: &[crate::query::predicate::NodeId]| children.iter().map(|child| child.idx()).collect();
        let step = |node: &Node| match node {
            Node::Const(value) => Step::Const(*value),
            Node::Not(child) => Step::Not(child.idx()),
            Node::And(children) => Step::And(ids(children)),
            Node::Or(children) => Step::Or(ids(children)),
            Node::Leaf(leaf @ (Leaf::OneOf { field, .. } | Leaf::Range { field, .. } | Leaf::IsEmpty { field }))
                if index.domain(*field).is_none() && !index.schema.field(*field).multi =>
            {
                Step::Test(*field, Test::decide(leaf, *field, index))
            }
            Node::Leaf(_) => Step::Unknown,
        };
        Self { steps: predicate.nodes().iter().map(step).collect(), root: predicate.root().idx() }
    }

    pub(crate) fn states(&self, summary: &dyn Fn(FieldId) -> Summary) -> States {
        let mut found: Vec<Outcome> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let of = |child: &usize| found[*child];
            found.push(match step {
                Step::Const(true) => Outcome::EveryRow,
                Step::Const(false) => Outcome::NoRow,
                Step::Test(field, test) => test.outcome(summary(*field)),
                Step::Not(child) => of(child).not(),
                Step::And(children) => Outcome::join(children.iter().map(of), Outcome::NoRow, Outcome::EveryRow),
                Step::Or(children) => Outcome::join(children.iter().map(of), Outcome::EveryRow, Outcome::NoRow),
                Step::Unknown => Outcome::SomeRows,
            });
        }
        match found.get(self.root) {
            Some(Outcome::EveryRow) => States::of(TRUE),
            Some(Outcome::NoRow) => States::of(FALSE),
            _ => States::of(FALSE).or(States::of(TRUE)),
        }
    }
}
