//! Expressions to predicates: which rows make an expression true. AND, OR, NOT and tests of rows become nodes that can be
//! pruned and decided per distinct value; what is left is asked as an expression.
//!
//! Of every node up to four questions are needed: whether it is true, whether it is false, and whether it is not so. NOT
//! of an expression that may fail is asked of the expression and never stands above it, so that a failed row counts only
//! where it matters (see [`Leaf::IsTrue`]).

use crate::model::value::Value;
use crate::query::predicate::expr::{Expr, ExprBuilder, ExprId, Node as Value_, Op};
use crate::query::predicate::{Builder, Leaf, Node, NodeId, Predicate};

/// What is asked of a truth value: of null neither `True` nor `False` holds, and both negations do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    True,
    False,
    NotTrue,
    NotFalse,
}

const ALL: [Asked; 4] = [Asked::True, Asked::False, Asked::NotTrue, Asked::NotFalse];

impl Asked {
    /// The same of NOT of the value.
    fn of_not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::NotTrue => Self::NotFalse,
            Self::NotFalse => Self::NotTrue,
        }
    }

    /// Whether an AND must have it of all of its terms; else one decides.
    fn joins_and(self) -> bool {
        matches!(self, Self::True | Self::NotFalse)
    }
}

/// The rows for which an expression is true. `O(nodes)`, in loops.
pub(crate) fn is_true(expr: &Expr) -> Predicate {
    let nodes = expr.nodes();
    let mut wanted = vec![[false; 4]; nodes.len()];
    wanted[expr.root().idx()][Asked::True as usize] = true;
    for at in (0..nodes.len()).rev() {
        for asked in ALL.into_iter().filter(|asked| wanted[at][*asked as usize]).collect::<Vec<_>>() {
            match &nodes[at].op {
                Op::Not(inner) => wanted[inner.idx()][asked.of_not() as usize] = true,
                Op::And(parts) | Op::Or(parts) => {
                    parts.iter().for_each(|part| wanted[part.idx()][asked as usize] = true);
                }
                Op::IsTrue(inner) => {
                    let asked =
                        if matches!(asked, Asked::True | Asked::NotFalse) { Asked::True } else { Asked::NotTrue };
                    wanted[inner.idx()][asked as usize] = true;
                }
                _ => {}
            }
        }
    }
    let mut builder = Builder::default();
    let mut made: Vec<[Option<NodeId>; 4]> = vec![[None; 4]; nodes.len()];
    for at in 0..nodes.len() {
        for asked in ALL.into_iter().filter(|asked| wanted[at][*asked as usize]) {
            let of = |id: ExprId, asked: Asked| made[id.idx()][asked as usize];
            let node = match &nodes[at].op {
                Op::Not(inner) => of(*inner, asked.of_not()),
                Op::IsTrue(inner) => {
                    let asked =
                        if matches!(asked, Asked::True | Asked::NotFalse) { Asked::True } else { Asked::NotTrue };
                    of(*inner, asked)
                }
                Op::And(parts) | Op::Or(parts) => {
                    let all = matches!(nodes[at].op, Op::And(_)) == asked.joins_and();
                    let parts: Vec<NodeId> = parts.iter().filter_map(|part| of(*part, asked)).collect();
                    Some(builder.push(if all { Node::And(parts) } else { Node::Or(parts) }))
                }
                op => Some(leaf(expr, ExprId(at as u32), op, asked, &mut builder)),
            };
            made[at][asked as usize] = node;
        }
    }
    match made[expr.root().idx()][Asked::True as usize] {
        Some(root) => builder.finish(root),
        None => Predicate::constant(false),
    }
}

fn leaf(expr: &Expr, id: ExprId, op: &Op, asked: Asked, builder: &mut Builder) -> NodeId {
    let negated = matches!(asked, Asked::NotTrue | Asked::NotFalse);
    match op {
        Op::Const(value) => {
            let is_so = match value {
                Value::Boolean(b) => *b == matches!(asked, Asked::True | Asked::NotTrue),
                _ => false,
            };
            builder.push(Node::Const(is_so != negated))
        }
        // Never null, so false is not true.
        Op::Holds(predicate) => {
            let holds = builder.graft((**predicate).clone());
            match asked {
                Asked::True | Asked::NotFalse => holds,
                Asked::False | Asked::NotTrue => builder.push(Node::Not(holds)),
            }
        }
        _ => {
            let part = expr.part(id);
            let of_false = matches!(asked, Asked::False | Asked::NotFalse);
            let part = if of_false { not(&part) } else { part };
            builder.push(Node::Leaf(Leaf::IsTrue { expr: part.into(), negated }))
        }
    }
}

fn not(expr: &Expr) -> Expr {
    let mut builder = ExprBuilder::of(expr);
    let root = expr.root();
    let Value_ { ty, .. } = *expr.node(root);
    let root = builder.push(Op::Not(root), ty);
    builder.expr(root)
}
