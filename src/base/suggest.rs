//! Near names: which known name was probably meant. Only within an edit distance of a third of the length, so that no
//! unrelated name is ever offered.

/// The candidate nearest to `typed` (ASCII case ignored), if one is near enough; the first of equally near ones.
///
/// Cost: `O(len(typed) * len(candidate))` for each candidate whose length is near enough.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let typed: Vec<char> = typed.chars().map(|c| c.to_ascii_lowercase()).take(65).collect();
    if typed.is_empty() || typed.len() > 64 {
        return None;
    }
    let allowed = (typed.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let other: Vec<char> = candidate.chars().map(|c| c.to_ascii_lowercase()).collect();
        if other.len().abs_diff(typed.len()) > allowed {
            continue;
        }
        let distance = distance(&typed, &other);
        // A name that shares nothing with what was typed is no suggestion, however short both are.
        if distance <= allowed && distance < typed.len() && best.is_none_or(|(d, _)| distance < d) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, &ca) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, &cb) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(ca != cb)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && ca == b[j - 1] && a[i - 1] == cb {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn suggests_only_what_is_near() {
        let names = ["Status", "Assignment", "RunBy"];
        assert_eq!(nearest("Statsu", names), Some("Status"));
        assert_eq!(nearest("status", names), Some("Status"));
        assert_eq!(nearest("Asignment", names), Some("Assignment"));
        assert_eq!(nearest("Colour", names), None);
        assert_eq!(nearest("x", ["y"]), None);
        assert_eq!(nearest("", names), None);
    }
}
