//! A dashboard: its widgets behind one lock. Readers take the list as it is; a writer makes the next one and puts it in its
//! place, so that of writers who saw the same tag exactly one wins.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::base::error::Result;
use crate::surface::dashboard::change;
use crate::surface::dashboard::request::WidgetRequest;
use crate::surface::dashboard::widget::{DashboardTag, Widget, WidgetList, WidgetOnBoard};
use crate::surface::ids::Ids;

/// The widgets of one dashboard, kept in memory.
///
/// There are two levels of versions. The dashboard's moves once with every write that succeeds. A widget's begins at 1 and
/// moves with PATCH and PUT of it, with PUT of a list for each widget in it that was there before, and with PATCH of a list
/// where something but place and size changes. A write whose tag is not the stored one is a conflict and changes nothing; a
/// write without a tag is not checked. Whoever may see the dashboard is the host's to decide.
///
/// A host that keeps dashboards elsewhere too stores [`Dashboard::list`] after a write and hands it back to
/// [`Dashboard::restore`].
///
/// ```
/// use tallygrid::{Dashboard, ErrorKind, Ids, WidgetRequest};
/// let dashboard = Dashboard::new(Ids::random());
/// let body = br#"{"name": "Links", "position": {"row": 1, "column": 1}, "size": {"rowSpan": 1, "columnSpan": 2},
///                 "contributionId": "links", "dashboard": {"eTag": "1"}}"#;
/// let added = dashboard.add(&WidgetRequest::from_json(body)?)?;
/// assert_eq!((added.e_tag, added.widget.e_tag), (2, 1));
///
/// let rename = WidgetRequest::from_json(br#"{"name": "Our links", "eTag": "1"}"#)?;
/// assert_eq!(dashboard.patch(&added.widget.id, &rename)?.widget.e_tag, 2);
/// assert_eq!(dashboard.patch(&added.widget.id, &rename).unwrap_err().kind(), ErrorKind::Conflict);
/// assert_eq!(dashboard.delete(&added.widget.id, Some("3"))?.e_tag, 4);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Debug)]
pub struct Dashboard {
    list: Mutex<Arc<WidgetList>>,
    ids: Ids,
}

impl Dashboard {
    /// A dashboard without widgets, at version 1.
    #[must_use]
    pub fn new(ids: Ids) -> Self {
        Self::of(WidgetList { e_tag: 1, widgets: Vec::new() }, ids)
    }

    /// A dashboard that a host kept, at that version.
    ///
    /// # Errors
    /// `Data` for two widgets of one id or a widget without a cell, `Conflict` for two in one cell.
    pub fn restore(e_tag: u64, widgets: impl IntoIterator<Item = Widget>, ids: Ids) -> Result<Self> {
        Ok(Self::of(change::restored(e_tag, widgets.into_iter().collect())?, ids))
    }

    fn of(list: WidgetList, ids: Ids) -> Self {
        Self { list: Mutex::new(Arc::new(list)), ids }
    }

    /// All widgets: GET of the list. `O(1)`.
    #[must_use]
    pub fn list(&self) -> Arc<WidgetList> {
        self.lock().clone()
    }

    /// One widget: GET.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn widget(&self, id: &str) -> Result<WidgetOnBoard> {
        let list = self.list();
        Ok(on_board(&list, change::place_of(&list, id)?))
    }

    /// Adds a widget: POST.
    ///
    /// # Errors
    /// `Query` if something is missing or the request says an id; `Conflict` for a stale tag or cells that are taken.
    pub fn add(&self, request: &WidgetRequest) -> Result<WidgetOnBoard> {
        // Asked before the lock: the source is the host's.
        let id = self.ids.next()?;
        let list = self.write(|list| Ok((change::added(list, request, id)?, ())))?.0;
        Ok(on_board(&list, list.widgets.len() - 1))
    }

    /// Changes what the request says of a widget: PATCH. What it says nothing of, or null, stays.
    ///
    /// # Errors
    /// `Query` if the request says another id, `NotFound`, `Conflict`.
    pub fn patch(&self, id: &str, request: &WidgetRequest) -> Result<WidgetOnBoard> {
        self.write_one(id, |list| change::patched(list, id, request))
    }

    /// Makes a widget what the request says: PUT. Settings that it says nothing of are gone.
    ///
    /// # Errors
    /// As [`Dashboard::patch`]; also `Query` if something is missing.
    pub fn replace(&self, id: &str, request: &WidgetRequest) -> Result<WidgetOnBoard> {
        self.write_one(id, |list| change::replaced(list, id, request))
    }

    /// Takes a widget off: DELETE. The answer is the dashboard with its new tag.
    ///
    /// # Errors
    /// `NotFound`; `Conflict` if the tag is not the dashboard's.
    pub fn delete(&self, id: &str, tag: Option<&str>) -> Result<DashboardTag> {
        let (list, ()) = self.write(|list| Ok((change::without(list, id, tag)?, ())))?;
        Ok(DashboardTag { e_tag: list.e_tag })
    }

    /// Changes some widgets: PATCH of the list, with the `ETag` header. Answers those that were named, as they are stored.
    ///
    /// # Errors
    /// `Query` for entries without an id or with that of another, `NotFound` with every widget that is not there, `Conflict`.
    pub fn patch_list(&self, requests: &[WidgetRequest], tag: Option<&str>) -> Result<WidgetList> {
        let (list, places) = self.write(|list| change::patched_list(list, requests, tag))?;
        Ok(WidgetList { e_tag: list.e_tag, widgets: places.iter().map(|at| list.widgets[*at].clone()).collect() })
    }

    /// Makes the widgets of a request all that there are: PUT of the list, with the `ETag` header. Entries without an id are
    /// new widgets; widgets without an entry are gone.
    ///
    /// # Errors
    /// As [`Dashboard::patch_list`]; also `Query` if an entry lacks something.
    pub fn replace_list(&self, requests: &[WidgetRequest], tag: Option<&str>) -> Result<Arc<WidgetList>> {
        let ids = self.ids.take(requests.iter().filter(|request| request.id.is_none()).count())?;
        Ok(self.write(|list| Ok((change::replaced_list(list, requests, tag, ids)?, ())))?.0)
    }

    fn write_one(&self, id: &str, change: impl FnOnce(&WidgetList) -> Result<WidgetList>) -> Result<WidgetOnBoard> {
        let (list, at) = self.write(|list| {
            let next = change(list)?;
            let at = change::place_of(&next, id)?;
            Ok((next, at))
        })?;
        Ok(on_board(&list, at))
    }

    /// Puts the next list in the place of the present one.
    fn write<T>(&self, change: impl FnOnce(&WidgetList) -> Result<(WidgetList, T)>) -> Result<(Arc<WidgetList>, T)> {
        let mut present = self.lock();
        let (next, told) = change(&present)?;
        *present = Arc::new(next);
        Ok((present.clone(), told))
    }

    fn lock(&self) -> MutexGuard<'_, Arc<WidgetList>> {
        // The list is whole after a panic: it only changes in whole assignments.
        self.list.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn on_board(list: &WidgetList, at: usize) -> WidgetOnBoard {
    WidgetOnBoard { e_tag: list.e_tag, widget: list.widgets[at].clone() }
}
