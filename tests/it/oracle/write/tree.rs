//! Aggregates in front of a filter.

use super::Writer;
use crate::oracle::answer::SortKey;
use crate::oracle::choices::Choices;
use crate::oracle::measure::Measure;
use crate::oracle::query::{Filter, Literal};
use crate::oracle::tree::{Alias, By, Entry, Selector, What, period_name};
use crate::oracle::world::World;

/// Aggregates, a filter and an order as one query.
pub(crate) fn query(
    world: &World,
    block: &[Entry],
    filter: Option<&Filter>,
    order: &[SortKey],
    choices: &mut Choices,
) -> String {
    let mut writer = Writer { world, choices, out: String::new() };
    writer.aggregates(block);
    writer.blank();
    if let Some(filter) = filter {
        let mut behind = Writer { world, choices: writer.choices, out: String::new() };
        behind.chain(filter, false);
        let (filter, choices) = (behind.out, behind.choices);
        writer.choices = choices;
        // A parenthesis behind COUNT would be that of a function.
        if filter.starts_with('(') || !writer.choices.once_in(4) {
            writer.keyword("where");
            writer.blank();
        }
        writer.out.push_str(&filter);
    }
    writer.order(order);
    writer.out
}

/// What rows are grouped by, alone.
pub(crate) fn selector(world: &World, selector: &Selector, choices: &mut Choices) -> String {
    let mut writer = Writer { world, choices, out: String::new() };
    writer.selector(selector);
    writer.out
}

/// One measure, alone.
pub(crate) fn measure(world: &World, measure: &Measure, column: usize, choices: &mut Choices) -> String {
    let mut writer = Writer { world, choices, out: String::new() };
    writer.measure(measure, column);
    writer.out
}

impl Writer<'_> {
    fn aggregates(&mut self, block: &[Entry]) {
        for (i, entry) in block.iter().enumerate() {
            if i > 0 {
                self.mark(",");
            }
            self.entry(entry);
        }
    }

    fn entry(&mut self, entry: &Entry) {
        match &entry.what {
            What::Count => self.keyword("count"),
            What::Entities => self.keyword("entities"),
            What::Measure(measure, column) => self.measure(measure, *column),
            What::Groups(selector, block) => {
                self.keyword("group by");
                self.blank();
                self.selector(selector);
                match &entry.alias {
                    Alias::InFront => self.alias(&entry.name),
                    Alias::Both(other) => self.alias(other),
                    Alias::None | Alias::Behind => {}
                }
                self.block(block);
            }
            What::Facets(facets, block) => {
                self.keyword("faceted");
                self.blank();
                for (i, facet) in facets.iter().enumerate() {
                    if i > 0 {
                        self.mark(",");
                    }
                    self.tokens(&facet.written);
                    if facet.has_alias {
                        self.alias(&facet.name);
                    }
                }
                self.block(block);
            }
        }
        if let Alias::Behind | Alias::Both(_) = entry.alias {
            self.alias(&entry.name);
        }
    }

    fn block(&mut self, block: &[Entry]) {
        self.mark("{");
        self.aggregates(block);
        self.mark("}");
    }

    fn alias(&mut self, name: &str) {
        self.blank();
        self.keyword("as");
        self.blank();
        self.word(name);
    }

    fn measure(&mut self, measure: &Measure, column: usize) {
        self.call(measure.shown());
        self.name(&self.world.columns[column].name);
        if let Measure::Percentile(percent) = measure {
            self.mark(",");
            self.word(percent.written);
        }
        self.mark(")");
    }

    fn selector(&mut self, selector: &Selector) {
        if selector.fill {
            self.call("Fill");
        }
        if selector.top.is_some() {
            self.call("Top");
        }
        let name = &self.world.columns[selector.column].name;
        match &selector.by {
            By::Value => self.name(name),
            By::Bucket(edges) => {
                self.call("Bucket");
                self.name(name);
                self.mark(",");
                self.values(&edges.iter().collect::<Vec<_>>());
                self.mark(")");
            }
            By::Period { period, format, range } => {
                self.call(period_name(*period));
                self.name(name);
                let range_first = self.choices.once_in(2);
                for is_range in [range_first, !range_first] {
                    match (format, range) {
                        (_, Some((from, to))) if is_range => {
                            self.mark(",");
                            self.call("Range");
                            self.values(&[from, to]);
                            self.mark(")");
                        }
                        (Some(format), _) if !is_range => {
                            self.mark(",");
                            self.call("Format");
                            self.word(format.pattern);
                            self.mark(")");
                        }
                        _ => {}
                    }
                }
                self.mark(")");
            }
        }
        if let Some(n) = selector.top {
            self.mark(",");
            self.out.push_str(&n.to_string());
            self.mark(")");
        }
        if selector.fill {
            self.mark(")");
        }
    }

    fn values(&mut self, literals: &[&Literal]) {
        let in_brackets = self.choices.once_in(4);
        self.out.push_str(if in_brackets { "[" } else { "" });
        for (i, literal) in literals.iter().enumerate() {
            if i > 0 {
                self.mark(",");
            }
            self.literal(literal);
        }
        self.out.push_str(if in_brackets { "]" } else { "" });
    }

    fn call(&mut self, function: &str) {
        self.keyword(&function.to_lowercase());
        self.mark("(");
    }
}
