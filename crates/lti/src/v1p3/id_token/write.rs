//! The claims that a message becomes: texts without white space around them, and nothing that is empty.

use serde_json::{Map, Value, json};

use super::{IdToken, Lis, Profile};
use crate::v1::launch::{Context, ContextType, DocumentTarget, Presentation, ResourceLink, ToolConsumer, User};
use crate::v1::roles::uris;
use crate::v1p3::claims as name;
use crate::v1p3::jwt::Claims;
use crate::v1p3::message::{LTI_VERSION, MessageType, id};
use crate::v1p3::{Error, Result};
use crate::web_url::is_web;

/// Marks a member of staff who tries out what learners see (LTI 1.3 core, appendix A.2.1.1).
const TEST_USER: &str = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser";

impl IdToken {
    /// The claims of the token, made when the authentication request is answered: some tools refuse one that is ten
    /// seconds old. `nonce` is the request's; `life` is in seconds, 300 to 3600 by custom.
    ///
    /// Fails with [`Error::Id`], [`Error::Url`], [`Error::Missing`], [`Error::Form`], [`Error::Role`] and
    /// [`Error::VendorClaim`].
    pub fn claims(&self, nonce: &str, now: u64, life: u64) -> Result<Claims> {
        let mut claims = Claims::default();
        claims.put(name::ISSUER, self.issuer.as_str());
        // A text and not a list: some tools compare it as it is.
        claims.put(name::AUDIENCE, self.client_id.as_str());
        claims.put(name::AUTHORIZED_PARTY, self.client_id.as_str());
        claims.put(name::ISSUED_AT, now);
        claims.put(name::EXPIRES, now.saturating_add(life));
        claims.put(name::NONCE, nonce);
        self.write_envelope(&mut claims)?;
        self.write_person(&mut claims)?;
        self.write_surroundings(&mut claims)?;
        self.write_further(&mut claims)?;
        self.message_type.check(&claims)?;
        self.check_roles(&claims)?;
        Ok(claims)
    }

    fn write_envelope(&self, claims: &mut Claims) -> Result<()> {
        claims.put(name::MESSAGE_TYPE, self.message_type.as_str());
        claims.put(name::VERSION, LTI_VERSION);
        claims.put(name::DEPLOYMENT_ID, id(name::DEPLOYMENT_ID, &self.deployment_id)?);
        if !is_web(&self.target_link_uri) {
            let why = crate::Error::UrlSyntax("it is not absolute".into());
            return Err(Error::Url { name: name::TARGET_LINK_URI, why });
        }
        claims.put(name::TARGET_LINK_URI, self.target_link_uri.as_str());
        Ok(())
    }

    fn write_person(&self, claims: &mut Claims) -> Result<()> {
        claims.put(name::ROLES, self.role_uris());
        let Some(subject) = self.user.id.as_deref() else { return Ok(()) };
        claims.put(name::SUBJECT, id(name::SUBJECT, subject)?);
        for (name, text) in texts(&self.user).into_iter().chain(self.profile.texts()) {
            put_text(claims, name, text);
        }
        if !self.mentor_of.is_empty() && self.user.roles.iter().any(|role| role.name() == "Mentor") {
            claims.put(name::ROLE_SCOPE_MENTOR, self.mentor_of.clone());
        }
        Ok(())
    }

    fn role_uris(&self) -> Vec<String> {
        let marker = self.test_user.then(|| TEST_USER.to_owned());
        uris(&self.user.roles).into_iter().chain(marker).collect()
    }

    fn write_surroundings(&self, claims: &mut Claims) -> Result<()> {
        match &self.resource_link {
            Some(link) if self.message_type != MessageType::DeepLinking => {
                claims.put(name::RESOURCE_LINK, resource_link(link)?);
            }
            _ => {}
        }
        if let Some(context) = context(&self.context)? {
            claims.put(name::CONTEXT, context);
        }
        put(claims, name::LIS, self.lis.object(self.user.id.is_some()));
        put(claims, name::TOOL_PLATFORM, platform(&self.platform));
        put(claims, name::LAUNCH_PRESENTATION, presentation(&self.presentation));
        Ok(())
    }

    fn write_further(&self, claims: &mut Claims) -> Result<()> {
        let custom = self.custom.iter().map(|(name, value)| (name.trim().to_owned(), json!(value.trim())));
        put(claims, name::CUSTOM, custom.collect());
        for (name, value) in &self.services {
            claims.put(name, value.clone());
        }
        for (name, value) in &self.vendor {
            if !is_web(name) || name.contains("purl.imsglobal.org") {
                return Err(Error::VendorClaim(name.clone()));
            }
            claims.put(name, value.clone());
        }
        Ok(())
    }

    /// A learner chooses no content, and sees nobody's work but their own.
    fn check_roles(&self, claims: &Claims) -> Result<()> {
        let staff = self.user.roles.iter().any(|role| role.is_staff());
        let own = || {
            let whose = claims.object(name::FOR_USER).and_then(|user| user.get("user_id")?.as_str());
            whose.is_some() && whose == self.user.id.as_deref()
        };
        match self.message_type {
            MessageType::DeepLinking if !staff => Err(Error::Role(self.message_type.as_str())),
            MessageType::SubmissionReview if !staff && !own() => Err(Error::Role(self.message_type.as_str())),
            _ => Ok(()),
        }
    }
}

type Text<'a> = (&'static str, Option<&'a str>);

fn texts(user: &User) -> [Text<'_>; 4] {
    [
        (name::NAME, user.full_name.as_deref()),
        (name::GIVEN_NAME, user.given_name.as_deref()),
        (name::FAMILY_NAME, user.family_name.as_deref()),
        (name::EMAIL, user.email.as_deref()),
    ]
}

impl Profile {
    fn texts(&self) -> [Text<'_>; 6] {
        [
            (name::MIDDLE_NAME, self.middle_name.as_deref()),
            (name::PICTURE, self.picture.as_deref()),
            (name::LOCALE, self.locale.as_deref()),
            (name::ZONEINFO, self.zoneinfo.as_deref()),
            (name::PHONE_NUMBER, self.phone_number.as_deref()),
            (name::GENDER, self.gender.as_deref()),
        ]
    }
}

impl Lis {
    fn object(&self, with_person: bool) -> Map<String, Value> {
        object([
            ("person_sourcedid", self.person.as_deref().filter(|_| with_person)),
            ("course_offering_sourcedid", self.course_offering.as_deref()),
            ("course_section_sourcedid", self.course_section.as_deref()),
        ])
    }
}

fn resource_link(link: &ResourceLink) -> Result<Map<String, Value>> {
    let own = id(name::RESOURCE_LINK, &link.id)?;
    Ok(object([("id", Some(own)), ("title", link.title.as_deref()), ("description", link.description.as_deref())]))
}

pub(in crate::v1p3) fn context(context: &Context) -> Result<Option<Map<String, Value>>> {
    let Some(own) = context.id.as_deref() else { return Ok(None) };
    let own = id(name::CONTEXT, own)?;
    let texts = [("id", Some(own)), ("label", context.label.as_deref()), ("title", context.title.as_deref())];
    let mut members = object(texts);
    if let Some(kind) = context.kind.map(ContextType::uri) {
        members.insert("type".into(), json!([kind]));
    }
    Ok(Some(members))
}

fn platform(platform: &ToolConsumer) -> Map<String, Value> {
    // The claim has a required member: without it nothing is sent.
    if platform.instance_guid.is_none() {
        return Map::new();
    }
    object([
        ("guid", platform.instance_guid.as_deref()),
        ("name", platform.instance_name.as_deref()),
        ("description", platform.instance_description.as_deref()),
        ("url", platform.instance_url.as_deref()),
        ("contact_email", platform.instance_contact_email.as_deref()),
        ("product_family_code", platform.product_family_code.as_deref()),
        ("version", platform.version.as_deref()),
    ])
}

fn presentation(shown: &Presentation) -> Map<String, Value> {
    let mut members = object([
        ("document_target", shown.document_target.map(DocumentTarget::as_str)),
        ("return_url", shown.return_url.as_deref()),
        ("locale", shown.locale.as_deref()),
    ]);
    for (name, pixels) in [("height", shown.height), ("width", shown.width)] {
        members.extend(pixels.map(|pixels| (name.to_owned(), json!(pixels))));
    }
    members
}

fn object<const N: usize>(texts: [(&str, Option<&str>); N]) -> Map<String, Value> {
    let said = texts.into_iter().filter_map(|(name, text)| Some((name.to_owned(), json!(trimmed(text)?))));
    said.collect()
}

fn trimmed(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn put(claims: &mut Claims, name: &str, members: Map<String, Value>) {
    if !members.is_empty() {
        claims.put(name, members);
    }
}

fn put_text(claims: &mut Claims, name: &str, text: Option<&str>) {
    if let Some(text) = trimmed(text) {
        claims.put(name, text);
    }
}
