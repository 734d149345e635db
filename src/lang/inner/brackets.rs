//! What both languages say of brackets while they recover.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;

/// That a closing bracket closes nothing.
pub(crate) fn unopened(mark: char, span: Span) -> Diagnostic {
    let wrong = Diagnostic::error(Code::UnopenedBracket, span, format!("`{mark}` closes nothing"));
    wrong.fix(format!("drop `{mark}`"), span, "")
}

/// The position of a closing bracket among those that are waited for.
pub(crate) fn bracket(mark: char) -> usize {
    match mark {
        ')' => 0,
        ']' => 1,
        _ => 2,
    }
}
