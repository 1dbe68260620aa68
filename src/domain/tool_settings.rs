//! What tools keep here: names and values of their own.

use examlink_lti::v1::tool_settings::Values;
use serde::{Deserialize, Serialize};

use crate::domain::{Error, Result};

/// The values of one level, as they are stored.
#[derive(
    Clone,
    Debug,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub struct Stored(pub Values);

json_column!(Stored);

/// Bytes of names and values that one level may hold.
const MOST: usize = 20_000;

/// Checks what a tool wants to keep: 20,000 bytes of names and values, no NUL, no empty name.
pub fn check(values: Values) -> Result<Stored> {
    let size: usize = values.iter().map(|(name, value)| name.len() + value.len()).sum();
    if size > MOST {
        return Err(Error::invalid("custom", format!("holds {size} bytes; {MOST} are kept at most")));
    }
    if values.iter().any(|(name, value)| name.is_empty() || name.contains('\0') || value.contains('\0')) {
        return Err(Error::invalid("custom", "has an empty name or a NUL character"));
    }
    Ok(Stored(values))
}
