//! Command lines by hand: `--name value`, `--name=value`, and options that take every word up to the next option.

use super::output::Failure;

/// The words of a command line, taken option by option.
pub(crate) struct Args {
    words: Vec<String>,
    at: usize,
}

impl Args {
    /// The program's own command line.
    pub(crate) fn from_env() -> Self {
        Self::new(std::env::args().skip(1))
    }

    /// A command line of these words.
    pub(crate) fn new(given: impl IntoIterator<Item = String>) -> Self {
        let mut words = Vec::new();
        for word in given {
            match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => words.extend([name.to_owned(), value.to_owned()]),
                _ => words.push(word),
            }
        }
        Self { words, at: 0 }
    }

    /// The next option's name.
    pub(crate) fn option(&mut self) -> Result<Option<String>, Failure> {
        let Some(word) = self.words.get(self.at) else { return Ok(None) };
        if !word.starts_with("--") {
            return Err(Failure::usage(format!("`{word}` is no option")));
        }
        self.at += 1;
        Ok(Some(word.clone()))
    }

    /// The value of the option just taken.
    pub(crate) fn value(&mut self, option: &str) -> Result<String, Failure> {
        let value = self.words.get(self.at).cloned();
        self.at += 1;
        value.ok_or_else(|| Failure::usage(format!("{option} needs a value")))
    }

    /// The number behind the option just taken.
    pub(crate) fn number<T: std::str::FromStr>(&mut self, option: &str) -> Result<T, Failure> {
        let value = self.value(option)?;
        value.parse().map_err(|_| Failure::usage(format!("{option} needs a number, not `{value}`")))
    }

    /// Every word up to the next option; at least one.
    pub(crate) fn values(&mut self, option: &str) -> Result<Vec<String>, Failure> {
        let mut values = vec![self.value(option)?];
        while let Some(word) = self.words.get(self.at).filter(|word| !word.starts_with("--")) {
            values.push(word.clone());
            self.at += 1;
        }
        Ok(values)
    }
}
