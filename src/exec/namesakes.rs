//! Which other places of a path field the text of one stands for as well: `smoke` for `/x/smoke`, and `/x/smoke` for the
//! package that is there. What a query says of one place alone has to leave these out.

use std::sync::Arc;

use crate::base::hash::HashMap;
use crate::exec::package::{ById, Container, path_of};

/// The places of a path field that some rows lie in, by what else their caller may call them.
#[derive(Debug)]
pub(crate) struct Namesakes<'a> {
    visible: &'a ById,
    /// Paths by their last part, packages by their name.
    by_name: HashMap<String, Vec<Arc<str>>>,
    /// Packages by their path.
    by_path: HashMap<String, Vec<Arc<str>>>,
}

impl<'a> Namesakes<'a> {
    /// Of a spelling for each place, and the packages that the caller may see.
    pub(crate) fn new(spellings: impl Iterator<Item = Arc<str>>, visible: &'a ById) -> Self {
        let (mut by_name, mut by_path): (HashMap<_, Vec<_>>, HashMap<_, Vec<_>>) =
            (HashMap::default(), HashMap::default());
        let mut spellings: Vec<Arc<str>> = spellings.collect();
        spellings.sort_unstable();
        for spelling in spellings {
            match Container::read(&spelling, visible) {
                Container::Path(path) => {
                    let name = path.rsplit('/').next().unwrap_or("").to_owned();
                    by_name.entry(name).or_default().push(spelling);
                }
                Container::Id(id) => {
                    if let Some(package) = visible.get(&id) {
                        by_name.entry(package.name.clone()).or_default().push(spelling.clone());
                        by_path.entry(path_of(&id, visible)).or_default().push(spelling);
                    }
                }
                Container::Root | Container::Name(_) => {}
            }
        }
        Self { visible, by_name, by_path }
    }

    /// What else a query finds that names a place by its own text.
    pub(crate) fn of(&self, place: &str) -> &[Arc<str>] {
        let namesakes = match Container::read(place, self.visible) {
            Container::Name(name) => self.by_name.get(&name),
            Container::Path(path) => self.by_path.get(&path),
            Container::Root | Container::Id(_) => None,
        };
        namesakes.map_or(&[], Vec::as_slice)
    }
}
