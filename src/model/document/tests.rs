//! Schema documents: the documented form, every mistake with its path, and the way there and back.

use proptest::prelude::*;

use crate::model::catalog::Catalog;
use crate::model::field::{DeclaredValue, Field};
use crate::model::fold::Collation;
use crate::model::kind::Kind;
use crate::model::latest::Latest;
use crate::model::measure::Measure;
use crate::model::schema::Schema;
use crate::model::time::Zone;

fn mistakes(text: &str) -> Vec<String> {
    let error = Schema::from_json(text).unwrap_err();
    error.diagnostics().iter().map(|d| format!("[{}] {d}", d.code())).collect()
}

#[test]
fn the_documented_form_is_read() {
    let schema = Schema::from_json(
        r#"{"name":"Run","key":"Id","fields":[
            {"name":"Id","kind":"guid"},
            {"name":"Status","kind":"status","values":[{"name":"Passed","passed":true,"final":true,"aliases":["ok"]},
                {"name":"Failed","failed":true},{"name":"New","untested":true}]},
            {"name":"Tags","kind":"keyword","multi":true,"aliases":["Labels"],"values":["a","b"],"collation":"exact","separator":";"},
            {"name":"CreatedAt","kind":"datetime","zone":"Europe/Berlin"},
            {"name":"Package","kind":"path","ancestors":"Tree"},
            {"name":"Script","kind":"relation","relation":{"index":"Script","key":"ScriptId","many":false}},
            {"name":"Links","kind":"relation","relation":{"index":"Link","key":"Id","many":true}}]}"#,
    )
    .unwrap();
    let expected = Schema::builder("Run")
        .key("Id")
        .field(Field::new("Id", Kind::Guid))
        .field(Field::new("Status", Kind::Status).values([
            DeclaredValue::new("Passed").passed().is_final().alias("ok"),
            DeclaredValue::new("Failed").failed(),
            DeclaredValue::new("New").untested(),
        ]))
        .field(
            Field::new("Tags", Kind::Keyword)
                .multi()
                .separator(";")
                .alias("Labels")
                .values(["a".into(), "b".into()])
                .collation(Collation::Exact),
        )
        .field(Field::new("CreatedAt", Kind::DateTime).zone(Zone::named("Europe/Berlin").unwrap()))
        .field(Field::new("Package", Kind::Path).ancestors("Tree"))
        .field(Field::relation("Script", "Script", "ScriptId", false))
        .field(Field::relation("Links", "Link", "Id", true))
        .build()
        .unwrap();
    assert_eq!(schema, expected);
}

#[test]
fn every_mistake_is_reported_with_its_path() {
    let text = r#"{"name": "Run", "key": "Nr", "colour": 1, "fields": [
        {"name": "A", "kind": "keywrd", "multi": "yes"},
        {"name": "B", "kind": "text", "multi": true},
        {"name": "b", "kind": "datetime", "zone": "Europe/Berlim"},
        {"name": "C", "kind": "status", "values": [{"nam": "x"}, 3, {"name": "y", "passed": 1}]},
        {"name": "D", "kind": "relation", "relation": {"index": "Run"}},
        {"name": "E", "kind": "keyword", "collation": "exat", "aliases": [null]}]}"#;
    assert_eq!(
        mistakes(text),
        [
            "[invalid-document] $.colour: unknown key `colour`",
            "[invalid-document] $.fields[0].kind: no kind `keywrd`",
            "[invalid-document] $.fields[0].multi: true or false is expected, not a text",
            "[unknown-zone] $.fields[2].zone: no time zone `Europe/Berlim`",
            "[invalid-document] $.fields[3].values[0].nam: unknown key `nam`",
            "[invalid-document] $.fields[3].values[0]: the key `name` is missing",
            "[invalid-document] $.fields[3].values[1]: a text or an object is expected, not a number",
            "[invalid-document] $.fields[3].values[2].passed: true or false is expected, not a number",
            "[invalid-document] $.fields[4].relation: the key `key` is missing",
            "[invalid-document] $.fields[5].aliases[0]: a text is expected, not null",
            "[invalid-document] $.fields[5].collation: no collation `exat`",
            "[invalid-schema] $.fields[1].multi: a text field cannot hold several values",
            "[invalid-schema] $.key: no field `Nr`",
        ]
    );
    let error = Schema::from_json(text).unwrap_err();
    let help: Vec<_> = error.diagnostics().iter().filter_map(|d| d.help_text()).collect();
    assert_eq!(
        help,
        [
            "known here: name, key, latest, aggregates, fields",
            "did you mean `keyword`?",
            "did you mean `Europe/Berlin`?",
            "did you mean `name`?",
            "did you mean `exact`?"
        ]
    );
}

#[test]
fn aggregates_are_read_written_and_told_where_they_are_wrong() {
    let text = r#"{"name": "Run", "aggregates": [
        {"name": "Spent", "method": "sum", "field": "Took"},
        {"name": "Took", "method": "max", "field": "took"}],
        "fields": [{"name": "Took", "kind": "integer"}]}"#;
    let schema = Schema::from_json(text).unwrap();
    let all: Vec<_> = schema.aggregates().collect();
    assert_eq!(all, [("Spent", Measure::Sum, "Took"), ("Took", Measure::Max, "Took")]);
    assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema);
    let wrong = r#"{"name": "Run", "aggregates": [{"name": "A", "method": "sums", "field": "Took"}, {"name": "B"}],
        "fields": [{"name": "Took", "kind": "integer"}]}"#;
    assert_eq!(
        mistakes(wrong),
        [
            "[invalid-document] $.aggregates[0].method: no method `sums`",
            "[invalid-document] $.aggregates[1]: the key `method` is missing",
            "[invalid-document] $.aggregates[1]: the key `field` is missing",
        ]
    );
    let unfit = r#"{"name": "Run", "aggregates": [
        {"name": "A", "method": "sum", "field": "Name"}, {"name": "A", "method": "max", "field": "Nam"},
        {"name": "", "method": "countdistinct", "field": "Tags"}],
        "fields": [{"name": "Name", "kind": "keyword"}, {"name": "Tags", "kind": "keyword", "multi": true}]}"#;
    assert_eq!(
        mistakes(unfit),
        [
            "[invalid-schema] $.aggregates[0].field: `sum` has no meaning for `Name`, which is keyword",
            "[invalid-schema] $.aggregates[1].name: the name `A` is taken",
            "[invalid-schema] $.aggregates[1].field: no field `Nam`",
            "[invalid-schema] $.aggregates[2].name: an aggregate needs a name",
            "[invalid-schema] $.aggregates[2].field: `Tags` holds several values",
        ]
    );
}

#[test]
fn paths_have_names_and_a_collation_of_their_own() {
    let text = r#"{"name": "Run", "fields": [
        {"name": "Status", "kind": "keyword"},
        {"name": "AllBs", "kind": "keyword"},
        {"name": "A", "kind": "path", "collation": "exact"},
        {"name": "B", "kind": "path"},
        {"name": "C", "kind": "path", "ancestors": "alla\u0073"},
        {"name": "D", "kind": "path", "ancestors": "STATUS"},
        {"name": "E", "kind": "path", "ancestors": "Within"},
        {"name": "F", "kind": "path", "ancestors": "within"}]}"#;
    assert_eq!(
        mistakes(text),
        [
            "[invalid-schema] $.fields[2].collation: a path field has no choice of collation",
            "[invalid-schema] $.fields[4].ancestors: the name `allas` is taken (case is ignored)",
            "[invalid-schema] $.fields[5].ancestors: the name `STATUS` is taken (case is ignored)",
            "[invalid-schema] $.fields[7].ancestors: the name `within` is taken (case is ignored)",
        ]
    );
}

#[test]
fn the_latest_row_is_declared_by_fields() {
    let schema = |latest: &str| {
        Schema::from_json(&format!(
            r#"{{"name":"Run","latest":{latest},"fields":[
                {{"name":"Test","kind":"keyword","aliases":["T"]}}, {{"name":"Config","kind":"path"}},
                {{"name":"At","kind":"datetime"}}, {{"name":"Tags","kind":"keyword","multi":true}},
                {{"name":"Log","kind":"text"}}, {{"name":"State","kind":"status","values":["On"]}},
                {{"name":"Status","kind":"status","values":[{{"name":"Passed","passed":true}}]}}]}}"#
        ))
    };
    let latest = |latest: &str| schema(latest).unwrap().latest().unwrap();
    assert_eq!(latest(r#"{"per":["t","CONFIG"]}"#), Latest::per(["Test", "Config"]));
    assert_eq!(
        latest(r#"{"per":["Test"],"by":["At"],"rule":"worst","status":"Status"}"#),
        Latest::per(["Test"]).by(["At"]).worst("Status")
    );
    assert_eq!(latest(r#"{"per":["Test"],"rule":"last"}"#), Latest::per(["Test"]));
    for (text, expected) in [
        (r#"{"by":["At"]}"#, vec!["$.latest: the key `per` is missing"]),
        (r#"{"per":[]}"#, vec!["$.latest.per: the latest row per test needs a field that names the test"]),
        (
            r#"{"per":["Tst","T","Test"],"by":["Tags","Log"],"rule":"any_passed","status":"At"}"#,
            vec![
                "$.latest.per[0]: no field `Tst`",
                "$.latest.per[2]: the field `Test` is named twice",
                "$.latest.by[0]: `Tags` cannot be compared: it must be one value and no running text",
                "$.latest.by[1]: `Log` cannot be compared: it must be one value and no running text",
                "$.latest.status: `At` is datetime, and `any_passed` asks a status",
            ],
        ),
        (
            r#"{"per":["Test"],"rule":"worst","status":"State"}"#,
            vec!["$.latest.status: no value of `State` is declared to be what `worst` asks for"],
        ),
        (r#"{"per":["Test"],"rule":"worst"}"#, vec!["$.latest: the key `status` is missing"]),
        (r#"{"per":["Test"],"status":"Status"}"#, vec!["$.latest.status: the rule `last` asks no status"]),
        (r#"{"per":["Test"],"rule":"wurst","status":1}"#, vec!["$.latest.rule: no rule `wurst`"]),
        (
            r#"{"per":"Test","order":[]}"#,
            vec!["$.latest.order: unknown key `order`", "$.latest.per: a list is expected, not a text"],
        ),
        (r#"["Test"]"#, vec!["$.latest: an object is expected, not a list"]),
    ] {
        let error = schema(text).unwrap_err();
        assert_eq!(error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>(), expected, "{text}");
    }
    // A field that cannot be read may be the one that is meant.
    let unread = r#"{"name":"Run","latest":{"per":["Test"]},"fields":[{"nam":"Test","kind":"keyword"}]}"#;
    assert_eq!(mistakes(unread).iter().filter(|told| told.contains("latest")).count(), 0);
}

#[test]
fn a_document_of_another_shape_is_one_mistake() {
    for (text, expected) in [
        ("[]", "$: an object is expected, not a list"),
        (r#"{"name":"A","fields":{}}"#, "$.fields: a list is expected, not an object"),
        (r#"{"fields":[{"name":"A","kind":"guid"}]}"#, "$: the key `name` is missing"),
        (r#"{"name":"A"}"#, "$: the key `fields` is missing"),
        (r#"{"name":"A","key":"K","fields":[7]}"#, "$.fields[0]: an object is expected, not a number"),
        (r#"{"name":"A","fields":[]}"#, "$.fields: an index needs at least one field"),
    ] {
        let error = Schema::from_json(text).unwrap_err();
        assert_eq!(error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>(), [expected], "{text}");
    }
}

#[test]
fn json_mistakes_have_line_and_column() {
    for (text, expected) in [
        ("{\n  \"name\": }", "line 2, column 11: the document is not JSON: expected value"),
        (
            "{\"name\":\"A\",\n\"name\":\"B\"}",
            "line 2, column 6: the document is not JSON: the key `name` occurs twice",
        ),
        ("", "line 1, column 0: the document is not JSON: EOF while parsing a value"),
    ] {
        assert_eq!(Schema::from_json(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn deep_nesting_is_an_error() {
    let text = "[".repeat(1_000_000);
    assert!(Catalog::from_json(&text).unwrap_err().to_string().contains("recursion limit"));
    let text = r#"{"a":"#.repeat(1_000_000);
    assert!(Schema::from_json(&text).unwrap_err().to_string().contains("recursion limit"));
}

#[test]
fn catalogs_check_what_lies_between_indexes() {
    let script = r#"{"name":"Script","fields":[{"name":"ScriptId","kind":"guid"}]}"#;
    let run = |key: &str| {
        format!(
            r#"{{"name":"Run","fields":[{{"name":"A","kind":"guid"}},
                {{"name":"Script","kind":"relation","relation":{{"index":"Script","key":"{key}"}}}}]}}"#
        )
    };
    let catalog = Catalog::from_json(&format!(r#"{{"indexes":[{},{script}]}}"#, run("ScriptId"))).unwrap();
    assert_eq!(catalog.schemas().map(Schema::name).collect::<Vec<_>>(), ["Run", "Script"]);
    assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
    assert_eq!(Catalog::from_json(script).unwrap().schemas().count(), 1);

    let shown = |text: &str| Catalog::from_json(text).unwrap_err().to_string();
    assert_eq!(
        shown(&format!(r#"{{"indexes":[{},{script}]}}"#, run("Id"))),
        "$.indexes[0].fields[1].relation: the index `Script` has no field `Id`"
    );
    assert_eq!(shown(&run("Id")), "$.fields[1].relation: the relation leads to `Script`, which is no index");
    assert_eq!(
        shown(&format!(r#"{{"indexes":[{script},{script}]}}"#)),
        "$.indexes[1].name: the index `Script` is declared twice"
    );
    assert_eq!(
        shown(r#"{"indexes":[{"name":"A","fields":[{"name":"B","kind":"x"}]},3]}"#),
        "$.indexes[0].fields[0].kind: no kind `x` (and 1 more)"
    );
    assert_eq!(shown(r#"{"indexes":[]}"#), "$.indexes: a catalog has from 1 to 65,535 indexes");
    assert_eq!(shown(r#"{"indices":[]}"#), "$.indices: unknown key `indices` (and 1 more)");
    assert_eq!(shown("{}"), "$: the key `indexes` is missing");
    assert_eq!(shown(r#"{"name":"A"}"#), "$: the key `fields` is missing");
}

#[test]
fn mistakes_between_indexes_come_with_those_within_them() {
    let relation = |index: &str, key: &str| {
        let leads = format!(r#"{{"index":"{index}","key":"{key}"}}"#);
        format!(r#"{{"name":"{index}{key}","kind":"relation","relation":{leads}}}"#)
    };
    let told = |indexes: &[String]| {
        let error = Catalog::from_json(&format!(r#"{{"indexes":[{}]}}"#, indexes.join(","))).unwrap_err();
        let told = |d: &crate::Diagnostic| format!("{d}; {}", d.help_text().unwrap_or("-"));
        error.diagnostics().iter().map(told).collect::<Vec<_>>()
    };
    let run = format!(
        r#"{{"name":"Run","fields":[{{"name":"A","kind":"gud"}},{},{}]}}"#,
        relation("Scrpt", "Id"),
        relation("Script", "Idd")
    );
    let script = r#"{"name":"Script","key":"Nr","fields":[{"name":"Id","kind":"guid"}]}"#.to_owned();
    assert_eq!(
        told(&[run.clone(), script.clone(), script.clone()]),
        [
            "$.indexes[0].fields[0].kind: no kind `gud`; did you mean `guid`?",
            "$.indexes[1].key: no field `Nr`; -",
            "$.indexes[2].key: no field `Nr`; -",
            "$.indexes[2].name: the index `Script` is declared twice; -",
            "$.indexes[0].fields[1].relation: the relation leads to `Scrpt`, which is no index; did you mean `Script`?",
            "$.indexes[0].fields[2].relation: the index `Script` has no field `Idd`; did you mean `Id`?",
        ]
    );
    // What cannot be read may be what a relation leads to.
    let unnamed = r#"{"nam":"Scrpt","fields":[{"name":"Id","kind":"guid"}]}"#.to_owned();
    let unread = r#"{"name":"Script","fields":[{"nam":"Idd","kind":"guid"}]}"#.to_owned();
    let of_relations = |told: Vec<String>| told.iter().filter(|told| told.contains("relation")).count();
    assert_eq!(of_relations(told(&[run.clone(), script, unnamed])), 1);
    assert_eq!(of_relations(told(&[run.clone(), unread])), 1);
    assert_eq!(of_relations(told(&[run, "3".to_owned()])), 0);
}

#[test]
fn a_relation_that_leads_back_needs_a_key_to_lead_to() {
    let catalog = |entity_key: &str, link_key: &str, many: bool| {
        let key = |key: &str| if key.is_empty() { String::new() } else { format!(r#""key":"{key}","#) };
        let to_link = format!(r#"{{"index":"Link","key":"From","many":{many}}}"#);
        Catalog::from_json(&format!(
            r#"{{"indexes":[
                {{"name":"Entity",{}"fields":[{{"name":"Id","kind":"integer"}},
                    {{"name":"Links","kind":"relation","relation":{to_link}}}]}},
                {{"name":"Link",{}"fields":[{{"name":"Id","kind":"integer"}},{{"name":"From","kind":"keyword"}}]}}]}}"#,
            key(entity_key),
            key(link_key),
        ))
    };
    assert_eq!(
        catalog("", "Id", true).unwrap_err().to_string(),
        "$.indexes[0].fields[1].relation: the relation leads back from `Link.From` to a key, and this index has none"
    );
    // One row, the key of the index it leads to, or an index without key: the row stores where it leads.
    for (entity, link, many) in [("Id", "Id", true), ("", "Id", false), ("", "From", true), ("", "", true)] {
        let catalog = catalog(entity, link, many).unwrap();
        let schema = catalog.schemas().next().unwrap();
        let found = catalog.link(schema, schema.field_named("Links").unwrap()).unwrap();
        assert_eq!(found.own_key.is_some(), entity == "Id", "{entity} {link} {many}");
    }
}

#[test]
fn a_document_is_told_by_its_name() {
    for (text, told) in [
        ("{", "a.json: line 1, column 1: the document is not JSON: EOF while parsing an object"),
        (r#"{"name":"A"}"#, "a.json: $: the key `fields` is missing"),
    ] {
        let error = Catalog::from_json(text).unwrap_err().in_document("a.json");
        assert_eq!(error.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>(), [told]);
    }
}

fn declared(kind: Kind) -> impl Strategy<Value = Vec<DeclaredValue>> {
    let flags: u8 = if kind == Kind::Status { 16 } else { 1 };
    prop::collection::vec((0..flags, any::<bool>(), "\\PC{0,3}"), 0..4).prop_map(|values| {
        let value = |(i, (flags, alias, tail)): (usize, (u8, bool, String))| {
            let mut value = DeclaredValue::new(format!("v{i}-{}", tail.trim()));
            value.flags.passed = flags & 1 > 0;
            value.flags.failed = flags & 2 > 0;
            value.flags.is_final = flags & 4 > 0;
            value.flags.untested = flags & 8 > 0;
            if alias { value.alias(format!("w{i}\"\\\u{0}")) } else { value }
        };
        values.into_iter().enumerate().map(value).collect()
    })
}

fn field() -> impl Strategy<Value = Field> {
    let kind = prop::sample::select(Kind::ALL.to_vec());
    let parts = (kind, any::<bool>(), 0..3usize, 0..4usize, any::<bool>());
    parts.prop_flat_map(|(kind, multi, n_aliases, choice, set)| {
        (declared(kind), "\\PC{0,8}").prop_map(move |(values, tail)| {
            let mut field = Field::new(format!("f{tail}"), kind);
            if kind == Kind::Relation {
                field = Field::relation(format!("f{tail}"), "Other", "Key", set);
            }
            field.multi |= multi && kind.may_be_multi();
            field.aliases = (0..n_aliases).map(|i| format!("alias{i}{tail}").into()).collect();
            if matches!(kind, Kind::Status | Kind::Keyword | Kind::User) {
                field.values = values;
            }
            if matches!(kind, Kind::Keyword | Kind::User | Kind::Text) {
                field.collation =
                    [None, Some(Collation::Exact), Some(Collation::IgnoreCase)].get(choice).copied().flatten();
            }
            if field.multi && set {
                field.separator = Some("; ".into());
            }
            if kind == Kind::DateTime && set {
                field.zone = Zone::named("Asia/Kolkata");
            }
            if kind == Kind::Path && set {
                field.ancestors = Some("Tree".into());
            }
            field
        })
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back(fields in prop::collection::vec(field(), 1..6), name in "\\PC{1,8}", keyed in any::<bool>(),
                             rule in 0..4) {
        let mut builder = Schema::builder(name);
        if keyed {
            builder = builder.key("Id");
        }
        builder = builder.field(Field::new("Id", Kind::Integer));
        for (i, mut field) in fields.into_iter().enumerate() {
            // Distinct names whatever the folding of the rest.
            field.name = format!("{i}{}", field.name).into();
            field.ancestors = field.ancestors.map(|name| format!("{i}{name}").into());
            for alias in &mut field.aliases {
                *alias = format!("{i}{alias}").into();
            }
            builder = builder.field(field);
        }
        let fields = builder.clone().build().unwrap();
        let comparable = fields.fields().iter().filter(|field| field.gives_order()).map(|field| field.name.clone());
        let comparable: Vec<_> = comparable.collect();
        let flagged = fields.fields().iter().find(|field| field.values.iter().any(|value| value.flags.passed));
        builder = match (rule, flagged) {
            (0, _) => builder,
            (1, Some(status)) => builder.latest(Latest::per(comparable).worst(status.name.clone())),
            (2, Some(status)) => builder.latest(Latest::per(["Id"]).by(comparable).any_passed(status.name.clone())),
            _ => builder.latest(Latest::per(comparable.clone()).by(comparable)),
        };
        let schema = builder.build().unwrap();
        prop_assert_eq!(Schema::from_json(&schema.to_json()).unwrap(), schema.clone());
        let relations = schema.fields().iter().any(|field| field.kind() == Kind::Relation);
        if !relations {
            let catalog = Catalog::new([schema]).unwrap();
            prop_assert_eq!(Catalog::from_json(&catalog.to_json()).unwrap(), catalog);
        }
    }

    #[test]
    fn no_document_panics(text in r#"[\[\]{}:,"a-z0-9 \\]{0,60}"#) {
        let _ = (Schema::from_json(&text), Catalog::from_json(&text));
    }
}
