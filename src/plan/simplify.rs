//! Predicates with nothing left to fold: constants gone, no NOT above a NOT, chains of one joiner flat. What rows pass never
//! changes, and neither does the order of terms.

use crate::query::predicate::{Builder, Node, NodeId, Predicate};

/// The same predicate, simpler. Linear, without recursion.
pub(crate) fn simplify(predicate: &Predicate) -> Predicate {
    let mut builder = Builder::default();
    // By old node: what it became.
    let mut became: Vec<Piece> = Vec::with_capacity(predicate.nodes().len());
    for node in predicate.nodes() {
        let piece = match node {
            Node::Const(value) => Piece::Const(*value),
            Node::Leaf(leaf) => Piece::Node(builder.push(Node::Leaf(leaf.clone()))),
            Node::Not(child) => match became[child.idx()].clone() {
                Piece::Const(value) => Piece::Const(!value),
                Piece::Not { of, .. } => Piece::Node(of),
                piece => {
                    let of = piece.settle(&mut builder);
                    Piece::Not { of, node: builder.push(Node::Not(of)) }
                }
            },
            Node::And(children) => chain(children, &mut became, &mut builder, true),
            Node::Or(children) => chain(children, &mut became, &mut builder, false),
        };
        became.push(piece);
    }
    let root = became[predicate.root().idx()].clone().settle(&mut builder);
    builder.finish(root)
}

/// What a node became.
#[derive(Clone)]
enum Piece {
    Const(bool),
    Node(NodeId),
    Not {
        of: NodeId,
        node: NodeId,
    },
    /// A chain that is not built yet, since its parent may take its members over.
    Chain {
        is_and: bool,
        members: Vec<NodeId>,
    },
}

impl Piece {
    /// The finished node.
    fn settle(self, builder: &mut Builder) -> NodeId {
        match self {
            Self::Const(value) => builder.push(Node::Const(value)),
            Self::Node(id) | Self::Not { node: id, .. } => id,
            Self::Chain { is_and: true, members } => builder.push(Node::And(members)),
            Self::Chain { is_and: false, members } => builder.push(Node::Or(members)),
        }
    }
}

fn chain(children: &[NodeId], became: &mut [Piece], builder: &mut Builder, is_and: bool) -> Piece {
    let mut members = Vec::with_capacity(children.len());
    for child in children {
        // Each node has one parent, so a chain may be taken rather than copied.
        match std::mem::replace(&mut became[child.idx()], Piece::Const(is_and)) {
            Piece::Const(value) if value == is_and => {}
            Piece::Const(value) => return Piece::Const(value),
            Piece::Chain { is_and: same, members: inner } if same == is_and => members.extend(inner),
            piece => members.push(piece.settle(builder)),
        }
    }
    match members[..] {
        [] => Piece::Const(is_and),
        [one] => Piece::Node(one),
        _ => Piece::Chain { is_and, members },
    }
}

#[cfg(test)]
mod tests {
    use super::simplify;
    use crate::model::schema::FieldId;
    use crate::query::predicate::{Builder, Leaf, Node, Predicate};

    fn leaf(n: u16) -> Predicate {
        Predicate::leaf(Leaf::IsEmpty { field: FieldId(n) })
    }

    fn not(p: Predicate) -> Predicate {
        let mut builder = Builder::default();
        let child = builder.graft(p);
        let root = builder.push(Node::Not(child));
        builder.finish(root)
    }

    fn any(parts: impl IntoIterator<Item = Predicate>) -> Predicate {
        let mut builder = Builder::default();
        let ids = parts.into_iter().map(|part| builder.graft(part)).collect();
        let root = builder.push(Node::Or(ids));
        builder.finish(root)
    }

    #[test]
    fn constants_double_negations_and_nested_chains_go() {
        assert_eq!(simplify(&not(not(leaf(1)))), leaf(1));
        assert!(simplify(&any([leaf(1), Predicate::constant(true)])).is_const(true));
        assert_eq!(simplify(&any([leaf(1), Predicate::constant(false)])), leaf(1));
        let nested = Predicate::all([Predicate::all([leaf(1), leaf(2)]), leaf(3)]);
        let root = simplify(&nested);
        assert!(matches!(root.node(root.root()), Node::And(children) if children.len() == 3));
        assert!(simplify(&not(Predicate::constant(false))).is_const(true));
    }

    #[test]
    fn a_chain_below_not_is_kept() {
        let p = simplify(&not(any([leaf(1), leaf(2)])));
        let Node::Not(child) = p.node(p.root()) else { panic!("{p:?}") };
        assert!(matches!(p.node(*child), Node::Or(children) if children.len() == 2));
    }
}
