//! What a list of groups asks that could never have an answer: conditions on metrics of another sort, statuses that are none.

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::Result;
use crate::base::suggest::nearest;
use crate::engine::list::{Asked, GroupList, wrong};
use crate::engine::snapshot::Index;
use crate::model::field::DeclaredValue;
use crate::model::kind::Kind;
use crate::model::value::Value;
use crate::query::aggregate::{Function, What};

impl Index<'_> {
    /// That a metric is compared with a value of its own sort, or else no group would ever pass.
    pub(super) fn check_having(&self, name: &str, metric: &What, value: &Value) -> Result<()> {
        let sort = match metric {
            What::Number(Function::Distinct, _) => Kind::Integer,
            What::Number(_, field) => self.schema().field(*field).kind,
            _ => Kind::Integer,
        };
        let fits = match value {
            Value::Integer(_) | Value::Decimal(_) => matches!(sort, Kind::Integer | Kind::Decimal),
            Value::Instant(_) => sort == Kind::DateTime,
            Value::Date(_) => sort == Kind::Date,
            Value::Duration(_) => sort == Kind::Duration,
            _ => false,
        };
        if fits {
            return Ok(());
        }
        let held = match sort {
            Kind::Integer | Kind::Decimal => "a number".to_owned(),
            kind => format!("{kind}"),
        };
        Err(wrong(Code::WrongParameter, format!("the metric `{name}` is {held} and is not compared with `{value}`")))
    }

    /// Warnings of statuses in rates that the status field does not declare.
    pub(super) fn unknown_statuses(&self, list: &GroupList) -> Result<Vec<Diagnostic>> {
        let mut warnings = Vec::new();
        for (name, asked) in &list.metrics {
            let Asked::Rate { part, whole, field } = asked else { continue };
            let field = self.schema().field(self.status_field(field.as_deref())?);
            let is_unknown = |status: &&String| field.declared_value(status).is_none();
            for status in part.iter().chain(whole).filter(is_unknown).filter(|_| !field.values.is_empty()) {
                let message = format!("in the list's `{name}`: `{}` has no value `{status}`", field.name());
                let warning = Diagnostic::new(Code::UnknownValue, Severity::Warning, Place::Request, message);
                warnings.push(match nearest(status, field.values.iter().map(DeclaredValue::name)) {
                    Some(near) => warning.help(format!("did you mean `{near}`?")),
                    None => warning,
                });
            }
        }
        Ok(warnings)
    }
}
