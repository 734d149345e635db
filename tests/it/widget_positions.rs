//! Widget positions and state: shapes, who sees what, what is refused.

use serde_json::{Value, json};
use tallygrid::{Error, ErrorBody, PositionBody, PositionsBody, UserPositions, WidgetPositions, WidgetStateRequest};

const BASE: &str = "https://host/api/gridwidgethost/482c3531/project/cdd1a0cf";

fn request(body: &Value) -> WidgetStateRequest {
    WidgetStateRequest::from_json(body.to_string().as_bytes()).unwrap()
}

fn all(positions: &UserPositions<'_>) -> Value {
    serde_json::to_value(PositionsBody { positions, base: BASE }).unwrap()
}

fn at(name: &str, widget_type: &Value, data: &Value) -> Value {
    json!({"Position": name, "WidgetType": widget_type, "Data": data, "Self": format!("{BASE}/position/{name}")})
}

fn page(left: &Value, right: &Value) -> Value {
    json!({"HostId": "482c3531", "Positions": {"left": left, "right": right}, "Self": format!("{BASE}/positions")})
}

/// The status of an error and what it says.
fn told(error: &Error) -> (u16, Value) {
    let body = serde_json::to_value(ErrorBody::from(error)).unwrap();
    (error.http_status(), body["diagnostics"][0]["message"].clone())
}

#[test]
fn positions_hold_what_was_put_there() {
    let positions = WidgetPositions::new();
    let own = positions.of("ada", "482c3531", "cdd1a0cf");
    let none = |name| at(name, &Value::Null, &Value::Null);
    assert_eq!(all(&own), page(&none("left"), &none("right")));

    let widget = json!("RunStatusOverTime");
    let data = json!({"selections": ["ScriptRun", "AgileRun"], "size": 1.5, "deep": [[null, true, ""]]});
    // A client may send back all that it read.
    let body = json!({"Position": "right", "WidgetType": widget, "Data": data, "Self": "elsewhere"});
    let put = own.put(Some("right"), &request(&body)).unwrap();
    let shown = serde_json::to_value(PositionBody { state: &put, base: BASE }).unwrap();
    assert_eq!(shown, at("right", &widget, &data));
    assert_eq!(own.position(Some("right")).unwrap(), put);
    assert_eq!(all(&own), page(&none("left"), &at("right", &widget, &data)));
    // Nobody else has it: neither another user nor another project or host.
    for other in [("bob", "482c3531", "cdd1a0cf"), ("ada", "other", "cdd1a0cf"), ("ada", "482c3531", "other")] {
        assert_eq!(positions.of(other.0, other.1, other.2).position(Some("right")).unwrap().state.widget_type, None);
    }
    // Data of any kind, also none; a null type empties the position.
    own.put(Some("right"), &request(&json!({"WidgetType": "x", "Data": 5}))).unwrap();
    assert_eq!(all(&own)["Positions"]["right"]["Data"], 5);
    own.put(Some("right"), &request(&json!({}))).unwrap();
    assert_eq!(all(&own), page(&none("left"), &none("right")));
}

#[test]
fn what_is_not_there_and_what_is_not_named() {
    let positions = WidgetPositions::new();
    let own = positions.of("ada", "482c3531", "cdd1a0cf");
    let empty = request(&json!({}));
    for name in [None, Some("")] {
        assert_eq!(told(&own.position(name).unwrap_err()), (403, json!("no position is named")));
        assert_eq!(told(&own.put(name, &empty).unwrap_err()).0, 403);
    }
    for name in ["middle", "Left"] {
        assert_eq!(told(&own.position(Some(name)).unwrap_err()), (404, json!(format!("no position `{name}`"))));
        assert_eq!(told(&own.put(Some(name), &empty).unwrap_err()).0, 404);
    }
    assert_eq!(told(&Error::not_found("project")), (404, json!("no such project")));
    assert_eq!(told(&Error::unauthenticated()).0, 401);
    let other = request(&json!({"Position": "left"}));
    let message = "$.Position: the position `left` is not the `right` that the path names";
    assert_eq!(told(&own.put(Some("right"), &other).unwrap_err()), (400, json!(message)));
}

#[test]
fn bodies_that_are_no_state() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let nested = format!(r#"{{"WidgetType": "x", "Data": {deep}}}"#);
    let wrong = [
        ("", "line 1, column 0: the body is not JSON: EOF while parsing a value"),
        ("[]", "$: an object is expected here, not a list"),
        (r#"{"WidgetType": ""}"#, "$.WidgetType: the text is empty"),
        (r#"{"WidgetType": 5}"#, "$.WidgetType: a text is expected here, not a number"),
        (r#"{"Data": 1, "Data": 2}"#, "line 1, column 18: the body is not JSON: the key `Data` occurs twice"),
        (&nested, "line 1, column 155: the body is not JSON: recursion limit exceeded"),
    ];
    for (body, message) in wrong {
        assert_eq!(told(&WidgetStateRequest::from_json(body.as_bytes()).unwrap_err()), (400, json!(message)));
    }
}
