//! Predicates that hosts state: permissions and scope. Bound anew for each request, since schemas grow.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result, all};
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
    /// The part of the request that it came from.
    parameter: Option<Arc<str>>,
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
        Self::of(Test::All)
    }

    /// No row.
    #[must_use]
    pub fn none() -> Self {
        Self::of(Test::None)
    }

    /// The rows of a TQL filter; ORDER BY in it has no effect.
    #[must_use]
    pub fn tql(filter: impl Into<String>) -> Self {
        Self::of(Test::Tql(filter.into()))
    }

    /// Rows whose field holds one of the values, under the field's collation.
    #[must_use]
    pub fn is_in<V: Into<Value>>(field: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
        Self::of(Test::IsIn { field: field.into(), values: values.into_iter().map(Into::into).collect() })
    }

    /// Rows whose path field lies in or anywhere under the container: an id, a name or a path.
    #[must_use]
    pub fn under(field: impl Into<String>, container: impl Into<String>) -> Self {
        Self::of(Test::Under { field: field.into(), container: container.into() })
    }

    /// Rows that satisfy every part; all rows if there is none.
    #[must_use]
    pub fn all_of(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::of(Test::AllOf(parts.into_iter().collect()))
    }

    /// Rows that satisfy some part; no row if there is none.
    #[must_use]
    pub fn any_of(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::of(Test::AnyOf(parts.into_iter().collect()))
    }

    fn of(test: Test) -> Self {
        Self { test, parameter: None }
    }

    /// Mistakes in it are told to be in that part of the request.
    pub(crate) fn told_as(mut self, parameter: &str) -> Self {
        self.parameter = Some(parameter.into());
        self
    }

    /// Resolves names and values against an index.
    ///
    /// # Errors
    /// Every field that the index lacks, value its kind cannot hold and mistake in a TQL text: never ignored.
    pub(crate) fn bind(&self, env: &Env<'_>) -> Result<Predicate> {
        self.bind_part(env, env.in_permission)
    }

    /// Binds a part; `is_told` if messages may show its values: the caller sent it, or only the host is told.
    fn bind_part(&self, env: &Env<'_>, is_told: bool) -> Result<Predicate> {
        let Some(parameter) = &self.parameter else { return self.bind_test(env, is_told) };
        self.bind_test(env, true).map_err(|error| error.in_parameter(parameter))
    }

    fn bind_test(&self, env: &Env<'_>, is_told: bool) -> Result<Predicate> {
        let bound = |parts: &[Self]| all(parts.iter().map(|part| part.bind_part(env, is_told)));
        match &self.test {
            Test::All => Ok(Predicate::constant(true)),
            Test::None => Ok(Predicate::constant(false)),
            Test::Tql(text) => {
                let mut diagnostics = Vec::new();
                let bound = bind_text(text, env, &mut diagnostics);
                diagnostics.extend(bound.aggregates_span.map(misplaced_aggregates));
                let mut wrong = diagnostics.iter().filter(|d| d.severity() == Severity::Error).peekable();
                if wrong.peek().is_some() {
                    let place = match (env.in_permission, is_told) {
                        (true, _) => "in the permission's filter: ",
                        (false, true) => "",
                        (false, false) => "in the scope filter: ",
                    };
                    let retold = |mistake| retold(mistake, place, env.in_permission);
                    let mut told: Vec<Diagnostic> = wrong.map(retold).collect();
                    told.dedup();
                    return Err(Error::new(ErrorKind::Query, told));
                }
                Ok(bound.predicate)
            }
            Test::IsIn { field, values } => {
                let id = field_of(field, env)?;
                let declared = env.schema.field(id);
                let one = |value: &Value| {
                    coerce(value, declared).map(|cell| cell.value).map_err(|reason| {
                        let reason = if is_told { reason } else { format!("a value is no {}", declared.kind) };
                        let message = format!("`{field}` in the scope: {reason}");
                        Error::one(ErrorKind::Query, fault(Code::WrongParameter, message))
                    })
                };
                let mut typed = Vec::with_capacity(values.len());
                for value in all(values.iter().filter(|value| !value.is_empty()).map(one))? {
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
            Test::AllOf(parts) => Ok(Predicate::all(bound(parts)?)),
            Test::AnyOf(parts) => {
                let mut builder = Builder::default();
                let mut ids = Vec::with_capacity(parts.len());
                for part in bound(parts)? {
                    ids.push(builder.graft(part));
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

/// A mistake in a text that its readers never see. Names in it are told; neither places nor, unless only the host is told,
/// pieces and values.
fn retold(mistake: &Diagnostic, place: &str, host_only: bool) -> Diagnostic {
    let general = match mistake.code() {
        _ if host_only => None,
        Code::UnknownField
        | Code::UnknownFunction
        | Code::WrongOperator
        | Code::WrongSubselect
        | Code::NoFact
        | Code::MisplacedAggregate
        | Code::NotGroupable
        | Code::EmptyList
        | Code::UnclosedBracket
        | Code::UnopenedBracket
        | Code::UnclosedString
        | Code::LimitReached
        | Code::Internal => None,
        Code::WrongLiteral => Some("a value does not fit its field"),
        Code::WrongArgument => Some("a function cannot take its arguments"),
        Code::WrongSearch => Some("a search text cannot be read"),
        _ => Some("the text cannot be read"),
    };
    let told = fault(mistake.code(), format!("{place}{}", general.unwrap_or(mistake.message())));
    match mistake.help_text().filter(|_| general.is_none()) {
        Some(help) => told.help(help),
        None => told,
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
