//! The one choice of hash function and table. Seeded per process, so nothing here may decide the order of an answer.

/// Hasher state for every table of the crate.
pub(crate) type State = foldhash::fast::RandomState;

/// A map whose iteration order means nothing.
pub(crate) type HashMap<K, V> = hashbrown::HashMap<K, V, State>;

/// A set whose iteration order means nothing.
pub(crate) type HashSet<K> = hashbrown::HashSet<K, State>;
