//! Grades: LTI Assignment and Grade Services 2.0 (AGS, 1EdTech), both sides.
//!
//! Platform: write the [`Endpoint`] claim into launches; read [`LineItem`], [`LineItemFilter`], [`Score`] and
//! [`ResultFilter`] of requests; decide by [`order`] what a score does, and by [`points`] what it is worth; write
//! [`LineItem`]s and [`LineItemResult`]s.
//!
//! Tool: read the claim, make the URLs by [`scores_url`] and [`results_url`], write a [`Score`], read what is listed.

mod endpoint;
mod filter;
mod line_item;
mod order;
mod progress;
mod result;
mod score;
mod submission;

pub use endpoint::{Endpoint, results_url, scores_url};
pub use filter::{LineItemFilter, ResultFilter};
pub(super) use line_item::LabelRule;
pub use line_item::{LineItem, SubmissionReview};
pub use order::{Applied, Order, body_digest, order};
pub use progress::{ActivityProgress, GradingProgress};
pub use result::LineItemResult;
pub use score::{Grade, Score};
pub use submission::SubmissionTimes;

/// The media type of one line item (line item service).
pub const LINE_ITEM: &str = "application/vnd.ims.lis.v2.lineitem+json";

/// The media type of a list of line items (line item service).
pub const LINE_ITEM_CONTAINER: &str = "application/vnd.ims.lis.v2.lineitemcontainer+json";

/// The media type of a list of results (result service).
pub const RESULT_CONTAINER: &str = "application/vnd.ims.lis.v2.resultcontainer+json";

/// The media type of a score (score service).
pub const SCORE: &str = "application/vnd.ims.lis.v1.score+json";

/// The most points that a line item, a score or a result may have.
pub const MOST_POINTS: f64 = 1e9;

/// The fewest points that a maximum may be: below, a score would have no end when it is scaled.
pub const LEAST_MAXIMUM: f64 = 1e-9;

/// The points on the scale of a line item (score service, `scoreGiven`): `given` of `maximum` becomes as large a part of
/// `line_item_maximum`. Also what becomes of a result when the maximum of its line item changes. It is finite where the
/// three are in the ranges that are read here.
pub fn points(given: f64, maximum: f64, line_item_maximum: f64) -> f64 {
    // No detour over a fraction where nothing changes: 0.1 of 0.3 stays 0.1.
    if maximum.to_bits() == line_item_maximum.to_bits() { given } else { given * line_item_maximum / maximum }
}
