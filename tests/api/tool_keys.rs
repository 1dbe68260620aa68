//! The keys of tools of LTI 1.3: published by the tool, fetched when they are needed and no more often.

use examlink::clock::Random;
use examlink::domain::id::ToolProviderId;
use examlink::domain::lti_registration::{LtiRegistration, RedirectUris, RegistrationSettings, ToolScopes};
use examlink::domain::text::{KeyText, WebUrl};
use examlink::domain::time::{Span, Timestamp};
use examlink::lti::fetch::{Fetcher, Rules};
use examlink::lti::{KeyError, ToolKeys};
use examlink_lti::v1p3::Error as Broken;
use examlink_lti::v1p3::jwk::PublicKey;

use crate::world::advantage::{KeyServer, key, key_set};

/// The keys of one tool, and a clock.
struct Lookup {
    keys: ToolKeys,
    tool: LtiRegistration,
    now: Timestamp,
}

impl Lookup {
    fn of(jwks_url: Option<String>, public_key: Option<KeyText>) -> Self {
        let url = |text: String| WebUrl::try_from(text).unwrap();
        let settings = RegistrationSettings {
            login_url: url("https://tool.example/login".into()),
            redirect_uris: RedirectUris(vec![url("https://tool.example/launch".into())]),
            jwks_url: jwks_url.map(url),
            public_key,
            deep_linking_url: None,
            scopes: ToolScopes::all(),
            active: true,
        };
        let now = Timestamp::from_millis(crate::world::NOW).unwrap();
        let tool = LtiRegistration::new(settings, Random, now).unwrap();
        let allowed = vec!["127.0.0.0/8".parse().unwrap()];
        let fetcher = Fetcher::new(Rules { allowed, ports: Vec::new(), http: true, ..Rules::default() });
        Self { keys: ToolKeys::new(fetcher), tool, now }
    }

    fn at(server: &KeyServer) -> Self {
        Self::of(Some(server.url()), None)
    }

    fn find(&self, kid: &str) -> Result<PublicKey, KeyError> {
        actix_web::rt::System::new().block_on(self.keys.find(&self.tool, kid, self.now))
    }

    fn finds(&self, number: usize) -> bool {
        self.find(key(number).kid()).is_ok_and(|found| found == *key(number).public())
    }

    fn wait(&mut self, seconds: i64) {
        self.now = self.now + Span::seconds(seconds);
    }
}

#[test]
fn lti_12_a_rotation_is_picked_up_and_a_withdrawn_key_opens_nothing_after_a_minute() {
    let server = KeyServer::publishing(&[0]);
    let mut lookup = Lookup::at(&server);
    assert!(lookup.finds(0) && lookup.finds(0));
    assert_eq!(server.asked(), 1, "what is known is not asked for");
    server.publish(&[0, 1]);
    assert!(lookup.finds(1) && lookup.finds(0), "the next key, at once");
    assert_eq!(server.asked(), 2);
    server.publish(&[1]);
    lookup.wait(60);
    assert!(!lookup.finds(0), "the old one is gone within a minute");
    assert!(lookup.finds(1));
    assert_eq!(server.asked(), 3);
}

#[test]
fn lti_12_for_an_unknown_key_a_set_is_fetched_once_in_five_minutes() {
    let server = KeyServer::publishing(&[0]);
    let mut lookup = Lookup::at(&server);
    assert!(lookup.finds(0));
    for number in 0..50 {
        let made_up = format!("../../etc/passwd'{number}");
        assert_eq!(lookup.find(&made_up).unwrap_err(), KeyError::Unusable(Broken::KeyUnknown));
    }
    assert_eq!(server.asked(), 2);
    lookup.wait(299);
    assert!(lookup.find("made up").is_err());
    assert_eq!(server.asked(), 2);
    lookup.wait(1);
    assert!(lookup.find("made up").is_err());
    assert_eq!(server.asked(), 3);
}

#[test]
fn lti_12_while_the_tools_server_is_away_the_old_keys_count() {
    let server = KeyServer::publishing(&[0]);
    let mut lookup = Lookup::at(&server);
    assert!(lookup.finds(0));
    for (status, body) in [(500, "{}"), (302, ""), (200, "<html>"), (404, &key_set(&[1]))] {
        server.answer(status, body);
        lookup.wait(3_600);
        assert!(lookup.finds(0) && !lookup.finds(1), "{status}");
    }
}

#[test]
fn a_set_that_never_came_is_asked_for_again_soon_and_the_caller_is_told_no_details() {
    let server = KeyServer::publishing(&[0]);
    server.answer(503, "internal secrets");
    let mut lookup = Lookup::at(&server);
    for _ in 0..3 {
        let said = lookup.find(key(0).kid()).unwrap_err().to_string();
        assert!(said.contains("jwks_url") && !said.contains("503") && !said.contains("secrets"), "{said}");
    }
    assert_eq!(server.asked(), 1);
    server.publish(&[0]);
    lookup.wait(10);
    assert!(lookup.finds(0));
}

#[test]
fn a_tool_without_a_key_proves_nothing_and_a_registered_key_goes_by_any_name() {
    assert_eq!(Lookup::of(None, None).find(key(0).kid()).unwrap_err(), KeyError::None);
    let pem = "-----BEGIN PUBLIC KEY-----\n\
        MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9\n\
        q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==\n-----END PUBLIC KEY-----\n";
    let lookup = Lookup::of(None, Some(KeyText::try_from(pem.to_owned()).unwrap()));
    assert_eq!(lookup.find("whatever").unwrap(), PublicKey::from_pem(pem).unwrap());
}

#[test]
fn a_tool_that_moves_its_keys_is_asked_at_the_new_address() {
    let (old, new) = (KeyServer::publishing(&[0]), KeyServer::publishing(&[1]));
    let mut lookup = Lookup::at(&old);
    lookup.tool.tool_provider_id = ToolProviderId(7);
    assert!(lookup.finds(0));
    lookup.tool.settings.jwks_url = Some(WebUrl::try_from(new.url()).unwrap());
    assert!(!lookup.finds(0) && lookup.finds(1), "the keys of the old address count no more");
}
