//! Points in time on the wire: ISO 8601 with an offset.

use std::fmt;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, SecondsFormat, Utc};
use serde_json::Value;

use super::reader::Object;
use super::service_error::{Result, ServiceError};
use crate::json::object;

const SECOND: i64 = 1_000_000;

/// A point in time, in microseconds since 1970-01-01 00:00 UTC. It is written in UTC with a `Z`, because some tools
/// take no other offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The point so many seconds after 1970. A number of seconds that no calendar holds becomes the nearest.
    pub const fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(SECOND))
    }

    /// The point so many microseconds after 1970.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The point so many seconds later.
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        Self(self.0.saturating_add(seconds.saturating_mul(SECOND)))
    }

    /// Reads `2017-04-16T18:54:36.736+00`: a date of four, two and two digits, a time to the minute or finer, and an
    /// offset of `Z`, `±hh`, `±hhmm` or `±hh:mm` (ISO 8601; AGS 2.0, score service, lists such forms). What is finer than
    /// a microsecond is cut off. `None` for anything else, above all for a time without an offset.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = text.trim().split_once(['T', 't'])?;
        let (time, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-'])?);
        let local = NaiveDateTime::new(parse_date(date)?, parse_time(time)?);
        Some(Self(local.and_utc().timestamp_micros().checked_sub(parse_offset(offset)? * SECOND)?))
    }

    pub(super) fn to_value(self) -> Value {
        Value::String(self.to_string())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What lies beyond the calendar is written as its last day: it can only be a sum of what a caller made up.
        let time = DateTime::from_timestamp_micros(self.0).unwrap_or(DateTime::<Utc>::MAX_UTC);
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }
}

/// A span of time; an absent end is open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// `startDateTime`.
    pub begin: Option<Timestamp>,
    /// `endDateTime`.
    pub end: Option<Timestamp>,
}

impl Span {
    /// Fails with [`ServiceError::Timestamp`] and [`ServiceError::EndsBeforeBegin`].
    pub(super) fn read(object: &Object<'_>) -> Result<Self> {
        let span = Self { begin: object.date("startDateTime")?, end: object.date("endDateTime")? };
        match (span.begin, span.end) {
            (Some(begin), Some(end)) if end < begin => {
                Err(ServiceError::EndsBeforeBegin(object.at("startDateTime to endDateTime")))
            }
            _ => Ok(span),
        }
    }

    pub(super) fn to_value(self) -> Value {
        object([
            ("startDateTime", self.begin.map(Timestamp::to_value)),
            ("endDateTime", self.end.map(Timestamp::to_value)),
        ])
    }
}

fn parse_date(text: &str) -> Option<NaiveDate> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    NaiveDate::from_ymd_opt(digits(year, 4)?.try_into().ok()?, digits(month, 2)?, digits(day, 2)?)
}

fn parse_time(text: &str) -> Option<NaiveTime> {
    let (whole, fraction) = text.split_once(['.', ',']).map_or((text, None), |(whole, rest)| (whole, Some(rest)));
    let mut parts = whole.split(':');
    let (hour, minute) = (digits(parts.next()?, 2)?, digits(parts.next()?, 2)?);
    let second = parts.next();
    if parts.next().is_some() || (second.is_none() && fraction.is_some()) {
        return None;
    }
    let second = second.map_or(Some(0), |second| digits(second, 2))?;
    NaiveTime::from_hms_micro_opt(hour, minute, second, fraction.map_or(Some(0), parse_fraction)?)
}

fn parse_fraction(text: &str) -> Option<u32> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    format!("{text:0<6}").get(..6)?.parse().ok()
}

/// The offset in seconds.
fn parse_offset(text: &str) -> Option<i64> {
    if text.eq_ignore_ascii_case("Z") {
        return Some(0);
    }
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_at_checked(2)?;
    let hours = digits(hours, 2)?;
    let minutes = if minutes.is_empty() { 0 } else { digits(minutes.strip_prefix(':').unwrap_or(minutes), 2)? };
    let seconds = i64::from(hours) * 3600 + i64::from(minutes) * 60;
    (hours < 24 && minutes < 60).then_some(if sign == "-" { -seconds } else { seconds })
}

fn digits(text: &str, count: usize) -> Option<u32> {
    (text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok()).flatten()
}
