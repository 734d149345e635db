//! `Top`: the largest groups of each parent stay by themselves, the others become one remainder. Decided on counted groups,
//! never on rows; where deeper levels ask which groups stay, the level that decided is looked up.

use std::cmp::Reverse;

use crate::base::error::{Error, Result};
use crate::base::hash::{HashMap, HashSet};
use crate::exec::groups::Groups;
use crate::exec::labels::Labels;
use crate::exec::paths::Paths;

/// Which groups of a key stay.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stay<'a> {
    /// All.
    All,
    /// So many of each parent, those with most rows; of equally large ones the first.
    Largest(u32),
    /// Those that stayed in the grouping by this key and the ones before it.
    As(&'a Groups),
}

/// Moves every counted group that does not stay to the remainder of its key, which is added to the labels. `positions` are by
/// key and counted group.
pub(crate) fn remain(stay: &[Stay<'_>], keys: &mut [Labels], positions: &mut [Vec<u32>], counts: &[u64]) -> Result<()> {
    for (d, stay) in stay.iter().enumerate() {
        let staying: HashSet<Box<[u32]>> = match stay {
            Stay::All => continue,
            Stay::Largest(n) => largest(*n as usize, &positions[..=d], counts),
            Stay::As(groups) => known(groups, &keys[..=d], &positions[..=d])?,
        };
        let rest = keys[d].push_rest();
        for group in 0..counts.len() {
            if !staying.contains(&*path_of(&positions[..=d], group)) {
                positions[d][group] = rest;
            }
        }
    }
    Ok(())
}

/// The key positions of a counted group.
fn path_of(positions: &[Vec<u32>], group: usize) -> Box<[u32]> {
    positions.iter().map(|by_group| by_group[group]).collect()
}

/// The number of a group's rows and its key's position; the largest first once sorted.
type Child = (Reverse<u64>, u32);

fn largest(n: usize, positions: &[Vec<u32>], counts: &[u64]) -> HashSet<Box<[u32]>> {
    let mut sizes: HashMap<Box<[u32]>, u64> = HashMap::default();
    for (group, count) in counts.iter().enumerate() {
        *sizes.entry(path_of(positions, group)).or_default() += count;
    }
    let mut by_parent: HashMap<Box<[u32]>, Vec<Child>> = HashMap::default();
    for (path, size) in &sizes {
        if let Some((last, parent)) = path.split_last() {
            by_parent.entry(parent.into()).or_default().push((Reverse(*size), *last));
        }
    }
    let mut staying = HashSet::default();
    for (parent, mut children) in by_parent {
        children.sort_unstable();
        staying.extend(children.iter().take(n).map(|(_, last)| parent.iter().copied().chain([*last]).collect()));
    }
    staying
}

fn known(groups: &Groups, keys: &[Labels], positions: &[Vec<u32>]) -> Result<HashSet<Box<[u32]>>> {
    let paths = Paths::new(groups);
    let here: Vec<Vec<Option<&str>>> = keys.iter().map(Labels::steps).collect();
    let mut staying: HashSet<Box<[u32]>> = HashSet::default();
    let mut seen: HashSet<Box<[u32]>> = HashSet::default();
    for group in 0..positions.first().map_or(0, Vec::len) {
        let path = path_of(positions, group);
        if seen.contains(&path) {
            continue;
        }
        let step = |(d, at): (usize, &u32)| here.get(d)?.get(*at as usize).copied();
        let steps: Option<Vec<Option<&str>>> = path.iter().enumerate().map(step).collect();
        let steps = steps.ok_or_else(|| Error::internal("a group without a label"))?;
        if paths.positions(&steps).is_some_and(|at| !paths.range(&at).is_empty()) {
            staying.insert(path.clone());
        }
        seen.insert(path);
    }
    Ok(staying)
}
