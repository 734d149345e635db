//! Requests, options and transformations back to text.

use crate::lang::odata::ast::OrderItem;
use crate::lang::odata::ast::apply::{Aggregate, Computed, GroupKey, Hierarchy, Nested, Sequence, Transform};
use crate::lang::odata::ast::option::{OptionValue, QueryOption, Request};
use crate::lang::odata::ast::search::Search;
use crate::lang::odata::print::{Printer, Style};
use crate::lang::odata::system::SystemOption;

impl Printer {
    pub(super) fn request(&mut self, request: &Request) {
        if let Some(path) = &request.path {
            self.path(path);
        }
        // Without `?` the name of a service's own option might be taken for a path.
        let is_own = |option: &QueryOption| {
            matches!(option.value, OptionValue::Text(_)) && SystemOption::named(&option.name.text).is_none()
        };
        let needs_mark = request.path.is_some() || request.options.first().is_some_and(is_own);
        self.put(if needs_mark && !request.options.is_empty() { "?" } else { "" });
        for (i, option) in request.options.iter().enumerate() {
            self.put(if i > 0 { "&" } else { "" });
            self.option(option);
        }
    }

    /// `(option;option)`, if there is one.
    pub(super) fn options(&mut self, options: &[QueryOption]) {
        if options.is_empty() {
            return;
        }
        let outer = std::mem::replace(&mut self.in_options, true);
        self.put("(");
        for (i, option) in options.iter().enumerate() {
            self.put(if i > 0 { ";" } else { "" });
            self.option(option);
        }
        self.put(")");
        self.in_options = outer;
    }

    pub(super) fn option(&mut self, option: &QueryOption) {
        let is_inline = SystemOption::named(&option.name.text) == Some(SystemOption::InlineCount);
        for (i, part) in option.name.text.split('=').enumerate() {
            self.put(if i > 0 { "%3D" } else { "" });
            self.encode(part);
        }
        // A value alone has no name.
        if !option.name.text.is_empty() && option.value != OptionValue::Text(None) {
            self.put("=");
        }
        match &option.value {
            OptionValue::Filter(expr) | OptionValue::Alias(expr) => self.expr(expr),
            OptionValue::OrderBy(items) => self.list(items, Self::order_item),
            OptionValue::Top(count) | OptionValue::Skip(count) => self.put(&count.digits),
            OptionValue::Count(counts) => self.put(match (counts, is_inline) {
                (true, false) => "true",
                (false, false) => "false",
                (true, true) => "allpages",
                (false, true) => "none",
            }),
            OptionValue::Select(items) => self.list(items, |printer, item| {
                printer.path(&item.path);
                printer.options(&item.options);
            }),
            OptionValue::Expand(items) => self.list(items, |printer, item| {
                printer.path(&item.path);
                printer.options(&item.options);
            }),
            OptionValue::Compute(items) => self.list(items, Self::computed),
            OptionValue::Search(search) => self.search(search),
            OptionValue::Apply(sequence) => self.sequence(sequence),
            OptionValue::Levels(levels) => self.put(levels.as_ref().map_or("max", |levels| &*levels.digits)),
            OptionValue::Text(text) => self.encode(text.as_deref().unwrap_or("")),
            OptionValue::Error => {}
        }
    }

    fn order_item(&mut self, item: &OrderItem) {
        self.expr(&item.value);
        self.put(if item.descending { " desc" } else { "" });
    }

    fn computed(&mut self, computed: &Computed) {
        self.expr(&computed.value);
        self.put(" as ");
        self.name(&computed.alias);
    }

    fn search(&mut self, search: &Search) {
        let all = self.style == Style::EveryGrouping;
        match search {
            Search::Term { text, phrase: true, .. } => {
                self.put("\"");
                self.encode(&text.replace('\\', "\\\\").replace('"', "\\\""));
                self.put("\"");
            }
            Search::Term { text, .. } => {
                for (i, part) in text.split(';').enumerate() {
                    self.put(if i > 0 { "%3B" } else { "" });
                    self.encode(part);
                }
            }
            Search::Foreign { text, .. } => {
                self.put("'");
                self.encode(&text.replace('\'', "''"));
                self.put("'");
            }
            Search::Not(operand, _) => {
                self.put(if all { "(NOT " } else { "NOT " });
                self.search(operand);
                self.put(if all { ")" } else { "" });
            }
            Search::And(operands) => self.joined(operands, " AND "),
            Search::Or(operands) => self.joined(operands, " OR "),
            Search::Group(inside, _) if all => self.search(inside),
            Search::Group(inside, _) => {
                self.put("(");
                self.search(inside);
                self.put(")");
            }
            Search::Error(_) => {}
        }
    }

    fn joined(&mut self, operands: &[Search], operator: &str) {
        let all = self.style == Style::EveryGrouping;
        self.put(if all { "(" } else { "" });
        for (i, operand) in operands.iter().enumerate() {
            self.put(if i > 0 { operator } else { "" });
            self.search(operand);
        }
        self.put(if all { ")" } else { "" });
    }

    fn sequence(&mut self, sequence: &Sequence) {
        for (i, step) in sequence.steps.iter().enumerate() {
            self.put(if i > 0 { "/" } else { "" });
            self.transform(&step.kind);
        }
    }

    fn transform(&mut self, transform: &Transform) {
        match transform {
            Transform::Identity => self.put("identity"),
            Transform::Error => {}
            Transform::Custom(invoke) => {
                self.name(&invoke.name);
                self.call("", |printer| printer.list(&invoke.arguments, Self::argument));
            }
            Transform::Aggregate(items) => self.call("aggregate", |printer| printer.list(items, Self::aggregate)),
            Transform::GroupBy { keys, then } => self.call("groupby", |printer| {
                printer.call("", |printer| printer.list(keys, Self::group_key));
                printer.then(then.as_ref());
            }),
            Transform::Filter(filter) => self.call("filter", |printer| printer.expr(filter)),
            Transform::Search(search) => self.call("search", |printer| printer.search(search)),
            Transform::OrderBy(items) => self.call("orderby", |printer| printer.list(items, Self::order_item)),
            Transform::Skip(count) => self.call("skip", |printer| printer.put(&count.digits)),
            Transform::Top(count) => self.call("top", |printer| printer.put(&count.digits)),
            Transform::Ranked { ranking, limit, by } => self.call(ranking.as_str(), |printer| {
                printer.expr(limit);
                printer.put(",");
                printer.expr(by);
            }),
            Transform::Compute(items) => self.call("compute", |printer| printer.list(items, Self::computed)),
            Transform::Concat(sequences) => self.call("concat", |printer| printer.list(sequences, Self::sequence)),
            Transform::Nest(nested) => self.call("nest", |printer| printer.list(nested, Self::nested)),
            Transform::AddNested { path, nested } => self.call("addnested", |printer| {
                printer.path(path);
                printer.put(",");
                printer.list(nested, Self::nested);
            }),
            Transform::Join { outer, path, alias, then } => {
                self.call(if *outer { "outerjoin" } else { "join" }, |printer| {
                    printer.path(path);
                    printer.put(" as ");
                    printer.name(alias);
                    printer.then(then.as_ref());
                });
            }
            Transform::Kin { ancestors, hierarchy, start, distance, keep_start } => {
                self.call(if *ancestors { "ancestors" } else { "descendants" }, |printer| {
                    printer.hierarchy(hierarchy);
                    printer.then(Some(start));
                    if let Some(distance) = distance {
                        printer.put(",");
                        printer.put(&distance.digits);
                    }
                    printer.put(if *keep_start { ",keep start" } else { "" });
                });
            }
            Transform::Traverse { hierarchy, postorder, order } => self.call("traverse", |printer| {
                printer.hierarchy(hierarchy);
                printer.put(if *postorder { ",postorder" } else { ",preorder" });
                for item in order {
                    printer.put(",");
                    printer.order_item(item);
                }
            }),
        }
    }

    /// `word(…)`.
    fn call(&mut self, word: &str, print: impl FnOnce(&mut Self)) {
        self.put(word);
        self.put("(");
        print(self);
        self.put(")");
    }

    /// `,sequence`, if there is one.
    fn then(&mut self, then: Option<&Sequence>) {
        if let Some(sequence) = then {
            self.put(",");
            self.sequence(sequence);
        }
    }

    fn nested(&mut self, nested: &Nested) {
        self.sequence(&nested.sequence);
        self.put(" as ");
        self.name(&nested.alias);
    }

    fn hierarchy(&mut self, hierarchy: &Hierarchy) {
        self.path(&hierarchy.nodes);
        self.put(",");
        self.name(&hierarchy.qualifier);
        self.put(",");
        self.path(&hierarchy.node);
    }

    fn group_key(&mut self, key: &GroupKey) {
        match key {
            GroupKey::Path(path) => self.path(path),
            GroupKey::Rollup { all, paths, .. } => {
                self.put(match (all, paths.is_empty()) {
                    (true, false) => "rollup($all,",
                    (true, true) => "rollup($all",
                    (false, _) => "rollup(",
                });
                self.list(paths, Self::path);
                self.put(")");
            }
            GroupKey::Recursive { hierarchy, then, .. } => {
                self.put("rolluprecursive(");
                self.hierarchy(hierarchy);
                self.then(then.as_ref());
                self.put(")");
            }
        }
    }

    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) {
        self.expr(&aggregate.operand);
        if let Some(method) = &aggregate.method {
            self.put(" with ");
            self.name(method);
        }
        for from in &aggregate.from {
            self.put(" from ");
            self.list(&from.keys, Self::path);
            if let Some(method) = &from.method {
                self.put(" with ");
                self.name(method);
            }
        }
        if let Some(alias) = &aggregate.alias {
            self.put(" as ");
            self.name(alias);
        }
    }
}
