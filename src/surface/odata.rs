//! OData answers and errors on the wire, in the shape of each version.

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::base::diagnostic::Severity;
use crate::base::error::{Error, ErrorKind};
use crate::engine::odata::ask::Dialect;
use crate::engine::odata::record::{Property, Record, RecordPage};
use crate::surface::collection::Cell;
use crate::surface::diagnostics::ErrorBody;

/// A page of rows for the wire.
///
/// | dialect | shape |
/// |---|---|
/// | `Seed` | `{"Items": […]}`; with the number of rows `{"Skip", "Top", "Total", "Items"}` |
/// | `V2` | `{"d": {"results": […], "__count": "91", "__next": …}}`, `__metadata` in each row |
/// | `V3` | `{"odata.metadata": …, "odata.count": "91", "value": […], "odata.nextLink": …}` |
/// | `V4` | `{"@odata.context": …, "@odata.count": 91, "value": […], "@odata.nextLink": …}` |
///
/// Links begin with `base`, such as `https://host/api/`.
///
/// ```
/// use tallygrid::{Dialect, ODataBody, ODataQuery};
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Rows, Schema};
/// # let schema = Schema::builder("Run").fields([Field::new("Id", Kind::Integer)]).build()?;
/// # let engine = Engine::builder(Catalog::new([schema])?).build()?;
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// # let mut tx = engine.transaction(&ctx)?;
/// # tx.append("Run", &Rows::new(["Id"]).row([1.into()]).row([2.into()]))?;
/// # tx.commit()?;
/// # let snapshot = engine.snapshot();
/// let query = ODataQuery::new("$filter=Id add 1 gt 2&$count=true").dialect(Dialect::V4);
/// let page = snapshot.index("Run", &ctx)?.odata(&query, &ctx)?.body;
/// let body = ODataBody { page: &page, dialect: Dialect::V4, base: "" };
/// assert_eq!(
///     serde_json::to_string(&body).unwrap(),
///     r#"{"@odata.context":"$metadata#Run","@odata.count":1,"value":[{"Id":2}]}"#
/// );
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ODataBody<'a> {
    /// The page.
    pub page: &'a RecordPage,
    /// Whose shape it has.
    pub dialect: Dialect,
    /// What links begin with.
    pub base: &'a str,
}

impl ODataBody<'_> {
    fn next_link(&self) -> Option<String> {
        self.page.next.as_ref().map(|next| format!("{}{}?{next}", self.base, self.page.index))
    }

    fn context(&self) -> String {
        format!("{}$metadata#{}", self.base, self.page.index)
    }

    fn items(&self) -> Items<'_> {
        Items { records: &self.page.records, dialect: self.dialect, index: &self.page.index }
    }
}

impl Serialize for ODataBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let page = self.page;
        let mut map = serializer.serialize_map(None)?;
        match self.dialect {
            Dialect::Seed => {
                if let Some(total) = page.total {
                    map.serialize_entry("Skip", &page.skip)?;
                    map.serialize_entry("Top", &page.top.unwrap_or(total))?;
                    map.serialize_entry("Total", &total)?;
                }
                map.serialize_entry("Items", &self.items())?;
            }
            Dialect::V2 => map.serialize_entry("d", &Verbose(self))?,
            Dialect::V3 | Dialect::V4 => {
                let (prefix, context) = match self.dialect {
                    Dialect::V4 => ("@odata", "context"),
                    _ => ("odata", "metadata"),
                };
                map.serialize_entry(&format!("{prefix}.{context}"), &self.context())?;
                if let Some(total) = page.total {
                    let name = format!("{prefix}.count");
                    match self.dialect {
                        Dialect::V4 => map.serialize_entry(&name, &total)?,
                        _ => map.serialize_entry(&name, &total.to_string())?,
                    }
                }
                map.serialize_entry("value", &self.items())?;
                if let Some(next) = self.next_link() {
                    map.serialize_entry(&format!("{prefix}.nextLink"), &next)?;
                }
            }
        }
        map.end()
    }
}

/// What stands in `d`.
struct Verbose<'a>(&'a ODataBody<'a>);

impl Serialize for Verbose<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("results", &self.0.items())?;
        if let Some(total) = self.0.page.total {
            map.serialize_entry("__count", &total.to_string())?;
        }
        if let Some(next) = self.0.next_link() {
            map.serialize_entry("__next", &next)?;
        }
        map.end()
    }
}

struct Items<'a> {
    records: &'a [Record],
    dialect: Dialect,
    index: &'a str,
}

impl Serialize for Items<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut items = serializer.serialize_seq(Some(self.records.len()))?;
        for record in self.records {
            items.serialize_element(&Item { record, dialect: self.dialect, index: Some(self.index) })?;
        }
        items.end()
    }
}

struct Item<'a> {
    record: &'a Record,
    dialect: Dialect,
    /// Of a row of the page itself.
    index: Option<&'a str>,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let (Dialect::V2, Some(index)) = (self.dialect, self.index) {
            map.serialize_entry("__metadata", &serde_json::json!({ "type": index }))?;
        }
        let mut before = "";
        for (name, property) in self.record.iter() {
            match property {
                Property::Value(value) => map.serialize_entry(name, &Cell(value))?,
                Property::Record(None) => map.serialize_entry(name, &())?,
                Property::Record(Some(record)) => {
                    map.serialize_entry(name, &Item { record, dialect: self.dialect, index: None })?;
                }
                Property::Records(records) => {
                    let inner = Inner { records, dialect: self.dialect };
                    match self.dialect {
                        Dialect::V2 => {
                            map.serialize_entry(name, &std::collections::BTreeMap::from([("results", inner)]))?;
                        }
                        _ => map.serialize_entry(name, &inner)?,
                    }
                }
                Property::Count(n) => map.serialize_entry(&format!("{before}@odata.count"), n)?,
            }
            before = name;
        }
        map.end()
    }
}

/// Rows within a row.
struct Inner<'a> {
    records: &'a [Record],
    dialect: Dialect,
}

impl Serialize for Inner<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let items = self.records.iter().map(|record| Item { record, dialect: self.dialect, index: None });
        serializer.collect_seq(items)
    }
}

/// An error as OData has it: code, message, the option that it is in, and every further mistake.
///
/// ```
/// use tallygrid::{Dialect, ODataErrorBody, ODataQuery};
/// # use tallygrid::{Access, Catalog, Context, Engine, Field, Kind, Schema};
/// # let schema = Schema::builder("Run").field(Field::new("Status", Kind::Keyword)).build().unwrap();
/// # let engine = Engine::builder(Catalog::new([schema]).unwrap()).build().unwrap();
/// # let ctx = Context::new(chrono::DateTime::UNIX_EPOCH, Access::unrestricted());
/// # let snapshot = engine.snapshot();
/// let query = ODataQuery::new("$filter=Statsu eq 'a'");
/// let error = snapshot.index("Run", &ctx).unwrap().odata(&query, &ctx).unwrap_err();
/// let body = serde_json::to_value(ODataErrorBody { error: &error, text: query.text(), dialect: Dialect::V4 }).unwrap();
/// assert_eq!((error.http_status(), &body["error"]["code"]), (400, &"unknown-field".into()));
/// assert_eq!(body["error"]["target"], "$filter");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct ODataErrorBody<'a> {
    /// What went wrong.
    pub error: &'a Error,
    /// The text that was asked.
    pub text: &'a str,
    /// Whose shape it has.
    pub dialect: Dialect,
}

impl Serialize for ODataErrorBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let body = ErrorBody::from(self.error);
        let mut told = body.diagnostics().iter().filter(|d| d.is_error());
        let (code, message) =
            told.next().map_or(("internal", "an internal error occurred"), |d| (d.code(), d.message()));
        let verbose = || {
            let message = serde_json::json!({ "lang": "en-US", "value": message });
            serde_json::json!({ "code": code, "message": message })
        };
        let mut map = serializer.serialize_map(Some(1))?;
        match self.dialect {
            Dialect::Seed => map.serialize_entry("diagnostics", body.diagnostics())?,
            Dialect::V2 => map.serialize_entry("error", &verbose())?,
            Dialect::V3 => map.serialize_entry("odata.error", &verbose())?,
            Dialect::V4 => {
                let hides = self.error.kind() == ErrorKind::Internal;
                let mut list = self.error.diagnostics().iter().filter(|d| !hides && d.severity() == Severity::Error);
                let target = |start: Option<u32>| start.and_then(|start| option_at(self.text, start as usize));
                let first = list.next().and_then(|d| target(d.span().map(|span| span.start)));
                let details: Vec<serde_json::Value> = list
                    .map(|d| {
                        let target = target(d.span().map(|span| span.start));
                        serde_json::json!({ "code": d.code().as_str(), "message": d.headline(), "target": target })
                    })
                    .collect();
                let error = serde_json::json!({
                    "code": code,
                    "message": message,
                    "target": first,
                    "details": details,
                    "innererror": { "diagnostics": body.diagnostics() },
                });
                map.serialize_entry("error", &error)?;
            }
        }
        map.end()
    }
}

/// The name of the option that a place of a query string is in.
fn option_at(text: &str, at: usize) -> Option<&str> {
    let start = text.get(..at)?.rfind(['&', '?']).map_or(0, |before| before + 1);
    let option = text.get(start..)?.split('&').next()?;
    option.split_once('=').map(|(name, _)| name)
}
