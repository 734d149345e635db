//! The grid fields there are: one of tasks, for a few issues. Which issues and users there are is a host's to know.

use tallygrid::{Error, Grid, GridColumn, GridColumnKind, GridHost, GridUser, Ids};

/// The only grid's id in paths.
const FIELD: &str = "10100";

/// The issues that have the field, by number and key.
const ISSUES: [(&str, &str); 3] = [("1", "TIS-1"), ("2", "TIS-2"), ("3", "TIS-3")];

/// Grids by their fields' ids.
#[derive(Debug)]
pub(crate) struct Grids {
    tasks: Grid,
}

impl Grids {
    pub(crate) fn new() -> Result<Self, Error> {
        use GridColumnKind::{Checkbox, Date, Formula, Integer, Number, Sequence, String, UserList};
        let column = GridColumn::new;
        let columns = [
            column("number", Sequence),
            column("summary", String).required(),
            column("status", GridColumnKind::single_select(["Open", "In Progress", "Done"])),
            column("user", UserList),
            column("due", Date),
            column("done", Checkbox),
            column("tags", GridColumnKind::multi_select(["ui", "api", "docs"])),
            column("hours", Number),
            column("rate", Integer),
            column("cost", Formula { expression: "hours * rate".into(), returns: tallygrid::Returns::Number }),
        ];
        let tasks = Grid::new("Tasks", FIELD, columns, Ids::random())?.description("Tasks of an issue");
        Ok(Self { tasks })
    }

    pub(crate) fn get(&self, field: &str) -> Option<&Grid> {
        (field == FIELD).then_some(&self.tasks)
    }

    /// The grids' schemas, for the catalog.
    pub(crate) fn schemas(&self) -> impl Iterator<Item = &tallygrid::Schema> {
        std::iter::once(self.tasks.schema())
    }
}

/// What the server knows of issues and users.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Host;

impl GridHost for Host {
    fn issue(&self, id_or_key: &str) -> Option<String> {
        let known = ISSUES.iter().find(|(id, key)| *id == id_or_key || key.eq_ignore_ascii_case(id_or_key));
        known.map(|(_, key)| (*key).to_owned())
    }

    fn user(&self, wanted: &str) -> Option<GridUser> {
        let people = [("ada", "Ada Lovelace"), ("grace", "Grace Hopper"), ("barbara", "Barbara Liskov")];
        let known = people.iter().find(|(key, name)| *key == wanted || name.eq_ignore_ascii_case(wanted));
        known.map(|(key, name)| GridUser::new(*name).key(*key).username(*key))
    }
}
