//! Predicates that hosts state: permissions and scope. Bound anew for each request, since schemas grow.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::model::cell::coerce;
use crate::model::kind::Kind;
use crate::model::schema::FieldId;
use crate::model::value::Value;
use crate::query::bind::{bind_text, misplaced_aggregates};
use crate::query::context::Env;
use crate::query::predicate::{Builder, Leaf, Node, Predicate};

/// A predicate that a host states, free of anything a user typed.
///
/// ```
/// use tallygrid::Condition;
/// let mine = Condition::all_of([Condition::is_in("ProjectId", ["p1"]), Condition::tql("Status != Blocked")]);
/// assert_ne!(mine, Condition::none());
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    test: Test,
}

#[derive(Clone, Debug, PartialEq)]
enum Test {
    All,
    None,
    Tql(String),
    IsIn { field: String, values: Vec<Value> },
    Under { field: String, container: String },
    AllOf(Vec<Condition>),
    AnyOf(Vec<Condition>),
}

impl Condition {
    /// Every row.
    #[must_use]
    pub fn all() -> Self {
        Self { test: Test::All }
    }

    /// No row.
    #[must_use]
    pub fn none() -> Self {
        Self { test: Test::None }
    }

    /// The rows of a TQL filter; ORDER BY in it has no effect.
    #[must_use]
    pub fn tql(filter: impl Into<String>) -> Self {
        Self { test: Test::Tql(filter.into()) }
    }

    /// Rows whose field holds one of the values, under the field's collation.
    #[must_use]
    pub fn is_in<V: Into<Value>>(field: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self { test: Test::IsIn { field: field.into(), values: values.into_iter().map(Into::into).collect() } }
    }

    /// Rows whose path field lies in or anywhere under the container: an id, a name or a path.
    #[must_use]
    pub fn under(field: impl Into<String>, container: impl Into<String>) -> Self {
        Self { test: Test::Under { field: field.into(), container: container.into() } }
    }

    /// Rows that satisfy every part; all rows if there is none.
    #[must_use]
    pub fn all_of(parts: impl IntoIterator<Item = Self>) -> Self {
        Self { test: Test::AllOf(parts.into_iter().collect()) }
    }

    /// Rows that satisfy some part; no row if there is none.
    #[must_use]
    pub fn any_of(parts: impl IntoIterator<Item = Self>) -> Self {
        Self { test: Test::AnyOf(parts.into_iter().collect()) }
    }

    /// Resolves names and values against an index.
    ///
    /// # Errors
    /// A field that the index lacks, a value its kind cannot hold, a TQL text that is wrong: never ignored.
    pub(crate) fn bind(&self, env: &Env<'_>) -> Result<Predicate> {
        match &self.test {
            Test::All => Ok(Predicate::constant(true)),
            Test::None => Ok(Predicate::constant(false)),
            Test::Tql(text) => {
                let mut diagnostics = Vec::new();
                let bound = bind_text(text, env, &mut diagnostics);
                diagnostics.extend(bound.aggregates_span.map(misplaced_aggregates));
                if diagnostics.iter().any(|d| d.severity() == Severity::Error) {
                    let wrong = diagnostics.iter().filter(|d| d.severity() == Severity::Error);
                    // The places are in the host's text, which the caller never sees.
                    let moved = |d: &Diagnostic| fault(d.code(), format!("in the scope filter: {}", d.message()));
                    return Err(Error::new(ErrorKind::Query, wrong.map(moved).collect()));
                }
                Ok(bound.predicate)
            }
            Test::IsIn { field, values } => {
                let id = field_of(field, env)?;
                let declared = env.schema.field(id);
                let mut typed = Vec::with_capacity(values.len());
                for value in values.iter().filter(|value| !value.is_empty()) {
                    let one = |value: &Value| coerce(value, declared).map(|cell| cell.value);
                    let value = one(value).map_err(|reason| {
                        let message = format!("`{field}` in the scope: {reason}");
                        Error::one(ErrorKind::Query, fault(Code::WrongParameter, message))
                    })?;
                    match value {
                        Value::List(items) => typed.extend(items),
                        value => typed.push(value),
                    }
                }
                Ok(match typed.is_empty() {
                    true => Predicate::constant(false),
                    false => Predicate::leaf(Leaf::OneOf { field: id, values: typed.into() }),
                })
            }
            Test::Under { field, container } => {
                let id = field_of(field, env)?;
                if env.schema.field(id).kind != Kind::Path {
                    return Err(Error::one(ErrorKind::Query, needs(field, "is no path field of", env)));
                }
                let containers = Arc::from([container.as_str().into()]);
                Ok(Predicate::leaf(Leaf::Within {
                    field: id,
                    ancestors: true,
                    containers,
                    in_permission: env.in_permission,
                }))
            }
            Test::AllOf(parts) => {
                Ok(Predicate::all(parts.iter().map(|part| part.bind(env)).collect::<Result<Vec<_>>>()?))
            }
            Test::AnyOf(parts) => {
                let mut builder = Builder::default();
                let mut ids = Vec::with_capacity(parts.len());
                for part in parts {
                    ids.push(builder.graft(part.bind(env)?));
                }
                let root = match ids[..] {
                    [] => builder.push(Node::Const(false)),
                    [one] => one,
                    _ => builder.push(Node::Or(ids)),
                };
                Ok(builder.finish(root))
            }
        }
    }
}

fn field_of(name: &str, env: &Env<'_>) -> Result<FieldId> {
    env.schema.field_named(name).ok_or_else(|| Error::one(ErrorKind::Query, needs(name, "is no field of", env)))
}

fn needs(field: &str, problem: &str, env: &Env<'_>) -> Diagnostic {
    fault(
        Code::ScopeNeedsField,
        format!("the scope needs `{field}`, which {problem} the index `{}`", env.schema.name()),
    )
}

fn fault(code: Code, message: String) -> Diagnostic {
    Diagnostic::new(code, Severity::Error, Place::Request, message)
}
