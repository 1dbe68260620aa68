//! Addresses of what has changed in a list since it was read (NRPS 2.0, membership differences). They hold a time, and the
//! proof that it was given to this tool for this exam.

use actix_web::http::StatusCode;

use crate::domain::departure::KEPT;
use crate::domain::id::{ExamId, ToolProviderId};
use crate::domain::secret::Keyring;
use crate::domain::time::{Span, Timestamp};
use crate::lti::exchange::AFTER;
use crate::lti::problem::Problem;

/// The name of the time since when changes are asked for.
pub const SINCE: &str = "since";
/// The name of the time at which the first page of a list was read, on the pages after it.
pub const AS_OF: &str = "as_of";

const PURPOSE: &str = "membership differences";
/// What is being committed while a list is read is told among the differences, be it once more.
const OVERLAP: Span = Span::minutes(1);

/// What the times of a list are proven with.
#[derive(Clone, Copy, Debug)]
pub struct Times<'k> {
    /// The master key.
    pub keys: &'k Keyring,
    /// Who asks.
    pub tool: ToolProviderId,
    /// Whose members.
    pub exam: ExamId,
}

impl Times<'_> {
    /// A time, as an address holds it.
    pub fn write(self, at: Timestamp) -> String {
        let micros = at.micros();
        format!("{micros}-{}", self.keys.ticket(PURPOSE, &self.bound(micros)))
    }

    /// The time that a query holds under a name. Fails where it is none of ours, and where it is so long ago that nobody
    /// knows any more who was taken out since.
    pub fn read(self, query: &[(String, String)], name: &str, now: Timestamp) -> Result<Option<Timestamp>, Problem> {
        let Some((_, text)) = query.iter().find(|(given, _)| given == name) else { return Ok(None) };
        let given = text.split_once('-').and_then(|(micros, ticket)| Some((micros.parse().ok()?, ticket)));
        let ours = given.filter(|(micros, ticket)| self.keys.is_ticket(ticket, PURPOSE, &self.bound(*micros)));
        match ours.map(|(micros, _)| Timestamp::from_micros(micros)) {
            Some(at) if at + KEPT > now => Ok(Some(at)),
            Some(_) => {
                let detail = "These differences are too old. Read the whole list again.";
                Err(Problem::new(StatusCode::GONE, "differences_too_old", detail))
            }
            None => {
                let detail = format!("{name} is not one that this server gave out; follow the link as it is.");
                Err(Problem::new(StatusCode::BAD_REQUEST, "invalid", detail))
            }
        }
    }

    /// The address of what changes in a list from the time on that it was read at: with all that it was asked with.
    pub fn url(self, list: &str, query: &[(String, String)], read_at: Timestamp) -> String {
        let kept = query.iter().filter(|(name, _)| ![SINCE, AS_OF, AFTER].contains(&name.as_str()));
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        let pairs = pairs.extend_pairs(kept).append_pair(SINCE, &self.write(read_at - OVERLAP));
        format!("{list}?{}", pairs.finish())
    }

    fn bound(self, micros: i64) -> String {
        format!("{}-{}-{micros}", self.tool, self.exam)
    }
}
