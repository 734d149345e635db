//! Recursive hierarchies: read so that they can be told of, since nothing answers them.

use crate::lang::odata::ast::apply::{GroupKey, Hierarchy, Transform};
use crate::lang::odata::ast::{Expr, Path, Step, Variable};
use crate::lang::odata::lex::{Kind, Shape};
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// `$root/Set,Qualifier,Path`.
    fn hierarchy(&mut self) -> Option<Hierarchy> {
        let n_errors = self.n_errors;
        let nodes = match self.item() {
            Expr::Path(path) => Some(path),
            _ => None,
        };
        let is_rooted = |path: &Path| matches!(path.steps.first(), Some(Step::Variable(Variable::Root, _)));
        let Some(nodes) = nodes.filter(is_rooted) else {
            if self.n_errors == n_errors {
                self.expected("a collection such as `$root/Organizations`");
            }
            return None;
        };
        if !self.comma() {
            self.expected("`,` and the hierarchy's name");
            return None;
        }
        let qualifier = self.simple_name("the hierarchy's name")?;
        if !self.comma() {
            self.expected("`,` and the path to the node");
            return None;
        }
        let node = self.plain_path("the path to the node")?;
        Some(Hierarchy { nodes, qualifier, node })
    }

    /// `(hierarchy,sequence)` of a rollup.
    pub(super) fn rollup_recursive(&mut self, start: usize) -> Option<GroupKey> {
        let opened = self.open(')')?;
        let hierarchy = self.hierarchy();
        let then = (hierarchy.is_some() && self.comma()).then(|| self.sequence());
        if hierarchy.is_none() {
            self.recover_past_commas();
        }
        self.shut(opened);
        Some(GroupKey::Recursive { hierarchy: hierarchy?, then, span: self.span_from(start) })
    }

    /// `hierarchy,sequence[,distance][,keep start]` of `ancestors` and `descendants`.
    pub(super) fn kin(&mut self, ancestors: bool) -> Transform {
        let Some(hierarchy) = self.hierarchy() else { return Transform::Error };
        if !self.comma() {
            self.expected("`,` and a sequence");
            return Transform::Error;
        }
        let start = self.sequence();
        let (mut distance, mut keep_start) = (None, false);
        let mut goes_on = self.comma();
        if goes_on && self.token.kind == Kind::Literal(Shape::Integer) {
            distance = self.digits();
            goes_on = self.comma();
        }
        if goes_on {
            keep_start = self.keep_start();
        }
        Transform::Kin { ancestors, hierarchy, start, distance, keep_start }
    }

    /// `keep start`.
    fn keep_start(&mut self) -> bool {
        if !self.at_exact("keep") {
            self.expected("a distance or `keep start`");
            return false;
        }
        self.bump();
        self.must_blank();
        let found = self.at_exact("start");
        if found {
            self.bump();
        } else {
            self.expected("`start`");
        }
        found
    }

    /// `hierarchy,preorder[,order]` of `traverse`.
    pub(super) fn traverse(&mut self) -> Transform {
        let Some(hierarchy) = self.hierarchy() else { return Transform::Error };
        let has_more = self.comma();
        let postorder = self.at_exact("postorder");
        if !has_more || !(postorder || self.at_exact("preorder")) {
            self.expected("`preorder` or `postorder`");
            return Transform::Error;
        }
        self.bump();
        let order = if self.comma() { self.order_items() } else { Vec::new() };
        Transform::Traverse { hierarchy, postorder, order }
    }
}
