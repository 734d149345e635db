//! Chains: AND and OR from left to right, NOT over its scope. Runs of one joiner become one node; only nesting recurses.

use crate::lang::tql::ast::{Clause, Filter, Junction, Not, Operand};
use crate::query::bind::Binder;
use crate::query::predicate::{Node, NodeId};

impl Binder<'_, '_> {
    pub(super) fn constant(&mut self, value: bool) -> NodeId {
        self.builder.push(Node::Const(value))
    }

    pub(super) fn filter(&mut self, filter: &Filter) -> NodeId {
        let mut run = vec![self.operand(&filter.first)];
        let mut run_kind = None;
        for (joiner, operand) in &filter.rest {
            if run_kind.is_some_and(|kind| kind != joiner.kind) {
                // What was read so far is the first member of the new run.
                let so_far = self.join(std::mem::take(&mut run), run_kind);
                run.push(so_far);
            }
            run_kind = Some(joiner.kind);
            run.push(self.operand(operand));
        }
        self.join(run, run_kind)
    }

    fn join(&mut self, mut members: Vec<NodeId>, kind: Option<Junction>) -> NodeId {
        match (kind, members.len()) {
            (Some(Junction::And), 2..) => self.builder.push(Node::And(members)),
            (Some(Junction::Or), 2..) => self.builder.push(Node::Or(members)),
            (_, 1..) => members.swap_remove(0),
            (_, 0) => self.constant(true),
        }
    }

    fn operand(&mut self, operand: &Operand) -> NodeId {
        match operand {
            Operand::Clause(Clause::Call(call)) => self.facet(call),
            Operand::Clause(clause) => self.clause(clause),
            Operand::Not(not) => self.not(not),
            Operand::Group(filter, _) => self.filter(filter),
            Operand::Error(_) => self.constant(false),
        }
    }

    fn not(&mut self, not: &Not) -> NodeId {
        let mut scope = vec![self.operand(&not.first)];
        for (_, operand) in &not.rest {
            scope.push(self.operand(operand));
        }
        let scope = self.join(scope, Some(Junction::Or));
        self.builder.push(Node::Not(scope))
    }
}
