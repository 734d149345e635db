//! What a binding needs to know beside the text: the index, the request's time and zone, and facts that only the host has.

use std::fmt::Debug;

use crate::base::limits::Limits;
use crate::model::catalog::Catalog;
use crate::model::schema::Schema;
use crate::model::time::Zone;

/// What a host knows of its users, projects and packages. Every method may answer `None`: the host does not say, and a
/// query that needs to know gets a diagnostic. Called at most once for each distinct call in a query; a panic becomes an
/// error.
///
/// ```
/// use tallygrid::Facts;
/// #[derive(Debug)]
/// struct Directory;
/// impl Facts for Directory {
///     fn project_manager(&self, project: &str) -> Option<Vec<String>> {
///         (project == "Apollo").then(|| vec!["ada".to_owned()])
///     }
/// }
/// assert_eq!(Directory.project_manager("Apollo"), Some(vec!["ada".to_owned()]));
/// assert_eq!(Directory.current_user(), None);
/// ```
pub trait Facts: Debug + Send + Sync {
    /// Every value that stands for the caller in user fields: `CurrentUser()` and `Me()`.
    fn current_user(&self) -> Option<Vec<String>> {
        None
    }

    /// Every value that stands for the manager of a project: `ProjectManager(project)`.
    fn project_manager(&self, project: &str) -> Option<Vec<String>> {
        let _ = project;
        None
    }

    /// The ids or paths of the packages of that name or path: `Packages(name)`.
    fn packages(&self, name_or_path: &str) -> Option<Vec<String>> {
        let _ = name_or_path;
        None
    }

    /// A value function of the host's own: its values, or why the arguments are wrong; `None` if there is no such function.
    fn call(&self, name: &str, arguments: &[String]) -> Option<Result<Vec<String>, String>> {
        let _ = (name, arguments);
        None
    }

    /// Names of the host's own functions, for suggestions.
    fn function_names(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Which indexes a caller may ask at all.
pub(crate) trait Sight: Debug {
    /// Whether some rows of the index may be seen.
    fn sees(&self, index: &str) -> bool;
}

/// What one query is bound against.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Env<'a> {
    /// Of the index that is asked.
    pub(crate) schema: &'a Schema,
    /// Where its relations lead.
    pub(crate) catalog: &'a Catalog,
    pub(crate) sight: &'a dyn Sight,
    /// Microseconds since 1970.
    pub(crate) now: i64,
    pub(crate) zone: &'a Zone,
    pub(crate) facts: &'a dyn Facts,
    pub(crate) limits: &'a Limits,
    /// Whether a permission is bound: it is the host's own and sees everything.
    pub(crate) in_permission: bool,
}
