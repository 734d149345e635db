//! Arrays and objects: JSON whose values may be any expression.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::lang::odata::ast::{Expr, Literal, LiteralKind, Member, Name};
use crate::lang::odata::lex::{Kind, Shape, Token};
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// `[value,…]`.
    pub(super) fn array(&mut self) -> Expr {
        let Some(opened) = self.open(']') else { return Expr::Error(self.span()) };
        let mut members = Vec::new();
        while !self.at_mark(']') && !self.stopped {
            members.push(self.json_value());
            self.member(members.len());
            if !self.comma() {
                break;
            }
        }
        Expr::Array(members, self.shut(opened))
    }

    /// `{"name":value,…}`.
    pub(super) fn object(&mut self) -> Expr {
        let Some(opened) = self.open('}') else { return Expr::Error(self.span()) };
        let mut members = Vec::new();
        while !self.at_mark('}') && !self.stopped {
            if self.at_literal() == Some(Shape::Json) {
                members.extend(self.json_member());
            } else {
                self.expected("a name in double quotes");
                self.recover_to_comma();
            }
            self.member(members.len());
            if !self.comma() {
                break;
            }
        }
        Expr::Object(members, self.shut(opened))
    }

    /// `"name":value`.
    fn json_member(&mut self) -> Option<Member> {
        let token = self.bump();
        let name = Name { text: self.json_text(token), span: self.span_of(token) };
        self.may_blank();
        if !self.at_mark(':') {
            self.expected("`:`");
            self.recover_to_comma();
            return None;
        }
        self.bump();
        self.may_blank();
        Some(Member { name, value: self.json_value() })
    }

    /// A string in double quotes, or an expression.
    fn json_value(&mut self) -> Expr {
        if self.at_literal() == Some(Shape::Json) {
            let second = self.second();
            if matches!(second.kind, Kind::End | Kind::Mark(',' | ']' | '}' | ')')) {
                let token = self.bump();
                self.node();
                return self.json_string(token);
            }
        }
        self.item()
    }

    /// A string's token as a literal, escapes resolved.
    pub(super) fn json_string(&mut self, token: Token) -> Expr {
        let text = self.json_text(token);
        Expr::Literal(Literal { kind: LiteralKind::JsonString, text, span: self.span_of(token) })
    }

    /// What a string's token means.
    fn json_text(&mut self, token: Token) -> Box<str> {
        let written = self.slice(token.start, token.end);
        let text = match serde_json::from_str::<String>(written) {
            Ok(text) => text,
            Err(_) => {
                // Control characters are the one thing that JSON minds and nobody else.
                let plain: String = written.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
                serde_json::from_str(&plain).unwrap_or_else(|_| {
                    let wrong = Diagnostic::error(
                        Code::InvalidEscape,
                        self.span_of(token),
                        "a string has an escape that JSON lacks",
                    );
                    let help = r#"escapes are `\"`, `\\`, `\/`, `\b`, `\f`, `\n`, `\r`, `\t` and `\u0041`"#;
                    self.report(wrong.help(help));
                    plain
                })
            }
        };
        text.into()
    }
}
