//! Places in a hierarchy: a path written out, or the id of a package that stands in others.

use super::column::{fold_case, folded_place};

/// The rows of the index `Package`, or none if the catalog has no such index.
#[derive(Clone, Debug, Default)]
pub(crate) struct Packages {
    pub(crate) known: Vec<Package>,
}

#[derive(Clone, Debug)]
pub(crate) struct Package {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) parent: Option<String>,
}

/// One step of the way from a place up to its root, folded.
struct Step {
    id: Option<String>,
    name: String,
    path: Option<String>,
}

impl Packages {
    /// Whether a stored place is one of the wanted ones or, with `ancestors`, lies anywhere under one. A wanted text is an
    /// id, a plain name or a path, folded; `/` is above every place.
    pub(crate) fn lies_in(&self, stored: &str, wanted: &[String], ancestors: bool) -> bool {
        let steps = self.steps(&folded_place(stored));
        let n = if ancestors { steps.len() } else { 1 };
        let under_root = ancestors && wanted.iter().any(|text| text == "/");
        under_root
            || steps[..n].iter().any(|step| {
                wanted.iter().any(|text| match text.starts_with('/') {
                    true => step.path.as_ref() == Some(text),
                    false => step.id.as_ref() == Some(text) || step.name == *text,
                })
            })
    }

    /// From the place itself upwards.
    fn steps(&self, stored: &str) -> Vec<Step> {
        if stored.starts_with('/') {
            let ends = stored.char_indices().filter(|(at, c)| *at > 0 && *c == '/').map(|(at, _)| at);
            let paths = ends.chain([stored.len()]).map(|end| stored[..end].to_owned());
            let step =
                |path: String| Step { id: None, name: path.rsplit('/').next().unwrap().to_owned(), path: Some(path) };
            let mut steps: Vec<Step> = paths.map(step).collect();
            steps.reverse();
            return steps;
        }
        let Some(package) = self.find(stored) else {
            return vec![Step { id: Some(stored.to_owned()), name: stored.to_owned(), path: None }];
        };
        let above = package.parent.as_ref().map_or_else(Vec::new, |parent| self.steps(&folded_place(parent)));
        let path = above.first().and_then(|parent| parent.path.clone()).unwrap_or_default();
        let name = fold_case(&package.name);
        let path = format!("{path}/{name}");
        let mut steps = vec![Step { id: Some(stored.to_owned()), name, path: Some(path) }];
        steps.extend(above);
        steps
    }

    fn find(&self, id: &str) -> Option<&Package> {
        self.known.iter().find(|package| folded_place(&package.id) == id)
    }
}
