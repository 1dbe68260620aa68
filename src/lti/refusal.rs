//! Why somebody whom an LMS sends gets nowhere: a page that says so, or a way back to the LMS with the reason.

use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse};
use url::Url;

use crate::domain::Error;
use crate::domain::arrival::NoEntry;
use crate::domain::error::Unauthenticated;
use crate::domain::launch::check::MessageCheck;
use crate::lti::views::RefusalPage;
use crate::page::{Policy, html, support_code};

/// Why.
#[derive(Debug)]
pub enum Refusal {
    /// The form cannot be read, or lacks what it must have.
    Malformed(String),
    /// The key is unknown or the signature wrong: one answer for both.
    Signature,
    /// The form was signed too long ago, or by a clock that is wrong.
    Stale,
    /// The form was used before.
    Replayed,
    /// A platform of LTI 1.3 has not proved that it sends this.
    Unverified(String),
    /// The browser is not the one that began to come here.
    OtherBrowser,
    /// A platform of LTI 1.3 says that nobody is logged in there, or another reason why it sends nobody.
    NotSent(String),
    /// An installation at the platform that the institute does not know.
    Deployment(String),
    /// This server could not be registered at a platform.
    NotRegistered(String),
    /// The consumer is disabled.
    ShutOut,
    /// What the launch asks for is not for this person.
    NoEntry(NoEntry),
    /// The page's address has expired, or is not one of ours.
    Expired,
    /// What a tool of LTI 1.3 sent is not signed as it must be, or not for this. Why, the log says.
    Tool(String),
    /// What an author chose comes once more, or too late.
    SelectionOver,
    /// A proctoring tool's leave to begin comes once more, or when the exam cannot be begun.
    NotReady,
    /// A proctoring tool's leave to begin comes by another browser than the student's.
    NotBegunHere,
    /// A fault of ours.
    Fault(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        match error {
            Error::Unauthenticated(Unauthenticated::NonceReused) => Self::Replayed,
            other => Self::Fault(other),
        }
    }
}

impl From<crate::clock::NoRandomness> for Refusal {
    fn from(error: crate::clock::NoRandomness) -> Self {
        Self::Fault(error.into())
    }
}

impl From<NoEntry> for Refusal {
    fn from(why: NoEntry) -> Self {
        match why {
            NoEntry::ShutOut => Self::ShutOut,
            other => Self::NoEntry(other),
        }
    }
}

impl Refusal {
    /// What a broken rule of the protocol means here.
    pub fn of_message(error: examlink_lti::Error) -> Self {
        use examlink_lti::Error as Rule;
        match error {
            Rule::OauthSignature | Rule::OauthSignatureEncoding => Self::Signature,
            Rule::OauthTimestampWindow { .. } => Self::Stale,
            other => Self::Malformed(other.to_string()),
        }
    }

    /// 400 for what the LMS sent, 401 for who signed it, 403 for who was sent.
    const fn status(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::NoEntry(NoEntry::Parameter(..)) | Self::NotRegistered(_) => {
                StatusCode::BAD_REQUEST
            }
            Self::Signature
            | Self::Stale
            | Self::Replayed
            | Self::Tool(_)
            | Self::Unverified(_)
            | Self::OtherBrowser => StatusCode::UNAUTHORIZED,
            Self::SelectionOver | Self::NotReady => StatusCode::CONFLICT,
            Self::ShutOut
            | Self::NoEntry(_)
            | Self::Expired
            | Self::NotBegunHere
            | Self::NotSent(_)
            | Self::Deployment(_) => StatusCode::FORBIDDEN,
            Self::Fault(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The page. Origins of the consumer, once it is known, may show it in a frame.
    pub fn page(&self, request: &HttpRequest, ancestors: Vec<String>) -> HttpResponse {
        if let Self::Fault(error) = self {
            tracing::error!(%error, "a message of an LMS failed");
        }
        let code = support_code(request);
        if let Self::Tool(why) = self {
            tracing::info!(request_id = code, %why, "a message of a tool was refused");
        }
        tracing::info!(request_id = code, reason = self.happened(), "somebody from an LMS was refused");
        let page = RefusalPage { message: self, support_code: &code };
        html(self.status(), &Policy { ancestors, ..Policy::default() }, &page)
    }

    /// The way back to the LMS, which shows the reason (LTI 1.1 guide, `launch_presentation_return_url`).
    pub fn back_to(&self, mut url: Url, request: &HttpRequest) -> HttpResponse {
        let code = support_code(request);
        let (message, log) = (self.happened(), format!("{} (request {code})", self.happened()));
        url.query_pairs_mut().append_pair("lti_errormsg", &message).append_pair("lti_errorlog", &log);
        HttpResponse::SeeOther()
            .insert_header((LOCATION, url.to_string()))
            .insert_header(("Cache-Control", "no-store"))
            .finish()
    }

    /// The check of the message that it means by itself, where it means one.
    pub(super) const fn check(&self) -> Option<MessageCheck> {
        match self {
            Self::Replayed => Some(MessageCheck::Once),
            Self::NoEntry(_) => Some(MessageCheck::Entry),
            _ => None,
        }
    }

    /// Why, for who looks at the log.
    pub(super) fn why(&self) -> String {
        match self {
            Self::Tool(why) | Self::Malformed(why) | Self::Unverified(why) | Self::NotSent(why) => why.clone(),
            other => other.happened(),
        }
    }

    pub(super) const fn title(&self) -> &'static str {
        match self {
            Self::Fault(_) => "Something went wrong",
            _ => "Access is not possible",
        }
    }

    pub(super) fn happened(&self) -> String {
        match self {
            Self::Malformed(why) => format!("Your learning platform sent something that cannot be read: {why}."),
            Self::Signature => "The key or the signature of your learning platform is not valid here.".into(),
            Self::Unverified(why) => format!("Your learning platform has not proved that it sends you: {why}."),
            Self::OtherBrowser => {
                "This browser did not begin to come here from your learning platform, or keeps no cookies for it."
                    .into()
            }
            Self::NotSent(why) => format!("Your learning platform did not send you on: {why}."),
            Self::Deployment(id) => {
                format!("Your institute does not know the deployment {id} of your learning platform.")
            }
            Self::NotRegistered(why) => format!("This exam platform could not be registered: {why}."),
            Self::Stale => "Your learning platform sent you too long ago, or its clock is wrong.".into(),
            Self::Replayed => "This way in was used before.".into(),
            Self::ShutOut => "Your institute has closed the way in from this learning platform.".into(),
            Self::NoEntry(why) => no_entry(why),
            Self::Expired => "This address was open for a while only.".into(),
            Self::Tool(_) => {
                "What the tool sent is not signed as this exam platform and the tool have agreed. Nothing was changed."
                    .into()
            }
            Self::SelectionOver => "What you chose in the tool is here already, or came too late.".into(),
            Self::NotReady => "The exam has begun already, or cannot begin now. Nothing was changed.".into(),
            Self::NotBegunHere => "The exam was not started in this browser. Nothing was changed.".into(),
            Self::Fault(_) => "The fault is ours.".into(),
        }
    }

    pub(super) const fn to_do(&self) -> &'static str {
        match self {
            Self::OtherBrowser => {
                "Open the exam in your course once more, in a window of its own. If that does not help, allow cookies, or tell your institute and give the code below."
            }
            Self::Deployment(_) => "An administrator of your institute adds it to the platform's deployment_ids.",
            Self::NotRegistered(_) => "Begin the registration anew, with a new invitation.",
            Self::Stale | Self::Replayed | Self::Expired => {
                "Go back to your course and open the exam there once more. If that does not help, tell your institute and give the code below."
            }
            Self::Tool(_) => {
                "Go back to where you came from and open the tool once more. If that does not help, tell your institute and give the code below."
            }
            Self::NotReady => "Open your exam page by your link: it says how your exam stands.",
            Self::NotBegunHere => {
                "Open your exam page in the browser in which you pressed “Start exam”, and press it there once more. If your browser blocks cookies, allow them for the exam."
            }
            Self::SelectionOver => "Make a new selection, and open its link.",
            Self::NoEntry(NoEntry::NothingChosen) => "Ask your teacher to open this link first and to choose the exam.",
            Self::NoEntry(NoEntry::Draft) => "Come back when the exam opens.",
            Self::Fault(_) => {
                "Wait a moment and open the exam in your course once more. If that does not help, tell your institute and give the code below."
            }
            _ => "Tell your institute and give the code below.",
        }
    }
}

fn no_entry(why: &NoEntry) -> String {
    match why {
        NoEntry::Parameter(name, what) => format!("Your learning platform sent a {name} that {what}."),
        NoEntry::Role => "Your learning platform does not say that you take or teach this course.".into(),
        NoEntry::NothingChosen => "No exam was chosen for this place of your course yet.".into(),
        NoEntry::Exam => "There is no such exam, or your learning platform does not reach it.".into(),
        NoEntry::Draft => "The exam is not open yet.".into(),
        NoEntry::Closed => "The exam is closed.".into(),
        NoEntry::ShutOut => Refusal::ShutOut.happened(),
    }
}
