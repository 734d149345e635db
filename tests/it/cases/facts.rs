//! What the host of the cases knows.

use tallygrid::Facts;

/// Apollo's manager, the packages called Top, functions `Team` and `Broken`.
#[derive(Debug)]
pub(super) struct Host;

impl Facts for Host {
    fn project_manager(&self, project: &str) -> Option<Vec<String>> {
        (project == "Apollo").then(|| vec!["grace".to_owned(), "Grace Hopper".to_owned()])
    }

    fn packages(&self, name_or_path: &str) -> Option<Vec<String>> {
        match name_or_path {
            "Top" => Some(vec!["/Top".to_owned(), "p1".to_owned()]),
            "Nothing" => Some(Vec::new()),
            _ => None,
        }
    }

    fn call(&self, name: &str, arguments: &[String]) -> Option<Result<Vec<String>, String>> {
        match (name.to_lowercase().as_str(), arguments) {
            ("team", [team]) if team == "core" => Some(Ok(vec!["ada".to_owned(), "grace".to_owned()])),
            ("team", [team]) => Some(Err(format!("no team `{team}`"))),
            ("team", _) => Some(Err("it takes the name of a team".to_owned())),
            ("broken", _) => panic!("this host function is broken"),
            _ => None,
        }
    }

    fn function_names(&self) -> Vec<String> {
        vec!["Team".to_owned(), "Broken".to_owned()]
    }
}
