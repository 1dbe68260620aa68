//! Who a launch by LTI 1.3 was about, for tools that read it from a claim of ours or ask for it (OpenID Connect Core 1.0,
//! section 5.3). Neither tells more than the message itself.

use serde_json::{Map, Value, json};

use crate::domain::id::{LtiResourceId, StudentSessionId};
use crate::domain::launch::LaunchFacts;
use crate::domain::secret::{Keyring, Secret};
use crate::domain::time::{Span, Timestamp};

/// Where it is asked for.
pub const PATH: &str = "/lti/1.3/userinfo";

const PURPOSE: &str = "userinfo";
/// How long a token is good, in seconds.
const LIFE: i64 = 3_600;

/// What one tool asks with, about the student of one launch. Nobody has checked it yet.
#[derive(Clone, Debug)]
pub struct UserinfoToken {
    /// Whose launch it was.
    pub session: StudentSessionId,
    /// What was opened.
    pub resource: LtiResourceId,
    until: i64,
    ticket: String,
}

impl UserinfoToken {
    /// Reads what a tool sent; `None` where it is no token of this kind at all.
    pub fn parse(text: &str) -> Option<Self> {
        let [session, resource, until, ticket] = text.split('-').collect::<Vec<_>>().try_into().ok()?;
        Some(Self {
            session: StudentSessionId(session.parse().ok()?),
            resource: LtiResourceId(resource.parse().ok()?),
            until: until.parse().ok()?,
            ticket: ticket.to_owned(),
        })
    }

    /// Whether it was given to the tool of a launch made from these facts.
    pub fn is_of(&self, keys: &Keyring, facts: &LaunchFacts) -> bool {
        keys.is_ticket(&self.ticket, PURPOSE, &bound(facts, self.until))
    }

    /// Whether it is still good: for an hour.
    pub const fn is_good(&self, now: Timestamp) -> bool {
        now.seconds() < self.until
    }
}

fn issue(keys: &Keyring, facts: &LaunchFacts, now: Timestamp) -> Secret {
    let until = (now + Span::seconds(LIFE)).seconds();
    let ticket = keys.ticket(PURPOSE, &bound(facts, until));
    Secret::new(format!("{}-{}-{until}-{ticket}", facts.session.id, facts.resource.id))
}

/// The student is part of it: a session that goes to another one leaves the tool without.
fn bound(facts: &LaunchFacts, until: i64) -> String {
    let LaunchFacts { session, resource, tool, .. } = facts;
    format!("{}-{}-{}-{until}-{}", tool.id, session.id, resource.id, session.student_id)
}

impl LaunchFacts {
    /// The student by the names of OpenID Connect (section 5.1), without what the tool provider's switches hold back.
    pub fn userinfo(&self) -> Map<String, Value> {
        let name = self.tool.share_name.then(|| ("name", self.session.name.to_string()));
        let email = self.tool.share_email.then(|| ("email", self.session.email.to_string()));
        let told = [Some(("sub", self.session.student_id.clone())), name, email].into_iter().flatten();
        told.map(|(name, value)| (name.to_owned(), value.into())).collect()
    }

    /// The claim of ours, `<public URL>/user`: the same, and where and with what to ask for it again.
    pub fn user_claim(&self, origin: &str, keys: &Keyring, now: Timestamp) -> UserClaim {
        UserClaim { name: format!("{origin}/user"), url: format!("{origin}{PATH}"), token: issue(keys, self, now) }
    }
}

/// The claim of a message that holds a token.
#[derive(Debug)]
pub struct UserClaim {
    /// What it is called in the message.
    pub name: String,
    url: String,
    token: Secret,
}

impl UserClaim {
    /// As the tool gets it.
    pub fn told(&self, facts: &LaunchFacts) -> Value {
        self.value(facts, self.token.reveal())
    }

    /// As people may see it.
    pub fn shown(&self, facts: &LaunchFacts) -> Value {
        self.value(facts, "***")
    }

    fn value(&self, facts: &LaunchFacts, token: &str) -> Value {
        let mut user = facts.userinfo();
        if let Some(id) = user.remove("sub") {
            user.insert("id".into(), id);
        }
        // Students have no user name here; tools that want one take the address for it.
        if let Some(email) = user.get("email").cloned() {
            user.insert("username".into(), email);
        }
        user.insert("userinfo".into(), json!({ "url": self.url, "token": token, "expires_in": LIFE }));
        user.into()
    }
}
