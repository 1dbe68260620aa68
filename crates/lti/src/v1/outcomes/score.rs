//! Scores: decimal numbers, written so that nobody can read another number.

use std::fmt;

use super::shown;
use crate::{Error, Result};

/// A number is no longer than this: floating-point numbers of all languages fit.
const LONGEST: usize = 64;
/// The largest total score.
const MOST_POINTS: f64 = 1e9;

/// A score from 0.0 to 1.0. It prints with a decimal point, as platforms do.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Score(f64);

/// A number of points, from 0 on.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct TotalScore(f64);

impl Score {
    /// The score, where the number is one. Not a number is none.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// Reads a decimal number. Fails with [`Error::Score`] for anything else that some parser takes: signs, spaces, hex,
    /// commas, `NaN`, infinity.
    pub fn parse(text: &str) -> Result<Self> {
        decimal(text).and_then(Self::new).ok_or_else(|| Error::Score(shown(text)))
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl TotalScore {
    /// The number of points, where the number can be one.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=MOST_POINTS).contains(&value).then_some(Self(value))
    }

    /// Reads a decimal number, as [`Score::parse`] does. Fails with [`Error::TotalScore`].
    pub fn parse(text: &str) -> Result<Self> {
        decimal(text).and_then(Self::new).ok_or_else(|| Error::TotalScore(shown(text)))
    }

    /// The number.
    pub fn value(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(self.0, f)
    }
}

impl fmt::Display for TotalScore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(self.0, f)
    }
}

fn write_decimal(value: f64, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let text = value.to_string();
    f.write_str(&text)?;
    if text.contains('.') { Ok(()) } else { f.write_str(".0") }
}

/// ASCII digits with at most one point, and an exponent where the language of the tool writes small numbers with one.
fn decimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let power = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    let well_formed = text.len() <= LONGEST
        && digits(whole)
        && digits(fraction)
        && whole.len() + fraction.len() > 0
        && digits(power)
        && !power.is_empty();
    if well_formed { text.parse().ok() } else { None }
}
