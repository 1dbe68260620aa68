//! A browser at the login of a tool of LTI 1.3, and what the tool does there.

use examlink_lti::v1p3::id_token::{ExpectMessage, UnverifiedIdToken, VerifiedMessage};
use examlink_lti::v1p3::jwk::KeySet;
use url::form_urlencoded;

use super::{Form, Reply, World, http};

/// What a tool ties its question to the browser with.
pub const STATE: &str = "s-1 & <x>";
const NONCE: &str = "n-1";

/// A browser that a page has sent to a tool's login.
pub struct Login {
    pub form: Form,
    /// What the page has marked it with.
    pub cookie: String,
}

impl Login {
    #[track_caller]
    pub fn at(page: &Reply) -> Self {
        assert_eq!(page.status, 200, "{}", page.text);
        let cookie = page.header("set-cookie").split(';').next().unwrap().to_owned();
        Self { form: Form::read(&page.text), cookie }
    }

    /// What a tool asks of it.
    pub fn asked(&self, redirect_uri: &str) -> Vec<(&'static str, String)> {
        let handed = |name: &str| self.form.get(name).unwrap().to_owned();
        vec![
            ("scope", "openid".into()),
            ("response_type", "id_token".into()),
            ("response_mode", "form_post".into()),
            ("prompt", "none".into()),
            ("client_id", handed("client_id")),
            ("redirect_uri", redirect_uri.into()),
            ("state", STATE.into()),
            ("nonce", NONCE.into()),
            ("login_hint", handed("login_hint")),
            ("lti_message_hint", handed("lti_message_hint")),
        ]
    }

    /// The same with another value of one parameter.
    pub fn asked_with(&self, redirect_uri: &str, change: (&str, &str)) -> Vec<(&'static str, String)> {
        let mut asked = self.asked(redirect_uri);
        for (_, value) in asked.iter_mut().filter(|(name, _)| *name == change.0) {
            change.1.clone_into(value);
        }
        asked
    }
}

impl World {
    /// A browser with this cookie brings a tool's question.
    pub fn authorize(&self, asked: &[(&str, String)], cookie: &str) -> Reply {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(asked).finish();
        let url = format!("{}/lti/1.3/authorize?{query}", self.origin());
        http().get(url).header("Cookie", cookie).send().unwrap().into()
    }

    /// The token of a form as a tool verifies it, with the keys that are published.
    #[track_caller]
    pub fn verified(&self, form: &Form, client_id: &str) -> VerifiedMessage {
        let token = UnverifiedIdToken::parse(form.get("id_token").expect("a token")).unwrap();
        let keys = KeySet::from_json(self.page("/.well-known/jwks.json").text.as_bytes()).unwrap();
        let now = u64::try_from(self.clock.now().seconds()).unwrap();
        let expect = ExpectMessage { issuer: &self.origin(), client_id, nonce: NONCE, now, leeway: 0 };
        let key = keys.find(token.kid()).unwrap();
        token.verify(key, &expect).expect("the token is good")
    }
}
