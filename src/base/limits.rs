//! The documented limits of a request. Each is an error when reached, never a silent cut.

/// How large a request and its answer may get. Start from [`Limits::default`] and set what differs.
///
/// ```
/// use tallygrid::Limits;
/// let limits = Limits::default().with_groups(10_000);
/// assert_eq!(limits.groups, 10_000);
/// assert_eq!(limits.query_bytes, 1 << 20);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Bytes of one query text. Default 1 MiB.
    pub query_bytes: usize,
    /// Depth of nested parentheses, NOTs, calls and blocks. Default 200.
    pub nesting: usize,
    /// Clauses, operators and single values of one query. Default 100,000.
    pub nodes: usize,
    /// Members of one list. Default 100,000.
    pub list_members: usize,
    /// Fields of ORDER BY, items of `$orderby`. Default 32.
    pub order_items: usize,
    /// Depth of `any` and `all` within one another. Default 8.
    pub lambda_depth: usize,
    /// Depth of `$expand` within one another. Default 4.
    pub expand_depth: usize,
    /// Groups of one answer. Default 1,000,000.
    pub groups: usize,
    /// Bytes of working memory for one request beside the data itself. Default 1 GiB.
    pub memory_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            query_bytes: 1 << 20,
            nesting: 200,
            nodes: 100_000,
            list_members: 100_000,
            order_items: 32,
            lambda_depth: 8,
            expand_depth: 4,
            groups: 1_000_000,
            memory_bytes: 1 << 30,
        }
    }
}

/// Declares one setter a limit.
macro_rules! setters {
    ($($name:ident: $field:ident, $unit:literal;)+) => {
        impl Limits {
            $(
                #[doc = concat!("With another limit for ", $unit, ".")]
                #[must_use]
                pub fn $name(mut self, limit: usize) -> Self {
                    self.$field = limit;
                    self
                }
            )+
        }
    };
}

setters! {
    with_query_bytes: query_bytes, "the bytes of one query text";
    with_nesting: nesting, "nesting; above a few thousand the stack of the calling thread decides";
    with_nodes: nodes, "the clauses, operators and values of one query";
    with_list_members: list_members, "the members of one list";
    with_order_items: order_items, "the fields of ORDER BY";
    with_lambda_depth: lambda_depth, "the depth of `any` and `all` within one another";
    with_expand_depth: expand_depth, "the depth of `$expand` within one another";
    with_groups: groups, "the groups of one answer";
    with_memory_bytes: memory_bytes, "the working memory of one request, in bytes";
}
