//! What a request makes of a dashboard's widgets: one list to the next, or every reason why not.
//!
//! Our choices where the page is silent: a stale tag is a conflict, an absent one is no check; PUT needs what POST needs; the
//! list of PATCH changes what it names, that of PUT is the whole list, entries without an id being new; cells are checked once
//! at the end, so two widgets of a batch can change places.

use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::{HashMap, HashSet};
use crate::surface::body::{missing, shown, wrong_body};
use crate::surface::dashboard::overlap;
use crate::surface::dashboard::request::WidgetRequest;
use crate::surface::dashboard::widget::{Widget, WidgetList};

/// The widgets of a list, found by id.
struct Known<'a> {
    list: &'a WidgetList,
    by_id: HashMap<String, usize>,
}

/// One id in one spelling.
pub(super) fn folded(id: &str) -> String {
    id.to_ascii_lowercase()
}

/// With one more widget, the last of the list.
pub(super) fn added(list: &WidgetList, request: &WidgetRequest, id: String) -> Result<WidgetList> {
    if request.id.is_some() {
        let wrong = wrong_body("$.id", "a new widget has no id of its own").help("leave `id` out; the answer says it");
        return Err(Error::one(ErrorKind::Query, wrong));
    }
    let widget = whole(request, id)?;
    fresh(dashboard_tag(list, request.dashboard.as_deref()))?;
    next(list, Known::new(list).with_new(list.widgets.clone(), widget)?)
}

/// With one widget changed in what the request says.
pub(super) fn patched(list: &WidgetList, id: &str, request: &WidgetRequest) -> Result<WidgetList> {
    changed(list, id, request, |widget| Ok(merged(widget, request)))
}

/// With one widget replaced by what the request says.
pub(super) fn replaced(list: &WidgetList, id: &str, request: &WidgetRequest) -> Result<WidgetList> {
    changed(list, id, request, |widget| whole(request, widget.id.clone()))
}

fn changed(
    list: &WidgetList,
    id: &str,
    request: &WidgetRequest,
    change: impl FnOnce(&Widget) -> Result<Widget>,
) -> Result<WidgetList> {
    if let Some(other) = request.id.as_deref().filter(|other| folded(other) != folded(id)) {
        let message = format!("the id `{}` is not the `{}` that the path names", shown(other), shown(id));
        return Err(Error::one(ErrorKind::Query, wrong_body("$.id", message)));
    }
    let at = place_of(list, id)?;
    let widget = &list.widgets[at];
    let replaced = change(widget)?;
    let tags = dashboard_tag(list, request.dashboard.as_deref()).into_iter().chain(widget_tag(widget, request));
    fresh(tags)?;
    let mut widgets = list.widgets.clone();
    widgets[at] = Arc::new(Widget { e_tag: widget.e_tag.wrapping_add(1), ..replaced });
    next(list, widgets)
}

/// Without one widget.
pub(super) fn without(list: &WidgetList, id: &str, tag: Option<&str>) -> Result<WidgetList> {
    let at = place_of(list, id)?;
    fresh(dashboard_tag(list, tag))?;
    let mut widgets = list.widgets.clone();
    widgets.remove(at);
    next(list, widgets)
}

/// With some widgets changed, and where those are.
pub(super) fn patched_list(
    list: &WidgetList,
    requests: &[WidgetRequest],
    tag: Option<&str>,
) -> Result<(WidgetList, Vec<usize>)> {
    let known = Known::new(list);
    let mut wrong = Vec::new();
    for (at, _) in requests.iter().enumerate().filter(|(_, request)| request.id.is_none()) {
        push(&mut wrong, wrong_body(&format!("$[{at}]"), missing("id")).help("PATCH adds no widgets"));
    }
    let places = known.places(requests, wrong)?;
    fresh(known.tags(requests, &places, tag))?;
    let places: Vec<usize> = places.into_iter().flatten().collect();
    let mut widgets = list.widgets.clone();
    for (at, request) in places.iter().zip(requests) {
        let widget = &list.widgets[*at];
        let patched = merged(widget, request);
        let is_other = Widget { position: widget.position, size: widget.size, ..patched.clone() } != **widget;
        widgets[*at] = Arc::new(Widget { e_tag: widget.e_tag.wrapping_add(u64::from(is_other)), ..patched });
    }
    Ok((next(list, widgets)?, places))
}

/// With these widgets and no others; `ids` are for those that are new.
pub(super) fn replaced_list(
    list: &WidgetList,
    requests: &[WidgetRequest],
    tag: Option<&str>,
    ids: Vec<String>,
) -> Result<WidgetList> {
    let known = Known::new(list);
    let mut wrong = Vec::new();
    let mut ids = ids.into_iter();
    let made: Vec<Option<Widget>> = (0..)
        .zip(requests)
        .map(|(at, request)| {
            let id = request.id.clone().or_else(|| ids.next()).unwrap_or_default();
            new_widget(request, &format!("$[{at}]"), id, &mut wrong)
        })
        .collect();
    let places = known.places(requests, wrong)?;
    fresh(known.tags(requests, &places, tag))?;
    let mut widgets = Vec::with_capacity(made.len());
    for (widget, place) in made.into_iter().flatten().zip(places) {
        match place.map(|at| &list.widgets[at]) {
            // The id as it is stored, in whatever spelling it was sent.
            Some(old) => {
                widgets.push(Arc::new(Widget { id: old.id.clone(), e_tag: old.e_tag.wrapping_add(1), ..widget }));
            }
            None => widgets = known.with_new(widgets, widget)?,
        }
    }
    next(list, widgets)
}

/// A dashboard that a host kept.
pub(super) fn restored(e_tag: u64, widgets: Vec<Widget>) -> Result<WidgetList> {
    let mut ids = HashSet::default();
    for widget in &widgets {
        if !ids.insert(folded(&widget.id)) {
            let message = format!("two widgets have the id `{}`", shown(&widget.id));
            return Err(Error::request(ErrorKind::Data, Code::DuplicateKey, message));
        }
        let (position, size) = (widget.position, widget.size);
        if [position.row, position.column, size.row_span, size.column_span].contains(&0) {
            let message = format!("the widget `{}` has no cell: rows and columns count from 1", shown(&widget.id));
            return Err(Error::request(ErrorKind::Data, Code::WrongCell, message));
        }
    }
    let widgets: Vec<Arc<Widget>> = widgets.into_iter().map(Arc::new).collect();
    overlap::check(&widgets)?;
    Ok(WidgetList { e_tag, widgets })
}

impl<'a> Known<'a> {
    fn new(list: &'a WidgetList) -> Self {
        let by_id = list.widgets.iter().zip(0..).map(|(widget, at)| (folded(&widget.id), at)).collect();
        Self { list, by_id }
    }

    /// Where each request's widget is; none for those without an id.
    fn places(&self, requests: &[WidgetRequest], mut wrong: Vec<Diagnostic>) -> Result<Vec<Option<usize>>> {
        let (mut seen, mut unknown) = (HashSet::default(), Vec::new());
        let mut places = Vec::with_capacity(requests.len());
        for (at, request) in requests.iter().enumerate() {
            let Some(id) = &request.id else {
                places.push(None);
                continue;
            };
            if !seen.insert(folded(id)) {
                let message = format!("the widget `{}` occurs twice", shown(id));
                push(&mut wrong, wrong_body(&format!("$[{at}].id"), message));
            }
            match self.by_id.get(&folded(id)) {
                Some(place) => places.push(Some(*place)),
                None => push(&mut unknown, no_widget(id)),
            }
        }
        told(ErrorKind::Query, wrong)?;
        told(ErrorKind::NotFound, unknown)?;
        Ok(places)
    }

    /// The stale tags of a list: the header's, and those of each entry.
    fn tags(
        &self,
        requests: &'a [WidgetRequest],
        places: &'a [Option<usize>],
        tag: Option<&str>,
    ) -> impl Iterator<Item = Diagnostic> {
        let of_entry = |(request, place): (&WidgetRequest, &Option<usize>)| {
            let widget = place.and_then(|at| widget_tag(&self.list.widgets[at], request));
            dashboard_tag(self.list, request.dashboard.as_deref()).into_iter().chain(widget)
        };
        dashboard_tag(self.list, tag).into_iter().chain(requests.iter().zip(places).flat_map(of_entry))
    }

    /// With a widget whose id nobody else has.
    fn with_new(&self, mut widgets: Vec<Arc<Widget>>, widget: Widget) -> Result<Vec<Arc<Widget>>> {
        if self.by_id.contains_key(&folded(&widget.id)) {
            return Err(Error::internal(format!("the source of ids gave `{}` twice", widget.id)));
        }
        widgets.push(Arc::new(widget));
        Ok(widgets)
    }
}

/// The next version of a list.
fn next(list: &WidgetList, widgets: Vec<Arc<Widget>>) -> Result<WidgetList> {
    overlap::check(&widgets)?;
    Ok(WidgetList { e_tag: list.e_tag.wrapping_add(1), widgets })
}

/// Where a widget is.
pub(super) fn place_of(list: &WidgetList, id: &str) -> Result<usize> {
    let found = list.widgets.iter().position(|widget| widget.id.eq_ignore_ascii_case(id));
    found.ok_or_else(|| Error::one(ErrorKind::NotFound, no_widget(id)))
}

fn no_widget(id: &str) -> Diagnostic {
    let message = format!("no widget `{}` on the dashboard", shown(id));
    Diagnostic::new(Code::UnknownKey, Severity::Error, Place::Request, message)
}

/// The widget that a request describes whole.
fn whole(request: &WidgetRequest, id: String) -> Result<Widget> {
    let mut wrong = Vec::new();
    new_widget(request, "$", id, &mut wrong).ok_or_else(|| Error::new(ErrorKind::Query, wrong))
}

/// The same of an entry of a list; none if something is missing.
fn new_widget(request: &WidgetRequest, at: &str, id: String, wrong: &mut Vec<Diagnostic>) -> Option<Widget> {
    let WidgetRequest { name, position, size, contribution_id, .. } = request;
    let needed = [
        ("name", name.is_none()),
        ("position", position.is_none()),
        ("size", size.is_none()),
        ("contributionId", contribution_id.is_none()),
    ];
    needed
        .iter()
        .filter(|(_, is_missing)| *is_missing)
        .for_each(|(name, _)| push(wrong, wrong_body(at, missing(name))));
    Some(Widget {
        id,
        e_tag: 1,
        name: name.clone()?,
        position: (*position)?,
        size: (*size)?,
        settings: request.settings.clone(),
        settings_version: request.settings_version.unwrap_or_default(),
        contribution_id: contribution_id.clone()?,
    })
}

/// A widget with what a request says of it.
fn merged(widget: &Widget, request: &WidgetRequest) -> Widget {
    Widget {
        id: widget.id.clone(),
        e_tag: widget.e_tag,
        name: request.name.as_ref().unwrap_or(&widget.name).clone(),
        position: request.position.unwrap_or(widget.position),
        size: request.size.unwrap_or(widget.size),
        settings: request.settings.as_ref().or(widget.settings.as_ref()).cloned(),
        settings_version: request.settings_version.unwrap_or(widget.settings_version),
        contribution_id: request.contribution_id.as_ref().unwrap_or(&widget.contribution_id).clone(),
    }
}

fn widget_tag(widget: &Widget, request: &WidgetRequest) -> Option<Diagnostic> {
    stale(request.e_tag.as_deref(), widget.e_tag, || format!("the widget `{}`", shown(&widget.name)))
}

fn dashboard_tag(list: &WidgetList, tag: Option<&str>) -> Option<Diagnostic> {
    stale(tag, list.e_tag, || "the dashboard".to_owned())
}

/// What is wrong with a tag that is not the one that is stored. Headers put tags in quotes, weak ones behind `W/`.
fn stale(tag: Option<&str>, stored: u64, what: impl FnOnce() -> String) -> Option<Diagnostic> {
    let given = tag?;
    let bare = given.strip_prefix("W/").unwrap_or(given);
    let bare = bare.strip_prefix('"').and_then(|bare| bare.strip_suffix('"')).unwrap_or(bare);
    if bare == stored.to_string() {
        return None;
    }
    let message = format!("{} has the tag `{stored}`, not `{}`", what(), shown(given));
    let stale = Diagnostic::new(Code::StaleTag, Severity::Error, Place::Request, message);
    Some(stale.help("read it again and change what it is now"))
}

/// Nothing if no tag is stale.
fn fresh(stale: impl IntoIterator<Item = Diagnostic>) -> Result<()> {
    let mut list = Vec::new();
    for stale in stale {
        if !list.contains(&stale) {
            push(&mut list, stale);
        }
    }
    told(ErrorKind::Conflict, list)
}

/// Nothing if nothing is wrong.
fn told(kind: ErrorKind, wrong: Vec<Diagnostic>) -> Result<()> {
    if wrong.is_empty() { Ok(()) } else { Err(Error::new(kind, wrong)) }
}
