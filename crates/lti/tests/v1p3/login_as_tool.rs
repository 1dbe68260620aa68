//! The tool's side of the login.

use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::Error;
use examlink_lti::v1p3::login::{
    AuthenticationRequest, AuthenticationResponse, AuthenticationStart, ReceivedLogin, Registration,
};
use url::Url;

use crate::login::initiation;
use crate::support::{CLIENT, NONCE, PLATFORM, pair};

const REDIRECT: &str = "https://exam.example/lti/launch";

fn start() -> AuthenticationStart<'static> {
    let endpoint = "https://lms.example/auth?tenant=3";
    AuthenticationStart { endpoint, client_id: CLIENT, redirect_uri: REDIRECT, state: "state-1", nonce: NONCE }
}

fn without(name: &str) -> Vec<Param> {
    initiation().fields().into_iter().filter(|(given, _)| given != name).collect()
}

#[test]
fn a_login_tells_what_the_platform_asked() {
    let login = ReceivedLogin::read(initiation().fields()).unwrap();
    assert_eq!((login.issuer.as_str(), login.login_hint.as_str()), (PLATFORM, "student 9"));
    assert_eq!(login.deployment_id.as_deref(), Some("deployment-1"));
    assert_eq!((login.client_id.as_deref(), login.storage_target), (Some(CLIENT), None));
}

#[test]
fn three_parameters_of_a_login_are_required() {
    for name in ["iss", "login_hint", "target_link_uri"] {
        assert_eq!(ReceivedLogin::read(without(name)).unwrap_err(), Error::Missing(name));
    }
    for name in ["lti_message_hint", "lti_deployment_id", "client_id"] {
        assert!(ReceivedLogin::read(without(name)).is_ok());
    }
    let twice = [initiation().fields(), vec![pair("iss", "https://evil.example")]].concat();
    assert_eq!(ReceivedLogin::read(twice).unwrap_err(), Error::Repeated("iss".into()));
    let long = [without("login_hint"), vec![pair("login_hint", &"x".repeat(9000))]].concat();
    assert_eq!(ReceivedLogin::read(long).unwrap_err(), Error::TooLong { name: "login_hint", most: 8192 });
}

/// What our tool asks, our platform answers.
#[test]
fn the_browser_goes_to_the_platform_that_we_know() {
    let login = ReceivedLogin::read(initiation().fields()).unwrap();
    let url = Url::parse(&login.authentication_url(&start()).unwrap()).unwrap();
    assert!(url.as_str().starts_with("https://lms.example/auth?tenant=3&scope=openid&"));
    let pairs = url.query_pairs().into_owned().map(|(name, value)| (name.into(), value)).collect();
    let redirect_uris = [REDIRECT.to_owned()];
    let registration = Registration { client_id: CLIENT, redirect_uris: &redirect_uris, active: true };
    let checked = AuthenticationRequest::parse(pairs).unwrap().check(&registration).unwrap();
    assert_eq!((checked.login_hint(), checked.message_hint(), checked.nonce()), ("student 9", "hint-4", NONCE));
    let wrong = AuthenticationStart { endpoint: "auth", ..start() };
    assert!(matches!(login.authentication_url(&wrong), Err(Error::Url { name: "authorization_endpoint", .. })));
}

#[test]
fn an_answer_is_a_token_or_an_error() {
    let token = vec![pair("id_token", "a.b.c"), pair("state", "state-1"), pair("lti_storage_target", "_parent")];
    let expected = AuthenticationResponse::Token {
        id_token: "a.b.c".into(),
        state: "state-1".into(),
        storage_target: Some("_parent".into()),
    };
    assert_eq!(AuthenticationResponse::read(token.clone()), Ok(expected));
    let refused = AuthenticationResponse::Refused { code: "login_required".into(), description: None, state: None };
    assert_eq!(AuthenticationResponse::read(vec![pair("error", "login_required")]), Ok(refused));
    assert_eq!(AuthenticationResponse::read(token[..1].to_vec()), Err(Error::Missing("state")));
    assert_eq!(AuthenticationResponse::read(token[1..].to_vec()), Err(Error::Missing("id_token")));
    let twice = [token.clone(), token].concat();
    assert_eq!(AuthenticationResponse::read(twice), Err(Error::Repeated("id_token".into())));
}
