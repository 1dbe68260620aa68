//! Addresses that open a page for a while: what they are about, until when, and the proof that they come from here.

use crate::app::App;
use crate::domain::id::LtiPlacementId;
use crate::domain::time::{Span, Timestamp};

/// How long a ticket opens its page. The next launch gives a new one.
const VALID: Span = Span::hours(2);

/// A ticket of this purpose for a placement: `<placement>-<seconds>-<proof>`.
pub fn issue(app: &App, purpose: &str, placement: LtiPlacementId, now: Timestamp) -> String {
    let text = format!("{placement}-{}", (now + VALID).seconds());
    let proof = app.keys.ticket(purpose, &text);
    format!("{text}-{proof}")
}

/// The placement of a ticket that was issued for this purpose and still opens.
pub fn open(app: &App, purpose: &str, ticket: &str, now: Timestamp) -> Option<LtiPlacementId> {
    let (text, proof) = ticket.rsplit_once('-')?;
    let (placement, until) = text.split_once('-')?;
    let in_time = until.parse().is_ok_and(|until: i64| now.seconds() < until);
    let open = app.keys.is_ticket(proof, purpose, text) & in_time;
    open.then(|| placement.parse().ok().map(LtiPlacementId)).flatten()
}
