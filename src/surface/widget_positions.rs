//! Positions of grid widgets: which widget each user has left and right of a grid in each project, and the widget's own state.
//!
//! Our choices where the page is silent: a position that nobody filled is there with a null type and null data; PUT of a null
//! type empties it; a position in the body that is not the path's is an error. Which projects there are, and who the user is, the
//! host says.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity};
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::hash::HashMap;
use crate::surface::body::{Reader, shown};

/// The positions, in their order on the wire.
const POSITIONS: [&str; 2] = ["left", "right"];

/// What every user has at the positions of every widget host and project, kept in memory.
///
/// ```
/// use tallygrid::{PositionBody, PositionsBody, WidgetPositions, WidgetStateRequest};
/// let positions = WidgetPositions::new();
/// let own = positions.of("ada", "runs", "p1");
/// let request = WidgetStateRequest::from_json(br#"{"WidgetType": "RunStatusOverTime", "Data": {"selections": ["ScriptRun"]}}"#)?;
/// let put = own.put(Some("left"), &request)?;
/// let base = "https://host/api/gridwidgethost/runs/project/p1";
/// assert_eq!(
///     serde_json::to_string(&PositionBody { state: &put, base }).unwrap(),
///     concat!(
///         r#"{"Position":"left","WidgetType":"RunStatusOverTime","Data":{"selections":["ScriptRun"]},"#,
///         r#""Self":"https://host/api/gridwidgethost/runs/project/p1/position/left"}"#
///     )
/// );
/// let all = serde_json::to_value(PositionsBody { positions: &own, base }).unwrap();
/// assert_eq!(all["Positions"]["right"]["WidgetType"], serde_json::Value::Null);
/// # Ok::<(), tallygrid::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct WidgetPositions {
    states: Mutex<HashMap<Owner, [WidgetState; 2]>>,
}

/// Whose positions.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Owner {
    user: String,
    host: String,
    project: String,
}

/// One user's positions of one widget host in one project.
#[derive(Clone, Debug)]
pub struct UserPositions<'a> {
    all: &'a WidgetPositions,
    owner: Owner,
}

/// What a position holds.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WidgetState {
    /// The type of its widget; none if it is empty.
    pub widget_type: Option<String>,
    /// What the widget keeps; any JSON.
    pub data: Value,
}

/// A position with what it holds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct PositionState {
    /// `left` or `right`.
    pub position: &'static str,
    /// What it holds.
    pub state: WidgetState,
}

/// The body of PUT of a position: `{"WidgetType", "Data"}`, perhaps with the `Position` that it is for.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct WidgetStateRequest {
    /// The position, if the body says one.
    pub position: Option<String>,
    /// What it is to hold.
    pub state: WidgetState,
}

impl WidgetStateRequest {
    /// The request in a body. Members of other names have no effect.
    ///
    /// # Errors
    /// `Query`: no JSON, nesting beyond 128 levels, or parts of a wrong kind, each with its path.
    pub fn from_json(body: &[u8]) -> Result<Self> {
        Reader::body(body, |reader, value| {
            let map = reader.object(value, "$")?;
            let position = reader.member(map, "$", "Position", Reader::text).map(str::to_owned);
            let widget_type = reader.member(map, "$", "WidgetType", Reader::name).map(str::to_owned);
            let data = map.get("Data").cloned().unwrap_or_default();
            Some(Self { position, state: WidgetState { widget_type, data } })
        })
    }
}

impl WidgetPositions {
    /// Without any state.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The positions of one user, which no other user sees.
    #[must_use]
    pub fn of(&self, user: &str, host_id: &str, project_id: &str) -> UserPositions<'_> {
        let owner = Owner { user: user.to_owned(), host: host_id.to_owned(), project: project_id.to_owned() };
        UserPositions { all: self, owner }
    }

    fn states(&self) -> MutexGuard<'_, HashMap<Owner, [WidgetState; 2]>> {
        // States only change in whole assignments.
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UserPositions<'_> {
    /// All positions: GET.
    #[must_use]
    pub fn positions(&self) -> [PositionState; 2] {
        let states = self.all.states().get(&self.owner).cloned().unwrap_or_default();
        let mut positions = POSITIONS.into_iter();
        states.map(|state| PositionState { position: positions.next().unwrap_or_default(), state })
    }

    /// One position: GET.
    ///
    /// # Errors
    /// `Forbidden` (403, as the page has it) if none is named, `NotFound` if there is none of that name.
    pub fn position(&self, name: Option<&str>) -> Result<PositionState> {
        let at = place_of(name)?;
        let [left, right] = self.positions();
        Ok(if at == 0 { left } else { right })
    }

    /// Fills one position: PUT. Answers what was stored.
    ///
    /// # Errors
    /// As [`UserPositions::position`]; also `Query` if the body names another position than the path.
    pub fn put(&self, name: Option<&str>, request: &WidgetStateRequest) -> Result<PositionState> {
        let at = place_of(name)?;
        if let Some(other) = request.position.as_deref().filter(|other| *other != POSITIONS[at]) {
            let message = format!("the position `{}` is not the `{}` that the path names", shown(other), POSITIONS[at]);
            let wrong = Diagnostic::new(Code::WrongBody, Severity::Error, Place::document("$.Position"), message);
            return Err(Error::one(ErrorKind::Query, wrong));
        }
        self.all.states().entry(self.owner.clone()).or_default()[at].clone_from(&request.state);
        Ok(PositionState { position: POSITIONS[at], state: request.state.clone() })
    }
}

/// Which of the two a name means.
fn place_of(name: Option<&str>) -> Result<usize> {
    let help = "there are left, right";
    let Some(name) = name.filter(|name| !name.is_empty()) else {
        let wrong = Diagnostic::new(Code::WrongParameter, Severity::Error, Place::Request, "no position is named");
        return Err(Error::one(ErrorKind::Forbidden, wrong.help(help)));
    };
    POSITIONS.iter().position(|position| *position == name).ok_or_else(|| {
        let message = format!("no position `{}`", shown(name));
        let unknown = Diagnostic::new(Code::UnknownKey, Severity::Error, Place::Request, message);
        Error::one(ErrorKind::NotFound, unknown.help(help))
    })
}

/// A position for the wire: `{"Position", "WidgetType", "Data", "Self"}`.
#[derive(Clone, Copy, Debug)]
pub struct PositionBody<'a> {
    /// The position.
    pub state: &'a PositionState,
    /// The address of the project's part of the widget host, such as `…/gridwidgethost/{hostId}/project/{projectId}`.
    pub base: &'a str,
}

/// All positions for the wire: `{"HostId", "Positions": {"left", "right"}, "Self"}`.
#[derive(Clone, Copy, Debug)]
pub struct PositionsBody<'a> {
    /// The positions.
    pub positions: &'a UserPositions<'a>,
    /// As in [`PositionBody`].
    pub base: &'a str,
}

impl Serialize for PositionBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let PositionState { position, state } = self.state;
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("Position", position)?;
        map.serialize_entry("WidgetType", &state.widget_type)?;
        map.serialize_entry("Data", &state.data)?;
        map.serialize_entry("Self", &format!("{}/position/{position}", self.base))?;
        map.end()
    }
}

impl Serialize for PositionsBody<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        struct Each<'a>(&'a [PositionState], &'a str);
        impl Serialize for Each<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let Self(positions, base) = self;
                serializer.collect_map(positions.iter().map(|state| (state.position, PositionBody { state, base })))
            }
        }
        let mut map = serializer.serialize_map(Some(3))?;
        map.serialize_entry("HostId", &self.positions.owner.host)?;
        map.serialize_entry("Positions", &Each(&self.positions.positions(), self.base))?;
        map.serialize_entry("Self", &format!("{}/positions", self.base))?;
        map.end()
    }
}
