//! A platform of LTI 1.3 that a test plays: an LMS that launches into exams, as a browser carries its messages here.

use examlink::clock::Clock;
use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::jwt::{Claims, sign};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::advantage::{KeyServer, key};
use super::lms::with;
use super::{Reply, World, http, post_form};

pub const ISSUER: &str = "https://lms.example.edu";
pub const CLIENT: &str = "client-1";
pub const LEARNER: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#Learner";
pub const INSTRUCTOR: &str = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor";

/// What an administrator enters of a platform.
pub fn entered(change: Value) -> Value {
    let fields = json!({
        "name": "Campus LMS", "issuer": ISSUER, "client_id": CLIENT, "deployment_ids": ["d-1"],
        "authorization_url": "https://lms.example.edu/auth?site=1", "token_url": "https://lms.example.edu/token",
    });
    with(&fields, change)
}

/// A platform that an institute has registered.
pub struct Lms13 {
    /// As the API shows it.
    pub platform: Value,
    /// Where it publishes its keys.
    pub keys: KeyServer,
    origin: String,
    clock: Clock,
}

/// A browser that was sent to the platform to log in.
#[derive(Clone, Debug)]
pub struct Begun {
    /// What the platform is asked.
    pub asked: Url,
    /// What the browser keeps.
    pub cookies: Vec<String>,
}

impl Begun {
    pub fn asked(&self, name: &str) -> String {
        let (_, value) = self.asked.query_pairs().find(|(given, _)| given == name).expect(name);
        value.into_owned()
    }

    /// The cookie that a browser brings along from a page around ours, or from none.
    pub fn cookie(&self) -> &str {
        &self.cookies[0]
    }
}

/// What the platform says of a learner by the name of Sam.
pub fn learner() -> Value {
    json!({
        claims::MESSAGE_TYPE: "LtiResourceLinkRequest", claims::ROLES: [LEARNER], "sub": "user-1", "name": "Sam Student",
        "email": "sam@example.edu", claims::RESOURCE_LINK: { "id": "link-1", "title": "Final exam" },
        claims::CONTEXT: { "id": "course-1", "title": "Mathematics" },
    })
}

/// What the platform says of an instructor by the name of Ina.
pub fn instructor() -> Value {
    let ina =
        json!({ claims::ROLES: [INSTRUCTOR], "sub": "user-9", "name": "Ina Instructor", "email": "ina@example.edu" });
    with(&learner(), ina)
}

impl World {
    /// A new platform of the institute; it has the first key pair.
    pub fn lms_1p3(&self, fields: Value) -> Lms13 {
        let keys = KeyServer::publishing(&[0]);
        let fields = with(&entered(json!({ "jwks_url": keys.url() })), fields);
        let platform = self.administrator.post("/lti_platforms", fields).created("lti_platform");
        Lms13 { platform, keys, origin: self.origin(), clock: self.clock.clone() }
    }

    /// An open exam and a platform that reaches nothing else.
    pub fn lms_1p3_of_exam(&self, fields: Value) -> (Value, Lms13) {
        let exam = self.exam();
        self.publish(&exam);
        let lms = self.lms_1p3(with(&json!({ "exam_id": exam["id"] }), fields));
        (exam, lms)
    }
}

impl Lms13 {
    /// The path of its resource in the API.
    pub fn path(&self) -> String {
        format!("/lti_platforms/{}", self.platform["id"])
    }

    /// The time in seconds.
    pub fn now(&self) -> u64 {
        u64::try_from(self.clock.now().seconds()).unwrap()
    }

    /// What a login says.
    pub fn login(&self) -> Value {
        json!({
            "iss": self.platform["issuer"], "login_hint": "user-1", "target_link_uri": self.platform["launch_url"],
            "lti_message_hint": "hint & more", "client_id": self.platform["client_id"], "lti_deployment_id": "d-1",
        })
    }

    /// Sends the browser here to log in.
    pub fn begins(&self, login: &Value) -> Reply {
        let pairs = super::lms::parameters(login);
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        http().get(format!("{}/lti/1.3/login?{query}", self.origin)).send().unwrap().into()
    }

    /// A browser that was sent on to the platform.
    #[track_caller]
    pub fn begun(&self) -> Begun {
        Self::read(&self.begins(&self.login()))
    }

    #[track_caller]
    pub fn read(reply: &Reply) -> Begun {
        assert_eq!(reply.status, 303, "{}", reply.text);
        let cookies = reply.headers.get_all("set-cookie").iter();
        let cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
        Begun { asked: reply.header("location").parse().unwrap(), cookies }
    }

    /// The claims of a token that answers a login.
    pub fn claims(&self, begun: &Begun, message: &Value) -> Value {
        let now = self.now();
        let envelope = json!({
            "iss": self.platform["issuer"], "aud": self.platform["client_id"], "iat": now, "exp": now + 300,
            "nonce": begun.asked("nonce"), claims::VERSION: "1.3.0", claims::DEPLOYMENT_ID: "d-1",
            claims::TARGET_LINK_URI: self.platform["launch_url"],
        });
        with(&envelope, message.clone())
    }

    /// The form that the platform sends the browser back with.
    pub fn answer(begun: &Begun, claims: &Value, number: usize) -> Vec<(String, String)> {
        let claims: Claims = serde_json::from_value(claims.clone()).unwrap();
        let token = sign(&claims, key(number)).unwrap();
        vec![("id_token".into(), token), ("state".into(), begun.asked("state"))]
    }

    /// The browser brings a form.
    pub fn sends(&self, form: &[(String, String)], cookie: &str) -> Reply {
        post_form(&format!("{}/lti/1.3/launch", self.origin), form, cookie)
    }

    /// A whole launch with this message.
    pub fn launch(&self, message: &Value) -> Reply {
        let begun = self.begun();
        self.sends(&Self::answer(&begun, &self.claims(&begun, message), 0), begun.cookie())
    }

    /// The path that the browser of somebody whom the platform sends is led to.
    #[track_caller]
    pub fn sent(&self, message: &Value) -> String {
        let reply = self.launch(message);
        assert_eq!(reply.status, 303, "{}", reply.text);
        reply.header("location").to_owned()
    }
}
