//! Writers that meet: of those that saw the same version one wins, and the others are told.

use std::sync::Barrier;

use serde_json::Value as Json;

use crate::client::Client;
use crate::start::{connect, server};

const WIDGETS: &str = "/DefaultCollection/p/t/_apis/dashboard/dashboards/blank/widgets";
const N_WRITERS: usize = 100;

#[test]
fn of_a_hundred_patches_with_one_tag_one_wins() {
    let server = server(&["--generate", "10"]);
    let mut client = connect(&server);
    let widget =
        br#"{"name": "Contested", "position": {"row": 1, "column": 1}, "size": {"rowSpan": 1, "columnSpan": 1},
                      "contributionId": "c"}"#;
    let added: Json = serde_json::from_slice(&client.ask("POST", WIDGETS, &[], widget).unwrap().body).unwrap();
    let path = format!("{WIDGETS}/{}", added["id"].as_str().unwrap());
    let clients: Vec<Client> = (0..N_WRITERS).map(|_| connect(&server)).collect();
    let together = Barrier::new(N_WRITERS);
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let writing = clients.into_iter().enumerate().map(|(n, mut client)| {
            let (path, together) = (&path, &together);
            scope.spawn(move || {
                let name = format!("Writer {n}");
                let body = format!(r#"{{"name": "{name}", "eTag": "1"}}"#);
                together.wait();
                (client.ask("PATCH", path, &[], body.as_bytes()).unwrap().status, name)
            })
        });
        let writing: Vec<_> = writing.collect();
        writing.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winners: Vec<&str> =
        answers.iter().filter(|(status, _)| *status == 200).map(|(_, name)| name.as_str()).collect();
    assert_eq!((winners.len(), answers.iter().filter(|(status, _)| *status == 409).count()), (1, N_WRITERS - 1));
    let stored: Json = serde_json::from_slice(&client.ask("GET", &path, &[], b"").unwrap().body).unwrap();
    assert_eq!((&stored["name"], &stored["eTag"]), (&winners[0].into(), &"2".into()));
    server.stop();
}
