//! Deadlines, clients that go away, and how the server ends.

use crate::start::{connect, server};

const ASKED: &[u8] = br#"{"tql": "Status = Failed"}"#;

#[test]
fn a_request_whose_time_is_up_is_told_so() {
    let server = server(&["--generate", "1000", "--deadline-ms", "0"]);
    let mut client = connect(&server);
    let answer = client.ask("POST", "/api/search/Run", &[], ASKED).unwrap();
    assert!([503, 504].contains(&answer.status), "{}", answer.status);
    server.stop();
}

#[test]
fn a_client_may_be_less_patient_than_the_server() {
    let server = server(&["--generate", "1000"]);
    let mut client = connect(&server);
    let hasty = [("prefer", "wait=0")];
    let answer = client.ask("POST", "/api/search/Run", &hasty, ASKED).unwrap();
    assert!([503, 504].contains(&answer.status), "{}", answer.status);
    assert_eq!(client.ask("POST", "/api/search/Run", &[], ASKED).unwrap().status, 200);
    server.stop();
}

#[test]
fn a_stopped_server_lets_go_of_idle_connections() {
    let server = server(&["--generate", "10"]);
    let address = server.address();
    let mut client = connect(&server);
    assert_eq!(client.ask("GET", "/health", &[], b"").unwrap().status, 200);
    server.stop();
    assert!(client.ask("GET", "/health", &[], b"").is_err());
    assert!(std::net::TcpStream::connect(address).is_err());
}
