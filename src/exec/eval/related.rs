//! What the key in one field of a row leads to, worked out beforehand for every key: values of the row it belongs to, or what
//! becomes of the rows that lead back.

use std::sync::Arc;

use crate::base::budget::Reservation;
use crate::base::hash::HashMap;
use crate::data::block::Block;
use crate::exec::eval::column::Column;
use crate::exec::eval::load;
use crate::model::schema::FieldId;

/// Values by the group of a key; group 0 is that of keys that lead nowhere.
#[derive(Debug)]
pub(crate) struct Related<'a> {
    pub(crate) field: FieldId,
    pub(crate) groups: Groups,
    pub(crate) values: Column<'a>,
    pub(crate) _memory: Vec<Reservation<'a>>,
}

/// Keys that lead to the same have the same group; those that lead nowhere have 0.
#[derive(Clone, Debug)]
pub(crate) enum Groups {
    /// By dictionary id.
    ById(Arc<[u32]>),
    ByNumber(Arc<HashMap<i128, u32>>),
}

impl Groups {
    pub(crate) fn of_id(&self, id: u32) -> u32 {
        match self {
            Self::ById(groups) => groups.get(id as usize).copied().unwrap_or(0),
            Self::ByNumber(_) => 0,
        }
    }

    pub(crate) fn of_number(&self, number: i128) -> u32 {
        match self {
            Self::ById(_) => 0,
            Self::ByNumber(groups) => groups.get(&number).copied().unwrap_or(0),
        }
    }

    /// The group of each cell of a block, one a row or one an element.
    pub(crate) fn of_block(&self, block: &Block) -> Vec<u32> {
        match (self, block.frame()) {
            (Self::ById(_), _) => load::ids(block).into_iter().map(|id| self.of_id(id)).collect(),
            (Self::ByNumber(_), Some(frame)) => {
                let codes = (0..block.codes().len()).map(|at| block.codes().get(at));
                codes.map(|code| if code == 0 { 0 } else { self.of_number(frame.number(code)) }).collect()
            }
            (Self::ByNumber(_), None) => vec![0; block.codes().len()],
        }
    }

    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::ById(groups) => size_of_val(&**groups),
            Self::ByNumber(groups) => groups.allocation_size(),
        }
    }
}

impl<'a> Related<'a> {
    /// The values of the rows of a block.
    pub(crate) fn load(&self, block: Option<&Block>, n: usize) -> Column<'a> {
        match block {
            Some(block) => self.values.gather(&self.groups.of_block(block)),
            None => self.values.repeated(0, n),
        }
    }
}
