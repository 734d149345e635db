//! Names with arguments: functions of the language, `cast`, `isof`, `case`, keys and functions of the model.

use crate::base::code::Code;
use crate::base::diagnostic::Diagnostic;
use crate::base::span::Span;
use crate::base::suggest::nearest;
use crate::lang::odata::ast::{
    Argument, Call, Case, Expr, Invoke, Literal, LiteralKind, Path, Step, TypeName, Typed, TypedKind,
};
use crate::lang::odata::function::{Function, Origin};
use crate::lang::odata::lex::Kind;
use crate::lang::odata::mode::Habit;
use crate::lang::odata::parse::Parser;

impl Parser<'_> {
    /// A call or a path that begins with a name.
    pub(super) fn call_or_path(&mut self) -> Expr {
        if !self.at_call() {
            return self.path_expr();
        }
        let word = self.word();
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        if is("cast") || is("isof") {
            return self.typed(if is("cast") { TypedKind::Cast } else { TypedKind::IsOf });
        }
        if is("case") {
            return self.case();
        }
        if let Some(function) = Function::named(word) {
            return self.call(function);
        }
        if is("any") || is("all") {
            let wrong = format!("`{word}` has no path before it");
            self.report(Diagnostic::error(Code::UnexpectedToken, self.span(), wrong).help("write `Items/any(x:x/Ok)`"));
        }
        let start = self.token.start;
        let step = if is("any") || is("all") { self.lambda() } else { self.invoke() };
        Expr::Path(self.path_from(step, start))
    }

    /// `name(arguments)` of the language.
    fn call(&mut self, function: Function) -> Expr {
        let start = self.token.start;
        let token = self.bump();
        let name = self.name(token);
        let arguments = self.arguments(Self::item);
        let call = Call { name, function, arguments, span: self.span_from(start) };
        match function.origin() {
            Origin::Standard => {}
            Origin::Geo => self.unsupported(call.span, "geography"),
            Origin::Old => self.note_old(call.name.span, function.as_str()),
            Origin::Analytics => self.habit(Habit::Function, call.name.span, None),
        }
        self.arity(&call);
        Expr::Call(call)
    }

    /// Tells of a wrong number of arguments.
    fn arity(&mut self, call: &Call) {
        let (arity, n) = (call.function.arity(), call.arguments.len());
        let has_error = call.arguments.iter().any(|argument| matches!(argument, Expr::Error(_)));
        // Behind the end of the text there may be more.
        if arity.contains(&n) || has_error || self.ended {
            return;
        }
        let (least, most) = (arity.start(), arity.end());
        let takes = match least == most {
            true => format!("{least}"),
            false => format!("{least} to {most}"),
        };
        let wrong = format!("`{}` takes {takes} arguments, and has {n}", call.function.as_str());
        self.report(Diagnostic::error(Code::WrongArgument, call.span, wrong));
    }

    /// `( a, b )`, of which the name before is taken.
    pub(super) fn arguments<T>(&mut self, mut read: impl FnMut(&mut Self) -> T) -> Vec<T> {
        let mut arguments = Vec::new();
        let Some(opened) = self.open(')') else { return arguments };
        // Behind a comma there is an argument.
        let mut goes_on = !self.at_mark(')');
        while goes_on && !self.stopped {
            arguments.push(read(self));
            self.member(arguments.len());
            goes_on = self.comma();
        }
        self.shut(opened);
        arguments
    }

    /// `cast(e,T)`, `isof(T)`.
    fn typed(&mut self, kind: TypedKind) -> Expr {
        let token = self.bump();
        let arguments = self.arguments(Self::value_or_type);
        let span = self.span_from(token.start);
        let n_arguments = arguments.len();
        let has_error = arguments.iter().any(|argument| matches!(argument, Expr::Error(_)));
        let mut arguments = arguments.into_iter();
        let (operand, target) = match n_arguments {
            1 => (None, arguments.next()),
            _ => (arguments.next(), arguments.next()),
        };
        match target.and_then(type_name).filter(|_| n_arguments <= 2) {
            Some(target) => Expr::Typed(Box::new(Typed { kind, operand, target, span })),
            None => {
                if !has_error && !self.stopped {
                    let name = self.shown(token.start, token.end);
                    let wrong =
                        Diagnostic::error(Code::WrongArgument, span, format!("`{name}` takes a value and a type"));
                    self.report(wrong.help("types are such as `Edm.Int32`, `Edm.String` and `Edm.Date`"));
                }
                Expr::Error(span)
            }
        }
    }

    /// An argument of `cast`: `Collection(…)` is no call there.
    fn value_or_type(&mut self) -> Expr {
        if !(self.at_exact("Collection") && self.at_call()) {
            return self.item();
        }
        let token = self.bump();
        let name = self.name(token);
        let arguments = self.arguments(Self::argument);
        let span = self.span_from(token.start);
        Expr::Path(Path { steps: vec![Step::Invoke(Invoke { name, arguments, span })], span })
    }

    /// `case(condition:value,…)`.
    fn case(&mut self) -> Expr {
        let token = self.bump();
        let branches: Vec<Option<(Expr, Expr)>> = self.arguments(Self::branch);
        let span = self.span_from(token.start);
        if branches.is_empty() && !self.stopped {
            let wrong = Diagnostic::error(Code::WrongArgument, span, "`case` has no branch");
            self.report(wrong.help("write `case(condition:value,true:otherwise)`"));
        }
        match branches.into_iter().collect::<Option<Vec<_>>>() {
            Some(branches) if !branches.is_empty() => Expr::Case(Case { branches, span }),
            _ => Expr::Error(span),
        }
    }

    /// `condition:value`.
    fn branch(&mut self) -> Option<(Expr, Expr)> {
        let n_errors = self.n_errors;
        // From the second token on: a number alone is no condition.
        self.ends_at_colon = true;
        let condition = self.expr();
        self.ends_at_colon = false;
        self.may_blank();
        if !self.at_mark(':') {
            if self.n_errors == n_errors {
                self.expected("`:` behind the condition");
            }
            self.recover_to_comma();
            return None;
        }
        self.bump();
        self.may_blank();
        Some((condition, self.item()))
    }

    /// `name(arguments)` of no function that the language has.
    pub(super) fn invoke(&mut self) -> Step {
        let token = self.bump();
        let name = self.checked_name(token);
        let opening = self.token;
        let n_errors = self.n_errors;
        let arguments = self.arguments(Self::argument);
        let span = self.span_from(token.start);
        let is_dotted = name.text.contains('.');
        let is_misspelt = arguments.is_empty() && !is_dotted && near_function(&name.text).is_some();
        let is_function = (is_dotted || arguments.is_empty()) && !is_misspelt;
        let takes_values = arguments.iter().any(|argument| argument.name.is_none() && !is_key(&argument.value));
        if is_function {
            self.unsupported(span, "functions of a model");
        } else if (takes_values || is_misspelt) && self.n_errors == n_errors {
            self.unknown_function(&name.text, name.span);
        } else if arguments.len() > 1 && arguments.iter().any(|argument| argument.name.is_none()) {
            let wrong = "several values without names are no key";
            self.report(Diagnostic::error(Code::WrongArgument, self.source.span(opening.start, self.last), wrong));
        } else if arguments.iter().any(|argument| !is_key(&argument.value)) {
            self.unsupported(span, "functions of a model");
        }
        Step::Invoke(Invoke { name, arguments, span })
    }

    fn unknown_function(&mut self, name: &str, span: Span) {
        let wrong = Diagnostic::error(Code::UnknownFunction, span, format!("there is no function `{name}`"));
        let wrong = match near_function(name) {
            Some(near) => wrong.fix(format!("write `{near}`"), span, near),
            None => wrong.help("functions of the language are such as `contains`, `tolower` and `year`"),
        };
        self.report(wrong);
    }

    /// `name=value` or a value.
    pub(super) fn argument(&mut self) -> Argument {
        let is_named = self.token.kind == Kind::Name && self.is_behind('=');
        if !is_named {
            return Argument { name: None, value: self.item() };
        }
        let token = self.bump();
        let name = self.checked_name(token);
        self.bump();
        Argument { name: Some(name), value: self.item() }
    }
}

/// The function that was probably meant.
fn near_function(name: &str) -> Option<&'static str> {
    nearest(name, Function::ALL.iter().map(|function| function.as_str()).chain(["cast", "isof", "case"]))
}

/// Whether a value can be one of a key.
fn is_key(value: &Expr) -> bool {
    match value {
        Expr::Literal(Literal { kind, .. }) => !matches!(kind, LiteralKind::Null | LiteralKind::JsonString),
        Expr::Path(path) => matches!(path.steps.as_slice(), [Step::Alias(_)]),
        Expr::Error(_) => true,
        _ => false,
    }
}

/// A path that names a type: `Edm.Int32`, `Model.Customer`, `Collection(Edm.String)`.
fn type_name(expr: Expr) -> Option<TypeName> {
    let Expr::Path(path) = expr else { return None };
    let span = path.span;
    let [step] = <[Step; 1]>::try_from(path.steps).ok()?;
    match step {
        Step::Name(name) => Some(TypeName { name, collection: false, span }),
        Step::Invoke(Invoke { name, arguments, .. }) if &*name.text == "Collection" => {
            let [argument] = <[Argument; 1]>::try_from(arguments).ok()?;
            let inner = type_name(argument.value).filter(|inner| !inner.collection && argument.name.is_none())?;
            Some(TypeName { name: inner.name, collection: true, span })
        }
        _ => None,
    }
}
