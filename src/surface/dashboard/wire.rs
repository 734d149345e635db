//! Widgets and lists of them as they go out, with their links.

use serde::{Serialize, Serializer};

use crate::surface::dashboard::widget::{DashboardTag, Widget, WidgetList, WidgetOnBoard};

/// Where a dashboard and its widgets are to be found; what a host knows and the library does not.
///
/// ```
/// use tallygrid::WidgetLinks;
/// let links = WidgetLinks::new("https://host/dashboards/7");
/// assert_eq!(links, WidgetLinks::new("https://host/dashboards/7").widgets("https://host/dashboards/7/widgets"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WidgetLinks {
    dashboard: String,
    widgets: String,
}

impl WidgetLinks {
    /// Of a dashboard at that address, its widgets at `/widgets` behind it.
    #[must_use]
    pub fn new(dashboard: impl Into<String>) -> Self {
        let dashboard = dashboard.into();
        let widgets = format!("{}/widgets", dashboard.trim_end_matches('/'));
        Self { dashboard, widgets }
    }

    /// With the list of widgets at another address; each widget's is that and its id.
    #[must_use]
    pub fn widgets(mut self, address: impl Into<String>) -> Self {
        self.widgets = address.into();
        self
    }

    fn of(&self, id: &str) -> String {
        format!("{}/{id}", self.widgets.trim_end_matches('/'))
    }
}

/// The answer of GET, POST, PATCH and PUT of a widget: its members, `dashboard.eTag`, `url` and `_links`.
///
/// ```
/// use tallygrid::{Dashboard, Ids, WidgetBody, WidgetLinks, WidgetRequest};
/// let dashboard = Dashboard::new(Ids::from_fn(|| "w1".to_owned()));
/// let body = br#"{"name": "Links", "position": {"row": 1, "column": 1}, "size": {"rowSpan": 1, "columnSpan": 2},
///                 "contributionId": "links"}"#;
/// let added = dashboard.add(&WidgetRequest::from_json(body)?)?;
/// let links = WidgetLinks::new("https://host/dashboards/7");
/// let shown = serde_json::to_value(WidgetBody { widget: &added, links: &links }).unwrap();
/// assert_eq!((&shown["eTag"], &shown["dashboard"]["eTag"]), (&"1".into(), &"2".into()));
/// assert_eq!(shown["url"], "https://host/dashboards/7/widgets/w1");
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WidgetBody<'a> {
    /// The widget.
    pub widget: &'a WidgetOnBoard,
    /// Where it is to be found.
    pub links: &'a WidgetLinks,
}

/// The answer of GET, PATCH and PUT of a list: `{"count", "value": […]}`. The list's `e_tag` belongs into the `ETag` header.
///
/// ```
/// use tallygrid::{Dashboard, Ids, WidgetLinks, WidgetListBody};
/// let list = Dashboard::new(Ids::random()).list();
/// let body = WidgetListBody { list: &list, links: &WidgetLinks::new("https://host/dashboards/7") };
/// assert_eq!(serde_json::to_string(&body).unwrap(), r#"{"count":0,"value":[]}"#);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct WidgetListBody<'a> {
    /// The widgets.
    pub list: &'a WidgetList,
    /// Where they are to be found.
    pub links: &'a WidgetLinks,
}

#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    widget: &'a Widget,
    #[serde(skip_serializing_if = "Option::is_none")]
    dashboard: Option<DashboardTag>,
    url: String,
    #[serde(rename = "_links")]
    links: Links<'a>,
}

#[derive(Serialize)]
struct Links<'a> {
    #[serde(rename = "self")]
    own: Link<'a>,
    group: Link<'a>,
    dashboard: Link<'a>,
}

#[derive(Serialize)]
struct Link<'a> {
    href: std::borrow::Cow<'a, str>,
}

impl<'a> Shown<'a> {
    fn new(widget: &'a Widget, dashboard: Option<u64>, links: &'a WidgetLinks) -> Self {
        let url = links.of(&widget.id);
        let own = Link { href: url.clone().into() };
        let [group, board] = [&links.widgets, &links.dashboard].map(|href| Link { href: href.into() });
        let dashboard = dashboard.map(|e_tag| DashboardTag { e_tag });
        Self { widget, dashboard, url, links: Links { own, group, dashboard: board } }
    }
}

impl Serialize for WidgetBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Shown::new(&self.widget.widget, Some(self.widget.e_tag), self.links).serialize(serializer)
    }
}

impl Serialize for WidgetListBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct List<'a> {
            count: usize,
            value: Vec<Shown<'a>>,
        }
        let value: Vec<Shown<'_>> =
            self.list.widgets.iter().map(|widget| Shown::new(widget, None, self.links)).collect();
        List { count: value.len(), value }.serialize(serializer)
    }
}
