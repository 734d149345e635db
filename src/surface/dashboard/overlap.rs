//! Whether widgets lie in one another's cells: one sweep over their rows, `O(n log n)`.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;

use crate::base::code::Code;
use crate::base::diagnostic::{Diagnostic, Place, Severity, push};
use crate::base::error::{Error, ErrorKind, Result};
use crate::surface::body::shown;
use crate::surface::dashboard::widget::Widget;

/// Nothing if no two widgets share a cell.
///
/// # Errors
/// `Conflict`, which names each widget that lies in cells of one above or beside it.
pub(super) fn check(widgets: &[Arc<Widget>]) -> Result<()> {
    let mut by_row: Vec<&Widget> = widgets.iter().map(|widget| &**widget).collect();
    by_row.sort_by_key(|widget| (widget.position.row, widget.position.column));
    // Those that reach the row at hand, by their first column, and when each ends. No two of them share a column.
    let mut reaching: BTreeMap<u32, &Widget> = BTreeMap::new();
    let mut ends: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
    let mut told = Vec::new();
    for widget in by_row {
        while let Some(Reverse((end, column))) = ends.peek().copied()
            && end <= u64::from(widget.position.row)
        {
            ends.pop();
            reaching.remove(&column);
        }
        let left = reaching.range(..=widget.position.column).next_back();
        let right = reaching.range(widget.position.column..).next();
        let first_column = |other: &Widget| other.position.column.max(widget.position.column);
        let meets = |other: &&Widget| {
            let column = u64::from(first_column(other));
            column < end_of(other.position.column, other.size.column_span)
                && column < end_of(widget.position.column, widget.size.column_span)
        };
        match left.into_iter().chain(right).map(|(_, other)| *other).find(meets) {
            Some(other) => push(&mut told, overlap(other, widget, first_column(other))),
            None => {
                ends.push(Reverse((end_of(widget.position.row, widget.size.row_span), widget.position.column)));
                reaching.insert(widget.position.column, widget);
            }
        }
    }
    if told.is_empty() { Ok(()) } else { Err(Error::new(ErrorKind::Conflict, told)) }
}

/// The row or column behind the last.
fn end_of(start: u32, span: u32) -> u64 {
    u64::from(start) + u64::from(span)
}

fn overlap(above: &Widget, below: &Widget, column: u32) -> Diagnostic {
    let names = [above, below].map(|widget| shown(&widget.name));
    let row = below.position.row;
    let message = format!("the widgets `{}` and `{}` share row {row}, column {column}", names[0], names[1]);
    Diagnostic::new(Code::Overlap, Severity::Error, Place::Request, message).help("move one of them")
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::surface::dashboard::widget::{SemanticVersion, WidgetPosition, WidgetSize};

    fn widget((row, column, row_span, column_span): (u32, u32, u32, u32)) -> Arc<Widget> {
        Arc::new(Widget {
            id: String::new(),
            e_tag: 1,
            name: format!("{row}/{column}"),
            position: WidgetPosition { row, column },
            size: WidgetSize { row_span, column_span },
            settings: None,
            settings_version: SemanticVersion::default(),
            contribution_id: String::new(),
        })
    }

    proptest! {
        #[test]
        fn the_sweep_finds_what_every_pair_shows(places in vec((1..9u32, 1..9u32, 1..4u32, 1..4u32), 0..9)) {
            let meet = |a: (u32, u32, u32, u32), b: (u32, u32, u32, u32)| {
                a.0 < b.0 + b.2 && b.0 < a.0 + a.2 && a.1 < b.1 + b.3 && b.1 < a.1 + a.3
            };
            let any = (0..places.len()).any(|i| places[i + 1..].iter().any(|other| meet(places[i], *other)));
            let widgets: Vec<_> = places.into_iter().map(widget).collect();
            prop_assert_eq!(check(&widgets).is_err(), any);
        }
    }

    #[test]
    fn places_at_the_end_of_numbers_are_places() {
        let far = (u32::MAX, u32::MAX, u32::MAX, u32::MAX);
        assert!(check(&[widget(far), widget((1, 1, 1, 1))]).is_ok());
        let error = check(&[widget(far), widget(far)]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the widgets `4294967295/4294967295` and `4294967295/4294967295` share row 4294967295, column 4294967295"
        );
    }
}
