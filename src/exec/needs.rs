//! What has to be decided before a predicate or an expression is run, however deep it stands in one: sub-selects, paths, what
//! leads back. Walked in loops.

use std::sync::Arc;

use crate::data::version::IndexVersion;
use crate::query::predicate::expr::{Expr, Input, Op, Path, Reduced};
use crate::query::predicate::{Leaf, Node, Predicate, Subselect};

/// One thing that is decided once for all that a request asks.
#[derive(Clone, Debug)]
pub(crate) enum Need<'a> {
    Subselect(Arc<Subselect>),
    /// From rows of an index.
    Path(&'a IndexVersion, Arc<Path>),
    Reduced(&'a IndexVersion, Arc<Reduced>),
}

/// What a predicate needs that is asked of rows of an index.
pub(crate) fn of_predicate<'a>(predicate: &Predicate, index: &'a IndexVersion) -> Vec<Need<'a>> {
    of(vec![Part::Predicate(predicate)], index)
}

/// What an expression needs.
pub(crate) fn of_expr<'a>(expr: &Expr, index: &'a IndexVersion) -> Vec<Need<'a>> {
    of(vec![Part::Expr(expr)], index)
}

/// Calls `each` with every leaf of a predicate and of those within its expressions.
pub(crate) fn each_leaf(predicate: &Predicate, each: &mut dyn FnMut(&Leaf)) {
    walk(vec![Part::Predicate(predicate)], each, &mut |_| {});
}

/// Calls `leaf` and `input` with all that an expression asks of a row, within predicates too.
pub(crate) fn each_asked(expr: &Expr, leaf: &mut dyn FnMut(&Leaf), input: &mut dyn FnMut(&Input)) {
    walk(vec![Part::Expr(expr)], leaf, input);
}

#[derive(Clone, Copy)]
enum Part<'x> {
    Predicate(&'x Predicate),
    Expr(&'x Expr),
}

fn of<'a>(parts: Vec<Part<'_>>, index: &'a IndexVersion) -> Vec<Need<'a>> {
    let (mut needs, mut inputs) = (Vec::new(), Vec::new());
    let mut leaf = |leaf: &Leaf| needs.extend(leaf.subselect().cloned().map(Need::Subselect));
    let mut input = |input: &Input| match input {
        Input::Path(path) => inputs.push(Need::Path(index, path.clone())),
        Input::Reduced(reduced) => inputs.push(Need::Reduced(index, reduced.clone())),
        Input::Field(_) | Input::Element | Input::NumberOfValues(_) | Input::Column(_) => {}
    };
    walk(parts, &mut leaf, &mut input);
    needs.extend(inputs);
    needs
}

fn walk(mut parts: Vec<Part<'_>>, leaf: &mut dyn FnMut(&Leaf), input: &mut dyn FnMut(&Input)) {
    while let Some(part) = parts.pop() {
        match part {
            Part::Predicate(predicate) => {
                for node in predicate.nodes() {
                    let Node::Leaf(one) = node else { continue };
                    leaf(one);
                    if let Leaf::IsTrue { expr, .. } | Leaf::Element { expr, .. } = one {
                        parts.push(Part::Expr(expr));
                    }
                }
            }
            Part::Expr(expr) => {
                for node in expr.nodes() {
                    match &node.op {
                        Op::Holds(predicate) => parts.push(Part::Predicate(predicate)),
                        Op::Input(one) => input(one),
                        _ => {}
                    }
                }
            }
        }
    }
}
