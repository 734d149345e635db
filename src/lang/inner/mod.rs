//! What the languages share: [`words`] is the language inside strings behind `~`, [`brackets`] how recovery tells them.

pub(crate) mod brackets;
pub(crate) mod words;
