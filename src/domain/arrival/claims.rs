//! A launch by LTI 1.3 in the words of 1.1, so that both are read by one rule (LTI 1.3 core, section 5.3 and 5.4; the
//! other way round in [`id_token`](crate::domain::launch::id_token)).

use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::ags::Endpoint;
use examlink_lti::v1p3::claims as name;
use examlink_lti::v1p3::id_token::VerifiedMessage;
use examlink_lti::v1p3::nrps::MembershipsClaim;
use serde_json::Value;

use super::Said;
use crate::domain::grade_return::GradeAddress;
use crate::domain::text::WebUrl;

/// Claims about the person, by their names in LTI 1.1.
const OF_THE_PERSON: [(&str, &str); 5] = [
    ("user_id", name::SUBJECT),
    ("lis_person_name_full", name::NAME),
    ("lis_person_name_given", name::GIVEN_NAME),
    ("lis_person_name_family", name::FAMILY_NAME),
    ("lis_person_contact_email_primary", name::EMAIL),
];

/// A launch by LTI 1.3.
#[derive(Clone, Debug)]
pub struct Translated {
    parameters: Vec<(String, String)>,
    roles: Vec<Role>,
    grade: Option<GradeAddress>,
    memberships: Option<WebUrl>,
}

impl Translated {
    /// Translates a message. Services on other hosts than this one are called over TLS alone, unless `allow_http`.
    pub fn of(message: &VerifiedMessage, allow_http: bool) -> Self {
        let claims = message.claims();
        let person = OF_THE_PERSON.into_iter().filter_map(|(name, claim)| Some((name, claims.text(claim)?.to_owned())));
        let lis = claims.object(name::LIS).and_then(|lis| lis.get("person_sourcedid")?.as_str().map(str::to_owned));
        let link = message.resource_link();
        let context = message.context();
        let place = [
            ("resource_link_title", link.as_ref().and_then(|link| link.title.clone())),
            ("resource_link_id", link.map(|link| link.id)),
            ("context_title", context.as_ref().and_then(|context| context.title.clone())),
            ("context_id", context.and_then(|context| context.id)),
            ("lis_person_sourcedid", lis),
        ];
        let place = place.into_iter().filter_map(|(name, text)| Some((name, text?)));
        let custom = message.custom().into_iter().map(|(name, text)| (format!("custom_{name}"), text));
        let known = person.chain(place).map(|(name, text)| (name.to_owned(), text));
        let endpoint = claims.value(name::AGS_ENDPOINT).and_then(|claim| Endpoint::read(claim, allow_http).ok());
        let memberships = claims.value(name::NAMES_ROLE_SERVICE).and_then(|claim| memberships(claim, allow_http));
        Self {
            parameters: known.chain(custom).collect(),
            roles: message.roles(),
            grade: endpoint.and_then(|endpoint| GradeAddress::in_gradebook(&endpoint, message.user_id()?)),
            memberships,
        }
    }
}

fn memberships(claim: &Value, allow_http: bool) -> Option<WebUrl> {
    WebUrl::try_from(MembershipsClaim::read(claim, allow_http).ok()?.url).ok()
}

impl Said for Translated {
    fn get(&self, name: &str) -> Option<&str> {
        let (_, text) = self.parameters.iter().find(|(given, text)| given == name && !text.is_empty())?;
        Some(text)
    }

    fn roles(&self) -> Vec<Role> {
        self.roles.clone()
    }

    fn grade(&self) -> Option<GradeAddress> {
        self.grade.clone()
    }

    fn memberships(&self) -> Option<WebUrl> {
        self.memberships.clone()
    }
}
