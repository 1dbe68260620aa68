//! Points in time as the API and the database hold them.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{DateTime, NaiveDateTime, SecondsFormat, Utc};
use diesel::deserialize::FromSqlRow;
use diesel::expression::AsExpression;
use diesel::sql_types::BigInt;
use serde::{Deserialize, Serialize, Serializer};

/// Microseconds since 1970-01-01T00:00:00Z. On the wire ISO 8601 with milliseconds in UTC; as input also epoch seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow, utoipa::ToSchema)]
#[diesel(sql_type = BigInt)]
#[schema(value_type = String, format = DateTime, example = "2026-11-26T07:19:53.143Z")]
pub struct Timestamp(i64);

/// A length of time in microseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Span(i64);

column!(Span, BigInt, i64, |micros| Ok(Self(micros)), |span| &span.0);

impl Span {
    /// `millis` milliseconds.
    pub const fn millis(millis: i64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// `seconds` seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1_000_000))
    }

    /// `minutes` minutes.
    pub const fn minutes(minutes: i64) -> Self {
        Self::seconds(minutes.saturating_mul(60))
    }

    /// `hours` hours.
    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    /// How many microseconds.
    pub const fn micros(self) -> i64 {
        self.0
    }
}

/// A number of minutes, 0 to 100,000.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 0, maximum = 100_000)]
pub struct Minutes(i64);

impl Minutes {
    /// How many.
    pub fn count(self) -> u32 {
        u32::try_from(self.0).unwrap_or_default()
    }

    /// As a length of time.
    pub const fn span(self) -> Span {
        Span::minutes(self.0)
    }

    /// So many more; `None` where that is more than there may be.
    pub fn plus(self, more: u32) -> Option<Self> {
        Self::try_from(self.0 + i64::from(more)).ok()
    }
}

impl TryFrom<i64> for Minutes {
    type Error = &'static str;
    fn try_from(minutes: i64) -> Result<Self, &'static str> {
        if (0..=100_000).contains(&minutes) { Ok(Self(minutes)) } else { Err("must be from 0 to 100000 minutes") }
    }
}

impl fmt::Display for Minutes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

column!(Minutes, BigInt, i64, |minutes| Ok(Self(minutes)), |minutes| &minutes.0);

/// A number of days, 1 to 36,500.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    utoipa::ToSchema,
    AsExpression,
    FromSqlRow,
)]
#[diesel(sql_type = BigInt)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 1, maximum = 36_500)]
pub struct Days(i64);

impl TryFrom<i64> for Days {
    type Error = &'static str;
    fn try_from(days: i64) -> Result<Self, &'static str> {
        if (1..=36_500).contains(&days) { Ok(Self(days)) } else { Err("must be from 1 to 36500 days") }
    }
}

column!(Days, BigInt, i64, |days| Ok(Self(days)), |days| &days.0);

/// A number of hours, 0 to 720: thirty days.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "i64")]
#[schema(value_type = i64, minimum = 0, maximum = 720)]
pub struct Hours(i64);

impl Hours {
    /// As a length of time.
    pub const fn span(self) -> Span {
        Span::hours(self.0)
    }
}

impl TryFrom<i64> for Hours {
    type Error = &'static str;
    fn try_from(hours: i64) -> Result<Self, &'static str> {
        if (0..=720).contains(&hours) { Ok(Self(hours)) } else { Err("must be from 0 to 720 hours") }
    }
}

impl Timestamp {
    /// Date and time to the minute, as a clock in the zone shows them.
    pub fn local(self, zone: chrono_tz::Tz) -> String {
        use chrono::TimeZone as _;
        let local = |utc: DateTime<Utc>| zone.from_utc_datetime(&utc.naive_utc()).format("%Y-%m-%d %H:%M").to_string();
        self.to_utc().map_or_else(String::new, local)
    }

    /// From microseconds since the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// From milliseconds since the epoch; `None` where that leaves the range.
    pub fn from_millis(millis: i64) -> Option<Self> {
        millis.checked_mul(1_000).map(Self)
    }

    /// Microseconds since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// Milliseconds since the epoch, rounded down.
    pub const fn millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// Seconds since the epoch, rounded down.
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// How long it is since `earlier`; nothing where that is later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0).max(0))
    }

    /// The UTC day, counted from the epoch.
    pub const fn day(self) -> i64 {
        self.seconds().div_euclid(86_400)
    }

    /// The same point as a calendar date and time in UTC; `None` outside chrono's range.
    pub fn to_utc(self) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp_micros(self.0)
    }

    /// Reads ISO 8601 (an offset is honoured, none means UTC, a bare date is its midnight) or epoch seconds.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) {
            return Self::in_calendar(text.parse::<i64>().ok()?.checked_mul(1_000_000)?);
        }
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Some(Self(at.timestamp_micros()));
        }
        let naive = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
            .or_else(|_| NaiveDateTime::parse_from_str(&format!("{text}T00:00"), "%Y-%m-%dT%H:%M"));
        Some(Self(naive.ok()?.and_utc().timestamp_micros()))
    }

    /// Refuses what no calendar can show, so that whatever is stored can be written out again.
    fn in_calendar(micros: i64) -> Option<Self> {
        DateTime::from_timestamp_micros(micros).map(|_| Self(micros))
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;
    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_utc() {
            Some(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true)),
            None => write!(f, "{}", self.seconds()),
        }
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| {
            serde::de::Error::custom("must be an ISO 8601 time such as 2026-11-26T07:19:53Z, or seconds since 1970")
        })
    }
}

column!(Timestamp, BigInt, i64, |micros| Ok(Self(micros)), |at| &at.0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_iso_and_epoch_seconds_and_writes_milliseconds_in_utc() {
        for text in ["2026-11-26T08:19:53.143+01:00", "2026-11-26T07:19:53.143Z", "2026-11-26T07:19:53.143"] {
            assert_eq!(Timestamp::parse(text).unwrap().to_string(), "2026-11-26T07:19:53.143Z");
        }
        assert_eq!(Timestamp::parse("0").unwrap().to_string(), "1970-01-01T00:00:00.000Z");
        assert_eq!(Timestamp::parse("2025-02-01").unwrap().to_string(), "2025-02-01T00:00:00.000Z");
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in ["", "soon", "2026-13-01", "9999999999999999999", "-", "9223372036854"] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
