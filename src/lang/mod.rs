//! Text to faithful trees and back. [`tql`] is the language users type, [`odata`] the one API clients send; [`inner`] holds the
//! small languages inside strings. Trees know spans and token classes, never a schema, a typed value or a row. The only layer
//! that names nom.

pub(crate) mod inner;
pub(crate) mod odata;
pub(crate) mod tql;
