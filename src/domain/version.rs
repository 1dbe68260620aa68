//! Which state of an object somebody has read.

use std::fmt;

use crate::domain::time::Timestamp;

/// An object as it was after its last change. Two versions are equal only where nothing was changed in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Version {
    /// The object's id.
    pub id: i64,
    /// When it was last changed, to the microsecond.
    pub updated_at: Timestamp,
}

/// Hexadecimal numbers with a dash between: the form in an entity tag.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{:x}", self.id, self.updated_at.micros())
    }
}
