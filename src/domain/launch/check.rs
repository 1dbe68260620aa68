//! What a message is held against, one check after the other, for who looks at the log.

use crate::domain::launch::record::{Direction, MessageKind};

names! {
    /// One check of a message, or of a tool's question for one.
    MessageCheck {
        /// Each parameter is there once, and can be read.
        Parameters = "parameters",
        /// A tool that is registered.
        ClientId = "client_id",
        /// One of the tool's `redirect_uris`, letter for letter.
        RedirectUri = "redirect_uri",
        /// Not too long; of a platform's answer, one that this server made, and recent.
        State = "state",
        /// The tool speaks LTI 1.3 and is active; the learning platform is not disabled.
        Active = "active",
        /// Not there.
        Request = "request",
        /// Not there.
        RequestUri = "request_uri",
        /// `id_token`
        ResponseType = "response_type",
        /// `openid`
        Scope = "scope",
        /// `form_post`
        ResponseMode = "response_mode",
        /// `none`
        Prompt = "prompt",
        /// There.
        Nonce = "nonce",
        /// Names a message that this server has begun, and is recent.
        MessageHint = "lti_message_hint",
        /// Names the person of that message.
        LoginHint = "login_hint",
        /// The one that the person began in.
        Browser = "browser",
        /// The one that the message is for.
        Tool = "tool",
        /// It runs for the student, or it is time for this message.
        Exam = "exam",
        /// Waits for what is chosen.
        Selection = "selection",
        /// May be looked at in the tool.
        Result = "result",
        /// The message has not been answered before, or has not come before.
        Once = "once",
        /// A platform sent a token, and not an error.
        IdToken = "id_token",
        /// The sender publishes a key of this id.
        Kid = "kid",
        /// Right, by the sender's key or secret.
        Signature = "signature",
        /// Those that a message of this type must have, for this server and in time.
        Claims = "claims",
        /// One that the institute knows.
        DeploymentId = "deployment_id",
        /// An address of this server.
        TargetLinkUri = "target_link_uri",
        /// In the window.
        Timestamp = "oauth_timestamp",
        /// What this server told the tool, handed back unaltered.
        Data = "data",
        /// A message of this type with all that it must have.
        Message = "message",
        /// The person may come in, and there is an exam to come to.
        Entry = "entry",
    }
}

names! {
    /// How a check came out.
    CheckOutcome {
        /// As it must be.
        Passed = "passed",
        /// Not as it must be: the message is not sent, or not taken.
        Failed = "failed",
        /// Another one failed before it.
        NotMade = "not_made",
    }
}

/// The checks of a tool's question for any message, in order.
const ASKED: [MessageCheck; 13] = [
    MessageCheck::Parameters,
    MessageCheck::ClientId,
    MessageCheck::RedirectUri,
    MessageCheck::State,
    MessageCheck::Active,
    MessageCheck::Request,
    MessageCheck::RequestUri,
    MessageCheck::ResponseType,
    MessageCheck::Scope,
    MessageCheck::ResponseMode,
    MessageCheck::Prompt,
    MessageCheck::Nonce,
    MessageCheck::MessageHint,
];

/// The checks of a message that a tool signed, in order.
const OF_TOOL: [MessageCheck; 5] = [
    MessageCheck::Parameters,
    MessageCheck::ClientId,
    MessageCheck::Kid,
    MessageCheck::Signature,
    MessageCheck::Claims,
];

impl MessageCheck {
    /// What a message of this kind is held against, in order; nothing where it is sent without a question.
    pub fn all(kind: MessageKind, direction: Direction) -> Vec<Self> {
        use MessageCheck as C;
        use MessageKind as K;
        let (first, then): (&[Self], &[Self]) = match (direction, kind) {
            (Direction::ToTool, K::Launch | K::ContentRequest) | (Direction::ToPlatform, _) => (&[], &[]),
            (Direction::ToTool, K::DeepLinking) => {
                (&ASKED, &[C::Tool, C::LoginHint, C::Browser, C::Selection, C::Once])
            }
            (Direction::ToTool, K::SubmissionReview) => {
                (&ASKED, &[C::LoginHint, C::Browser, C::Tool, C::Result, C::Once])
            }
            (Direction::ToTool, K::StartProctoring | K::EndAssessment) => {
                (&ASKED, &[C::Tool, C::LoginHint, C::Browser, C::Exam, C::Once])
            }
            (Direction::ToTool, _) => (&ASKED, &[C::LoginHint, C::Browser, C::Tool, C::Exam, C::Once]),
            (Direction::FromTool, K::ContentItems) => {
                (&[C::Parameters, C::Data, C::Timestamp, C::Signature, C::Message], &[C::Once, C::Selection])
            }
            (Direction::FromTool, K::StartAssessment) => (&OF_TOOL, &[C::Data, C::Browser, C::Once, C::Exam]),
            (Direction::FromTool, _) => (&OF_TOOL, &[C::Data, C::Once, C::Selection]),
            (Direction::FromPlatform, K::Launch | K::ContentRequest) => {
                (&[C::Parameters, C::Timestamp, C::Signature, C::Active], &[C::Once, C::Message, C::Entry])
            }
            (Direction::FromPlatform, _) => (
                &[C::Parameters, C::State, C::IdToken, C::Browser, C::Active, C::Kid, C::Signature, C::Claims],
                &[C::DeploymentId, C::TargetLinkUri, C::Once, C::Message, C::Entry],
            ),
        };
        [first, then].concat()
    }
}

impl CheckOutcome {
    /// How each of `checks` came out of a message in which `failed` is the one that failed, if any did.
    pub fn of_all(checks: Vec<MessageCheck>, failed: Option<MessageCheck>) -> Vec<(MessageCheck, Self)> {
        let end = failed.and_then(|failed| checks.iter().position(|check| *check == failed)).unwrap_or(checks.len());
        let outcome = |at: usize| match at.cmp(&end) {
            std::cmp::Ordering::Less => Self::Passed,
            std::cmp::Ordering::Equal => Self::Failed,
            std::cmp::Ordering::Greater => Self::NotMade,
        };
        checks.into_iter().enumerate().map(|(at, check)| (check, outcome(at))).collect()
    }
}
