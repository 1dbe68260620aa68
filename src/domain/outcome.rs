//! The grade that a tool hands back: whose it is, whether it may come, what it may say (LTI 1.1 guide, Basic Outcomes).

use examlink_lti::v1::outcomes::result_json::ResultJson;
use examlink_lti::v1::outcomes::{CodeMinor, Replacement};

use crate::domain::exam::{Exam, ExamStatus};
use crate::domain::id::{LtiResourceId, StudentSessionId, ToolProviderId};
use crate::domain::link_times::LinkTimes;
use crate::domain::lti_resource::LtiResource;
use crate::domain::result::{Grader, Points, Score, Standing};
use crate::domain::secret::Keyring;
use crate::domain::student_session::StudentSession;
use crate::domain::text::{Prose, WebUrl, Work};
use crate::domain::time::{Span, Timestamp};

/// Where tools hand grades back: one address for all of them, without a query, for ever.
pub const PATH: &str = "/lti/1.1/outcomes";
/// Where a result is read and written as JSON, each under its sourcedid.
pub const RESULTS_PATH: &str = "/lti/1.1/results";

const PURPOSE: &str = "lti result";

/// How far the clock of a tool may be ahead when it says when a student handed in.
const AHEAD: Span = Span::minutes(1);

/// What a tool knows a result by (`lis_result_sourcedid`): the numbers of session and resource, and a ticket of 128 bits
/// that binds them to the tool and to the student. Nothing of it is stored, and it is the same in every launch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourcedId {
    /// The student's attempt.
    pub session: StudentSessionId,
    /// The link into the tool.
    pub resource: LtiResourceId,
    ticket: String,
}

impl SourcedId {
    /// That of a result of a tool.
    pub fn of(keys: &Keyring, tool: ToolProviderId, resource: LtiResourceId, session: &StudentSession) -> Self {
        let ticket = keys.ticket(PURPOSE, &bound(tool, resource, session));
        Self { session: session.id, resource, ticket }
    }

    /// Reads what a tool sent. Whether it is one of ours, [`SourcedId::is_of`] tells.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |text: &str| text.parse::<i64>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let (session, rest) = text.split_once('-')?;
        let (resource, ticket) = rest.split_once('-')?;
        let (session, resource) = (StudentSessionId(number(session)?), LtiResourceId(number(resource)?));
        Some(Self { session, resource, ticket: ticket.to_owned() })
    }

    /// Whether it was made here for this tool and this student.
    pub fn is_of(&self, keys: &Keyring, place: &Place) -> bool {
        let bound = bound(place.resource.tool_provider_id, self.resource, &place.session);
        self.session == place.session.id
            && self.resource == place.resource.id
            && keys.is_ticket(&self.ticket, PURPOSE, &bound)
    }
}

impl std::fmt::Display for SourcedId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}-{}-{}", self.session, self.resource, self.ticket)
    }
}

fn bound(tool: ToolProviderId, resource: LtiResourceId, session: &StudentSession) -> String {
    format!("{tool}-{resource}-{}-{}", session.id, session.student_id)
}

/// Where a grade belongs.
#[derive(Clone, Debug)]
pub struct Place {
    /// The student's attempt.
    pub session: StudentSession,
    /// Its exam.
    pub exam: Exam,
    /// The link into the tool, of the same exam.
    pub resource: LtiResource,
}

/// Why a tool's call is not carried out: for the tool, and for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// A stable name.
    pub code: &'static str,
    /// The protocol's word for it.
    pub minor: CodeMinor,
    /// What is wrong, and the way out.
    pub detail: String,
}

impl Refusal {
    fn new(code: &'static str, minor: CodeMinor, detail: impl Into<String>) -> Self {
        Self { code, minor, detail: detail.into() }
    }

    /// The message breaks a rule of the protocol.
    pub fn protocol(error: &examlink_lti::Error) -> Self {
        use examlink_lti::Error;
        match error {
            Error::OutcomeOperation(_) => Self::new("unsupported_operation", CodeMinor::Unsupported, error.to_string()),
            Error::Score(_) | Error::TotalScore(_) => Self::new("bad_score", CodeMinor::InvalidData, error.to_string()),
            _ => Self::new("malformed", CodeMinor::InvalidData, error.to_string()),
        }
    }

    /// There is no such result, or its sourcedid was made up.
    pub fn unknown_result() -> Self {
        let detail = "The sourcedid is not one that a launch of this server gave out, or its student or link is gone.";
        Self::new("unknown_sourcedid", CodeMinor::UnknownObject, detail)
    }

    /// The result is another tool's.
    pub fn other_tool() -> Self {
        let detail = "The sourcedid belongs to another tool than the consumer key.";
        Self::new("tool_mismatch", CodeMinor::UnauthorizedRequest, detail)
    }
}

impl Place {
    /// Whether a tool may read a result there: the exam must have been opened, and not be put away.
    pub fn admits_reading(&self) -> Result<(), Refusal> {
        admits_reading(&self.exam)
    }

    /// Whether a tool may hand a grade back there now, and whether it comes late.
    pub fn admits_writing(&self, now: Timestamp) -> Result<bool, Refusal> {
        admits_writing(&self.exam, &self.session, Some(&self.resource.times), now)
    }
}

fn admits_reading(exam: &Exam) -> Result<(), Refusal> {
    let refused = |code, detail: &str| Err(Refusal::new(code, CodeMinor::UnknownObject, detail));
    match exam.status {
        ExamStatus::Deleted => refused("exam_deleted", "The exam was deleted."),
        ExamStatus::Draft => refused("exam_not_open", "The exam has not been published."),
        ExamStatus::Open | ExamStatus::Closed => Ok(()),
    }
}

/// Whether a tool may hand a grade of an attempt back now, and whether it comes late: the student must have begun, and
/// must not be put away. After the exam, and once the link whose grade it is takes no more work, the author decides.
pub fn admits_writing(
    exam: &Exam,
    session: &StudentSession,
    link: Option<&LinkTimes>,
    now: Timestamp,
) -> Result<bool, Refusal> {
    admits_reading(exam)?;
    let refused = |code, detail: &str| Err(Refusal::new(code, CodeMinor::UnauthorizedRequest, detail));
    if session.archived {
        return refused("session_archived", "The student's session was put away.");
    }
    if session.start_time.is_none() {
        return refused("session_not_started", "The student has not begun the exam.");
    }
    let exam_over = exam.status == ExamStatus::Closed || session.is_past_end(exam, now);
    let link_over = link.is_some_and(|link| link.of(session, now).is_submission_over(now));
    match (exam_over, link_over) {
        _ if exam.settings.accept_late_results => Ok(exam_over || link_over),
        (true, _) => refused("exam_over", "The exam is over, and its author takes no late results."),
        (_, true) => {
            refused("submission_over", "The link takes no more work, and the exam's author takes no late results.")
        }
        _ => Ok(false),
    }
}

/// What a tool hands back, checked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Submission {
    score: Option<Score>,
    total_score: Option<Points>,
    text: Option<Work>,
    url: Option<WebUrl>,
    launch_url: Option<WebUrl>,
    submitted_at: Option<Timestamp>,
    comment: Option<Prose>,
    needs_review: bool,
    /// Whether the grade of a person stays.
    pub prioritize_non_tool_grade: bool,
}

impl Submission {
    /// Checks what a tool wrote. It must say something, and students do not hand in in the future.
    pub fn read(replacement: Replacement, now: Timestamp) -> Result<Self, Refusal> {
        let submission = Self {
            score: replacement.score.map(Score::from),
            total_score: replacement.total_score.map(Points::from),
            text: value("text", replacement.text)?,
            url: value("url", replacement.url)?,
            launch_url: value("ltiLaunchUrl", replacement.launch_url)?,
            submitted_at: replacement.submitted_at.map(|text| submitted_at(&text, now)).transpose()?,
            comment: None,
            needs_review: replacement.needs_additional_review,
            prioritize_non_tool_grade: replacement.prioritize_non_tool_grade,
        };
        let says_something = submission.grader().is_some()
            || submission.text.is_some()
            || submission.url.is_some()
            || submission.launch_url.is_some();
        if says_something {
            Ok(submission)
        } else {
            let detail =
                "The result has neither a score nor data; send a resultScore, a resultTotalScore or resultData.";
            Err(Refusal::new("no_score", CodeMinor::InvalidData, detail))
        }
    }

    /// Checks what a tool wrote as JSON; `None` where it takes the grade away, with the comment on that.
    pub fn read_json(result: ResultJson) -> Result<(Option<Self>, Option<Prose>), Refusal> {
        let comment: Option<Prose> = value("comment", result.comment)?;
        let graded = |score| Self { score: Some(Score::from(score)), comment: comment.clone(), ..Self::default() };
        Ok((result.score.map(graded), comment))
    }

    /// What it makes of a result that is new.
    pub fn standing(&self, late: bool) -> Standing {
        Standing {
            score: self.score,
            total_score: self.total_score,
            text: self.text.clone(),
            url: self.url.clone(),
            launch_url: self.launch_url.clone(),
            submitted_at: self.submitted_at,
            needs_review: self.needs_review,
            comment: self.comment.clone(),
            late,
            graded_by: self.grader(),
            user_id: None,
        }
    }

    fn grader(&self) -> Option<Grader> {
        (self.score.is_some() || self.total_score.is_some()).then_some(Grader::Tool)
    }
}

fn value<T: TryFrom<String, Error = String>>(name: &str, text: Option<String>) -> Result<Option<T>, Refusal> {
    let checked = text.filter(|text| !text.is_empty()).map(T::try_from).transpose();
    checked.map_err(|why| Refusal::new("bad_data", CodeMinor::InvalidData, format!("{name} {why}.")))
}

fn submitted_at(text: &str, now: Timestamp) -> Result<Timestamp, Refusal> {
    let Some(at) = Timestamp::parse(text) else {
        let detail = "submittedAt is not an ISO 8601 time such as 2026-11-26T07:19:53Z.";
        return Err(Refusal::new("bad_submitted_at", CodeMinor::InvalidData, detail));
    };
    if at > now + AHEAD {
        let detail = format!("submittedAt is in the future; the time here is {now}.");
        return Err(Refusal::new("timestamp_in_future", CodeMinor::InvalidData, detail));
    }
    Ok(at)
}
