//! Queries of the services' URLs.

use super::reader::LINE;
use super::service_error::{Result, ServiceError};

/// The most that one page of a container holds, whatever is asked for.
pub const LARGEST_PAGE: u32 = 1000;

/// The decoded pairs of a query.
pub(super) struct Query<'q>(pub(super) &'q [(String, String)]);

impl Query<'_> {
    /// The value of a parameter; an empty one is as good as none. Fails with [`ServiceError::Repeated`], because two
    /// readers may take different ones, and with [`ServiceError::TooLong`].
    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>> {
        self.text_of(name, LINE)
    }

    /// A text of at most so many bytes.
    pub(super) fn text_of(&self, name: &'static str, most: usize) -> Result<Option<String>> {
        let mut values = self.0.iter().filter(|(given, value)| given == name && !value.is_empty());
        let first = values.next().map(|(_, value)| value.clone());
        if values.next().is_some() {
            return Err(ServiceError::Repeated(name));
        }
        match first {
            Some(value) if value.len() > most => Err(ServiceError::TooLong { at: name.into(), most }),
            first => Ok(first),
        }
    }

    /// `limit`: a whole number from 1 on, cut down to [`LARGEST_PAGE`]. Fails with [`ServiceError::Limit`].
    pub(super) fn limit(&self) -> Result<Option<u32>> {
        let Some(text) = self.text("limit")? else { return Ok(None) };
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        // More digits than a u32 holds is a large number all the same.
        let number = text.parse().unwrap_or(LARGEST_PAGE);
        if !is_number || number == 0 {
            return Err(ServiceError::Limit);
        }
        Ok(Some(number.min(LARGEST_PAGE)))
    }
}
