//! `$metadata`: the indexes as entity types, with what their fields hold. No more is said than is answered: no functions, no
//! associations but the relations of v4.

use std::fmt::Write as _;

use tallygrid::{Dialect, Field, Kind, Schema};

/// The namespace of the types.
const NAMESPACE: &str = "tallygrid";

/// The document of a version.
pub(crate) fn document(dialect: Dialect, schemas: &[Schema]) -> String {
    let body = model(dialect, schemas);
    match dialect {
        Dialect::V4 => format!(
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <edmx:Edmx Version=\"4.0\" xmlns:edmx=\"http://docs.oasis-open.org/odata/ns/edmx\">\n\
             <edmx:DataServices>\n<Schema Namespace=\"{NAMESPACE}\" xmlns=\"http://docs.oasis-open.org/odata/ns/edm\">\n\
             {body}</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n"
        ),
        older => {
            let version = if older == Dialect::V3 { "3.0" } else { "2.0" };
            format!(
                "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
                 <edmx:Edmx Version=\"1.0\" xmlns:edmx=\"http://schemas.microsoft.com/ado/2007/06/edmx\">\n\
                 <edmx:DataServices m:DataServiceVersion=\"{version}\" \
                 xmlns:m=\"http://schemas.microsoft.com/ado/2007/08/dataservices/metadata\">\n\
                 <Schema Namespace=\"{NAMESPACE}\" xmlns=\"http://schemas.microsoft.com/ado/2008/09/edm\">\n\
                 {body}</Schema>\n</edmx:DataServices>\n</edmx:Edmx>\n"
            )
        }
    }
}

fn model(dialect: Dialect, schemas: &[Schema]) -> String {
    let mut xml = String::new();
    for schema in schemas {
        let _ = writeln!(xml, "<EntityType Name=\"{}\">", escaped(schema.name()));
        if let Some(key) = schema.key() {
            let _ = writeln!(xml, "<Key><PropertyRef Name=\"{}\"/></Key>", escaped(key.name()));
        }
        let is_key = |field: &Field| schema.key().is_some_and(|key| key.name() == field.name());
        for field in schema.fields() {
            let Some(kind) = edm(dialect, field) else { continue };
            let nullable = if is_key(field) { " Nullable=\"false\"" } else { "" };
            let _ = writeln!(xml, "<Property Name=\"{}\" Type=\"{kind}\"{nullable}/>", escaped(field.name()));
        }
        xml.push_str("</EntityType>\n");
    }
    let default = if dialect == Dialect::V4 { "" } else { " m:IsDefaultEntityContainer=\"true\"" };
    let _ = writeln!(xml, "<EntityContainer Name=\"Container\"{default}>");
    for schema in schemas {
        let name = escaped(schema.name());
        let _ = writeln!(xml, "<EntitySet Name=\"{name}\" EntityType=\"{NAMESPACE}.{name}\"/>");
    }
    xml.push_str("</EntityContainer>\n");
    xml
}

/// The type of a field's values; none for what this version has no type for.
fn edm(dialect: Dialect, field: &Field) -> Option<String> {
    let is_v4 = dialect == Dialect::V4;
    let one = match field.kind() {
        Kind::Integer => "Edm.Int64",
        Kind::Decimal => "Edm.Decimal",
        Kind::Boolean => "Edm.Boolean",
        Kind::Guid => "Edm.Guid",
        Kind::DateTime => "Edm.DateTimeOffset",
        Kind::Date if is_v4 => "Edm.Date",
        Kind::Duration if is_v4 => "Edm.Duration",
        Kind::Relation => return None,
        _ => "Edm.String",
    };
    match (field.is_multi(), is_v4) {
        (true, true) => Some(format!("Collection({one})")),
        (true, false) => None,
        (false, _) => Some(one.to_owned()),
    }
}

/// A name within an attribute.
fn escaped(name: &str) -> String {
    name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
