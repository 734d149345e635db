//! Every diagnostic code, once. A code is never reused for another meaning; each has a section in `docs/diagnostics.md`.

/// Declares the codes and their stable spellings side by side, so that neither can be forgotten.
macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal;)+) => {
        /// The stable name of a kind of diagnostic, such as `unknown-field`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Code {
            /// Every code, in the order of `docs/diagnostics.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The spelling on the wire and in the documentation.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }
        }
    };
}

codes! {
    // Text of a query.
    /// A string has no closing quote.
    UnclosedString = "unclosed-string";
    /// A bracket, parenthesis or brace is not closed.
    UnclosedBracket = "unclosed-bracket";
    /// A closing bracket without an opening one.
    UnopenedBracket = "unopened-bracket";
    /// A backslash sequence that strings do not know.
    InvalidEscape = "invalid-escape";
    /// A character that no token begins with.
    UnexpectedCharacter = "unexpected-character";
    /// Something else was expected here.
    UnexpectedToken = "unexpected-token";
    /// The text ends too early.
    UnexpectedEnd = "unexpected-end";
    /// Two bare words in a row where one value was expected.
    UnquotedWords = "unquoted-words";
    /// A list without members.
    EmptyList = "empty-list";
    /// A list after an operator that takes one value.
    ListNeedsIn = "list-needs-in";
    /// AND mixed with OR, or NOT with OR, without parentheses.
    MixedOperators = "mixed-operators";
    /// A literal in quotes that its prefix does not allow.
    InvalidLiteral = "invalid-literal";
    /// Text that the standard does not have and only lenient reading takes.
    NonStandard = "non-standard";
    /// Something of v2/v3.
    OldDialect = "old-dialect";
    /// No option of that name, or not there.
    UnknownOption = "unknown-option";
    /// An option that is given twice.
    RepeatedOption = "repeated-option";
    /// Something of the language that nothing answers.
    NotSupported = "not-supported";
    // Meaning of a query.
    /// No field of that name.
    UnknownField = "unknown-field";
    /// No function of that name.
    UnknownFunction = "unknown-function";
    /// An aggregate that the field's kind does not have.
    WrongAggregate = "wrong-aggregate";
    /// Aggregates where rows are asked for, or the other way round.
    MisplacedAggregate = "misplaced-aggregate";
    /// Two results or facets of one name.
    RepeatedName = "repeated-name";
    /// A function with a wrong number or kind of arguments.
    WrongArgument = "wrong-argument";
    /// The field's kind does not have that operator.
    WrongOperator = "wrong-operator";
    /// A literal that the field's kind cannot hold.
    WrongLiteral = "wrong-literal";
    /// Braces after a field that is not a relation, or a value after a relation.
    WrongSubselect = "wrong-subselect";
    /// A value outside the field's declared set.
    UnknownValue = "unknown-value";
    /// A range whose lower bound is above its upper bound.
    EmptyRange = "empty-range";
    /// A bare date as an upper bound, or as what a datetime should equal.
    DateUpperBound = "date-upper-bound";
    /// A two-element list on a numeric key, read as a range.
    RangeOnKey = "range-on-key";
    /// A text search without a word to look for.
    StopWordsOnly = "stop-words-only";
    /// A text search that cannot be read.
    WrongSearch = "wrong-search";
    /// A value function that the host does not answer.
    NoFact = "no-fact";
    /// A field that cannot be sorted or grouped by.
    NotGroupable = "not-groupable";
    /// A group for whose rows there is no query.
    NoGroupQuery = "no-group-query";
    // Requests.
    /// No index of that name, or the caller may not see it.
    UnknownIndex = "unknown-index";
    /// No time zone of that name.
    UnknownZone = "unknown-zone";
    /// A part of the scope needs a field or a declaration that the index does not have.
    ScopeNeedsField = "scope-needs-field";
    /// No widget type or data name of that name.
    UnknownWidget = "unknown-widget";
    /// A request parameter that is missing or cannot be read.
    WrongParameter = "wrong-parameter";
    /// A request body that cannot be read.
    WrongBody = "wrong-body";
    /// Something was changed since its tag was read.
    StaleTag = "stale-tag";
    /// Two widgets that lie in one cell of a dashboard.
    Overlap = "overlap";
    /// The host does not know who asks.
    Unauthenticated = "unauthenticated";
    /// Who asks is known and may not.
    Forbidden = "forbidden";
    /// A cursor of another list, or of another version of the data.
    StaleCursor = "stale-cursor";
    /// A status that none of the widget's counters stands for.
    UnmappedStatus = "unmapped-status";
    // Schemas, rows and files.
    /// A schema or catalog that cannot be built.
    InvalidSchema = "invalid-schema";
    /// A schema document that cannot be read.
    InvalidDocument = "invalid-document";
    /// A cell that its field cannot hold.
    WrongCell = "wrong-cell";
    /// A row without a key.
    MissingKey = "missing-key";
    /// A key that is there already.
    DuplicateKey = "duplicate-key";
    /// A key that is not there.
    UnknownKey = "unknown-key";
    /// A data file that cannot be read to its end.
    BrokenFile = "broken-file";
    /// Digits below a microsecond were cut.
    CutPrecision = "cut-precision";
    /// Numbers too long for a field of numbers were kept as texts.
    KeptAsText = "kept-as-text";
    // Limits and running.
    /// A limit was reached.
    LimitReached = "limit-reached";
    /// A sum left the range of its type.
    Overflow = "overflow";
    /// A value could not be computed for a row that counts.
    FailedExpression = "failed-expression";
    /// The deadline passed.
    DeadlineExceeded = "deadline-exceeded";
    /// The caller cancelled.
    Cancelled = "cancelled";
    /// A fault of this library or of a host function; nothing was changed.
    Internal = "internal";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
