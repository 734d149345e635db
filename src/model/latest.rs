//! Which rows are retries of one another and which of them counts, as a schema declares it. Finding that row is `exec`'s.

use std::sync::Arc;

use crate::model::field::{DeclaredValue, Field};
use crate::model::kind::Kind;

/// The latest row of each test, by fields of its index: what [`Query::latest`](crate::Query::latest) counts.
///
/// Rows that agree in every field of [`per`](Self::per) under the fields' collations are retries of one test; empty is a value
/// like any other there, but for the first field: a row without a test is nobody's retry and stands for itself. Of retries
/// the newest counts, the one that the fields of [`by`](Self::by) put last (empties come first), of equals the one loaded last;
/// unless [`worst`](Self::worst) or [`any_passed`](Self::any_passed) prefers others.
///
/// ```
/// use tallygrid::{DeclaredValue, Field, Kind, Latest, Schema};
/// let statuses = [DeclaredValue::new("Passed").passed(), DeclaredValue::new("Failed").failed()];
/// let schema = Schema::builder("Run")
///     .fields(["TestId", "Config"].map(|name| Field::new(name, Kind::Keyword)))
///     .field(Field::new("FinishedAt", Kind::DateTime))
///     .field(Field::new("Status", Kind::Status).values(statuses))
///     .latest(Latest::per(["TestId", "Config"]).by(["FinishedAt"]).any_passed("Status"))
///     .build()?;
/// assert!(schema.latest().is_some());
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Latest {
    pub(crate) retries: Retries<Arc<str>>,
}

/// A declaration in terms of `F`: names of fields, or once they are found their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Retries<F> {
    /// At least one; the first names the test.
    pub(crate) per: Vec<F>,
    /// May be empty: then load order decides.
    pub(crate) by: Vec<F>,
    pub(crate) rule: Rule<F>,
}

/// Which retries are preferred to newer ones, by the flags of their status; a status that is not declared has none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule<F> {
    Last,
    /// Failed ones, then those that are neither failed nor passed.
    Worst(F),
    /// Passed ones.
    AnyPassed(F),
}

impl Latest {
    /// Of the rows that agree in these fields, the first of which names the test, the one loaded last.
    #[must_use]
    pub fn per<N: Into<Arc<str>>>(fields: impl IntoIterator<Item = N>) -> Self {
        let per = fields.into_iter().map(Into::into).collect();
        Self { retries: Retries { per, by: Vec::new(), rule: Rule::Last } }
    }

    /// The one that these fields put last, the first field first.
    #[must_use]
    pub fn by<N: Into<Arc<str>>>(mut self, fields: impl IntoIterator<Item = N>) -> Self {
        self.retries.by.extend(fields.into_iter().map(Into::into));
        self
    }

    /// The newest of those whose status is declared failed; if there is none, of those neither failed nor passed; else of all.
    /// Where both flags are set, failed holds.
    #[must_use]
    pub fn worst(mut self, status: impl Into<Arc<str>>) -> Self {
        self.retries.rule = Rule::Worst(status.into());
        self
    }

    /// The newest of those whose status is declared passed; if there is none, of all.
    #[must_use]
    pub fn any_passed(mut self, status: impl Into<Arc<str>>) -> Self {
        self.retries.rule = Rule::AnyPassed(status.into());
        self
    }
}

impl<F> Retries<F> {
    /// The same declaration in other terms.
    pub(crate) fn map<G>(&self, term: impl Fn(&F) -> G) -> Retries<G> {
        Retries {
            per: self.per.iter().map(&term).collect(),
            by: self.by.iter().map(&term).collect(),
            rule: match &self.rule {
                Rule::Last => Rule::Last,
                Rule::Worst(status) => Rule::Worst(term(status)),
                Rule::AnyPassed(status) => Rule::AnyPassed(term(status)),
            },
        }
    }
}

impl<F> Rule<F> {
    /// The name in schema documents.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Last => "last",
            Self::Worst(_) => "worst",
            Self::AnyPassed(_) => "any_passed",
        }
    }

    /// Why the flags of a field's values cannot be asked.
    fn wrong_status(&self, field: &Field) -> Option<String> {
        let (rule, name) = (self.name(), field.name());
        if field.kind != Kind::Status {
            return Some(format!("`{name}` is {}, and `{rule}` asks a status", field.kind));
        }
        let takes_failed = matches!(self, Self::Worst(_));
        let is_asked = |value: &DeclaredValue| value.flags.passed || (takes_failed && value.flags.failed);
        let none = !field.values.iter().any(is_asked);
        none.then(|| format!("no value of `{name}` is declared to be what `{rule}` asks for"))
    }

    /// The field whose flags are asked.
    pub(crate) fn status(&self) -> Option<&F> {
        match self {
            Self::Last => None,
            Self::Worst(status) | Self::AnyPassed(status) => Some(status),
        }
    }
}

impl Retries<Arc<str>> {
    /// In terms of what the names are found to be; tells each mistake with the part that it is in.
    pub(crate) fn find<'f, G: Copy + PartialEq>(
        &self,
        find: impl Fn(&str) -> Option<(G, &'f Field)>,
        mut mistake: impl FnMut(String, String),
    ) -> Option<Retries<G>> {
        let found = self.map(|name| find(name));
        if self.per.is_empty() {
            mistake("per".to_owned(), "the latest row per test needs a field that names the test".to_owned());
        }
        for (part, names, fields) in [("per", &self.per, &found.per), ("by", &self.by, &found.by)] {
            for (i, (name, field)) in names.iter().zip(fields).enumerate() {
                let is_same = |other: &Option<(G, _)>| other.map(|(own, _)| own) == field.map(|(own, _)| own);
                let wrong = match field {
                    None => format!("no field `{name}`"),
                    Some((_, field)) if !field.gives_order() => {
                        format!("`{name}` cannot be compared: it must be one value and no running text")
                    }
                    Some(_) if fields[..i].iter().any(is_same) => format!("the field `{name}` is named twice"),
                    Some(_) => continue,
                };
                mistake(format!("{part}[{i}]"), wrong);
            }
        }
        if let (Some(name), Some(status)) = (self.rule.status(), found.rule.status()) {
            let wrong = match status {
                None => Some(format!("no field `{name}`")),
                Some((_, field)) => self.rule.wrong_status(field),
            };
            wrong.into_iter().for_each(|wrong| mistake("status".to_owned(), wrong));
        }
        let known = found.map(|field| field.map(|(own, _)| own));
        Some(Retries {
            per: known.per.into_iter().collect::<Option<_>>()?,
            by: known.by.into_iter().collect::<Option<_>>()?,
            rule: match known.rule {
                Rule::Last => Rule::Last,
                Rule::Worst(status) => Rule::Worst(status?),
                Rule::AnyPassed(status) => Rule::AnyPassed(status?),
            },
        })
    }
}
