//! A platform, a tool and the browser between them.

use examlink_lti::v1::credentials::{Credentials, Stamp};
use examlink_lti::v1::launch::{
    Context, ContextType, CustomParameters, DocumentTarget, Launch, LaunchUrl, OutcomeTarget, Presentation,
    ResourceLink, SignedForm, ToolConsumer, UnverifiedLaunch, User, VerifiedLaunch,
};
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod, TimeWindow};
use examlink_lti::v1::roles::Role;
use examlink_lti::{Result, Secret};
use url::form_urlencoded;

pub const URL: &str = "https://tool.example:8443/lti/launch?unit=7&unit=a%20b";
pub const KEY: &str = "Key0123456789abcdefghi";
pub const NONCE: &str = "0123456789abcdefABCDEF";
pub const NOW: u64 = 1_790_000_000;

pub fn secret() -> Secret {
    Secret::new("a-shared.secret_of~tool")
}

pub fn credentials() -> Credentials {
    Credentials { consumer_key: KEY.into(), secret: secret(), method: SignatureMethod::HmacSha1 }
}

pub fn stamp() -> Stamp {
    Stamp::new(NONCE, NOW).unwrap()
}

pub fn window() -> TimeWindow {
    TimeWindow { now: NOW, seconds: 300 }
}

pub fn url() -> LaunchUrl {
    LaunchUrl::parse(URL, false).unwrap()
}

pub fn pair(name: &str, value: &str) -> Param {
    (name.to_owned().into(), value.into())
}

pub fn smallest() -> Launch {
    Launch { resource_link: ResourceLink { id: "link-1".into(), ..ResourceLink::default() }, ..Launch::default() }
}

/// A launch with every parameter.
pub fn fullest() -> Launch {
    let text = |text: &str| Some(text.to_owned());
    Launch {
        resource_link: ResourceLink {
            id: "link-1".into(),
            title: text("Circles & squares"),
            description: text("Two\nlines"),
        },
        user: User {
            id: text("student-9"),
            roles: vec![Role::LEARNER, Role::parse("urn:lti:instrole:ims/lis/Student").unwrap()],
            full_name: text("Ada Lovelace"),
            given_name: text("Ada"),
            family_name: text("Lovelace"),
            email: text("ada@school.example"),
        },
        context: Context {
            id: text("exam-3"),
            kind: Some(ContextType::CourseSection),
            title: text("Algèbre 日本"),
            label: text("A1"),
        },
        presentation: Presentation {
            locale: text("en-GB"),
            document_target: Some(DocumentTarget::Iframe),
            width: Some(1024),
            height: Some(768),
            return_url: text("https://exam.example/return?session=4"),
            css_url: text("https://exam.example/lti.css"),
        },
        consumer: ToolConsumer {
            product_family_code: text("examlink"),
            version: text("0.1.0"),
            instance_guid: text("institute-1.exam.example"),
            instance_name: text("School"),
            instance_description: text("A school"),
            instance_url: text("https://exam.example/"),
            instance_contact_email: text("help@exam.example"),
        },
        outcome: Some(OutcomeTarget {
            service_url: "https://exam.example/outcomes".into(),
            sourcedid: "4-9-1f".into(),
        }),
        custom: CustomParameters::new([pair("Review:Chapter", "1.2.56"), pair("empty", "")]).unwrap(),
        relaunch: None,
        extensions: vec![pair("ext_attempt", "2")],
    }
}

pub fn sign(launch: &Launch) -> Result<SignedForm> {
    launch.clone().sign(&url(), &credentials(), &stamp())
}

/// A signed form of these parameters and no others, as a platform with its own mind would send it.
pub fn sign_params(mut params: Vec<Param>) -> Vec<Param> {
    let signature = Request { method: "POST", url: URL, params: &params }.sign(SignatureMethod::HmacSha1, &secret());
    params.push(("oauth_signature".into(), signature.unwrap()));
    params
}

/// What a browser makes of the fields.
pub fn submitted(fields: &[Param]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish().into_bytes()
}

/// What the tool makes of them.
pub fn received(fields: &[Param]) -> Result<VerifiedLaunch> {
    UnverifiedLaunch::parse("POST", URL, &submitted(fields))?.verify(&secret(), window())
}
