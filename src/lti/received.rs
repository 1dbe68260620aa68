//! What the log of launches keeps of a message while it is received: who sent it, what it says as far as that is the
//! sender's, and the check that is being made. Of a sender who is not known nothing is kept.

use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::jwt::Claims;

use crate::app::App;
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::record::{About, Direction, MessageKind, NewLaunchRecord};
use crate::domain::launch::shown;
use crate::domain::lti_consumer::LtiConsumer;
use crate::domain::lti_urls;
use crate::domain::tool_provider::ToolProvider;
use crate::lti::refusal::Refusal;
use crate::store::Sender;

/// The longest form that is kept of whoever knows the key of an LMS, in bytes: what an LMS sends is shorter.
const LONGEST_UNSIGNED: usize = 8_192;

/// Characters of a reason that are kept: a platform may give one in its own words.
const LONGEST_REASON: usize = 2_000;

/// A message that is being received.
#[derive(Debug)]
pub struct Received {
    direction: Direction,
    path: &'static str,
    /// What it is.
    pub kind: MessageKind,
    check: MessageCheck,
    sender: Option<(Sender, About)>,
    /// Whether it is known to be the sender's.
    signed: bool,
    claims: Option<String>,
    header: Option<String>,
    form: Vec<Param>,
    refused: Option<String>,
}

impl Received {
    /// A message of this kind that a tool sends to an address of ours.
    pub fn from_tool(kind: MessageKind, path: &'static str) -> Self {
        Self {
            direction: Direction::FromTool,
            path,
            kind,
            check: MessageCheck::Parameters,
            sender: None,
            signed: false,
            claims: None,
            header: None,
            form: Vec::new(),
            refused: None,
        }
    }

    /// A message of a platform, of which nobody knows yet what it is.
    pub fn from_platform() -> Self {
        let message = Self::from_tool(MessageKind::Unknown, lti_urls::LAUNCH_1P3);
        Self { direction: Direction::FromPlatform, ..message }
    }

    /// A launch, or another form, of an LMS.
    pub fn from_lms() -> Self {
        let message = Self::from_tool(MessageKind::Launch, lti_urls::LAUNCH);
        Self { direction: Direction::FromPlatform, ..message }
    }

    /// The check that is made next: the one that fails where the message is refused now.
    pub fn at(&mut self, check: MessageCheck) {
        self.check = check;
    }

    /// The tool that it is from.
    pub fn of_tool(&mut self, tool: &ToolProvider) {
        let about = About { tool_provider_id: Some(tool.id), ..About::institute(tool.institute_id) };
        self.sender = Some((Sender::Tool(tool.id), about));
    }

    /// The learning platform that it is from.
    pub fn of_lms(&mut self, lms: &LtiConsumer) {
        self.sender = Some((Sender::LtiConsumer(lms.id), lms.about()));
    }

    /// What else it is about.
    pub fn is_about(&mut self, change: impl FnOnce(&mut About)) {
        if let Some((_, about)) = &mut self.sender {
            change(about);
        }
    }

    /// The token that it came as.
    pub fn came_as(&mut self, token: &str) {
        self.header = shown::header(token);
    }

    /// What it says, once its signature was found right.
    pub fn says(&mut self, claims: &Claims) {
        self.signed = true;
        self.claims = Some(shown::claims(claims));
    }

    /// The fields of a form that names an LMS.
    pub fn names_lms_in(&mut self, fields: &[Param]) {
        let long = fields.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>() > LONGEST_UNSIGNED;
        let kept = fields.iter().filter(|(name, _)| !long || name.starts_with("oauth_"));
        self.form = kept.cloned().collect();
    }

    /// The fields of a form, once its signature was found right.
    pub fn is_signed(&mut self, fields: &[Param]) {
        self.signed = true;
        self.form = fields.to_vec();
    }

    /// It is refused for this reason, whatever its sender is answered.
    pub fn refuse(&mut self, why: String) {
        self.refused = Some(why);
    }

    /// Puts it into the log, with why it was refused, where it was. A fault of this server says nothing of the message.
    pub fn note(self, app: &App, refusal: Option<&Refusal>) {
        let Some((sender, about)) = self.sender else { return };
        let url = format!("{}{}", app.public_url.as_str(), self.path);
        let record = NewLaunchRecord::new(about, self.direction, self.kind, url, app.clock.now());
        let record = match self.claims {
            Some(claims) => record.saying(claims, self.header),
            None => record.with_form(&self.form).headed(self.header),
        };
        let (check, why) = match (refusal, self.refused) {
            (Some(Refusal::Fault(_)), _) => return,
            (None, None) => return app.store.note_launch(|| record),
            (None, Some(why)) => (self.check, why),
            (Some(refusal), _) => {
                (refusal.check().unwrap_or(self.check), refusal.why().chars().take(LONGEST_REASON).collect())
            }
        };
        app.store.note_refused(sender, self.signed, record.refused(check, why));
    }
}
