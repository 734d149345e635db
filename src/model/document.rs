//! Schema documents: schemas and catalogs as JSON, by hand so that every mistake is found and has its JSON path. What a
//! schema may say is decided in [`schema`](super::schema), not here.

pub(crate) mod json;
mod read;
mod write;

use crate::base::error::Result;
use crate::model::catalog::Catalog;
use crate::model::fold::Collation;
use crate::model::schema::Schema;

/// The names of collations in documents.
const COLLATIONS: [(&str, Collation); 4] = [
    ("exact", Collation::Exact),
    ("ignore_case", Collation::IgnoreCase),
    ("status", Collation::Status),
    ("path", Collation::Path),
];

impl Schema {
    /// The schema in a JSON document: `{"name", "key", "latest": {"per", "by", "rule", "status"}, "fields": [{"name", "kind",
    /// "multi", "separator", "aliases", "values", "collation", "zone", "relation", "ancestors"}]}`, of which an index needs
    /// `name` and `fields`, a field `name` and `kind`, [`latest`](crate::Latest) the list of fields `per`; `by` is another,
    /// `rule` is `last`, `worst` or `any_passed`, the latter two with the name of a `status` field. A declared value is its
    /// name, or `{"name", "passed", "failed", "final", "untested", "aliases"}`.
    ///
    /// ```
    /// use tallygrid::{Kind, Schema};
    /// let schema = Schema::from_json(
    ///     r#"{"name": "Run", "key": "Id", "fields": [
    ///         {"name": "Id", "kind": "integer"},
    ///         {"name": "Status", "kind": "status", "values": [{"name": "Passed", "passed": true}, "Failed"]}]}"#,
    /// )?;
    /// assert_eq!(schema.fields()[1].kind(), Kind::Status);
    /// assert_eq!(Schema::from_json(&schema.to_json())?, schema);
    ///
    /// let wrong = Schema::from_json(r#"{"name": "Run", "fields": [{"nmae": "Id", "kind": "int"}]}"#).unwrap_err();
    /// let shown: Vec<String> = wrong.diagnostics().iter().map(|d| d.to_string()).collect();
    /// assert_eq!(shown[0], "$.fields[0].nmae: unknown key `nmae`");
    /// assert_eq!(wrong.diagnostics()[0].help_text(), Some("did you mean `name`?"));
    /// assert_eq!(shown[2], "$.fields[0].kind: no kind `int`");
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// The first JSON mistake with its line and column; else every mistake of the schema at once, each with its JSON path.
    pub fn from_json(text: &str) -> Result<Self> {
        read::schema(&json::parse(text)?)
    }

    /// This schema as an indented JSON document, which [`Schema::from_json`] reads back to an equal schema.
    #[must_use]
    pub fn to_json(&self) -> String {
        write::schema(self)
    }
}

impl Catalog {
    /// The catalog in a JSON document: `{"indexes": [schema, …]}`, or one schema by itself.
    ///
    /// ```
    /// use tallygrid::Catalog;
    /// let catalog = Catalog::from_json(r#"{"indexes": [{"name": "Run", "fields": [{"name": "Id", "kind": "guid"}]}]}"#)?;
    /// assert_eq!(Catalog::from_json(&catalog.to_json())?, catalog);
    /// # Ok::<(), tallygrid::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Schema::from_json`], and every mistake between schemas: names taken twice, relations that lead nowhere.
    pub fn from_json(text: &str) -> Result<Self> {
        read::catalog(&json::parse(text)?)
    }

    /// This catalog as an indented JSON document, which [`Catalog::from_json`] reads back to an equal catalog.
    #[must_use]
    pub fn to_json(&self) -> String {
        write::catalog(self)
    }
}

#[cfg(test)]
mod tests;
