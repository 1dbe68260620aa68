//! The platform's side of the login.

use examlink_lti::v1::launch::SignedForm;
use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::login::{
    AuthenticationError, AuthenticationRequest, CheckedRequest, LoginInitiation, Refusal, Registration,
};
use examlink_lti::v1p3::{Error, Result};

use crate::support::{CLIENT, NONCE, PLATFORM, field, pair};

const REDIRECT: &str = "https://tool.example/lti/launch";

pub fn initiation() -> LoginInitiation {
    LoginInitiation {
        issuer: PLATFORM.into(),
        login_hint: "student 9".into(),
        target_link_uri: "https://tool.example/quiz?unit=7".into(),
        message_hint: "hint-4".into(),
        deployment_id: "deployment-1".into(),
        client_id: CLIENT.into(),
        storage_target: None,
    }
}

/// A good request.
fn request() -> Vec<Param> {
    vec![
        pair("scope", "openid"),
        pair("response_type", "id_token"),
        pair("response_mode", "form_post"),
        pair("prompt", "none"),
        pair("client_id", CLIENT),
        pair("redirect_uri", REDIRECT),
        pair("login_hint", "student 9"),
        pair("lti_message_hint", "hint-4"),
        pair("nonce", NONCE),
        pair("state", "<script>state"),
    ]
}

fn with(name: &str, value: Option<&str>) -> Vec<Param> {
    let mut pairs = request();
    pairs.retain(|(given, _)| given != name);
    pairs.extend(value.map(|value| pair(name, value)));
    pairs
}

fn check(pairs: Vec<Param>) -> Result<CheckedRequest, Refusal> {
    let redirect_uris = ["https://tool.example/other".to_owned(), REDIRECT.to_owned()];
    let registration = Registration { client_id: CLIENT, redirect_uris: &redirect_uris, active: true };
    AuthenticationRequest::parse(pairs).map_err(Refusal::Shown)?.check(&registration).map_err(|refused| {
        let (parameter, refusal) = (refused.parameter, refused.refusal);
        let why = match &refusal {
            Refusal::Shown(error) => error.to_string(),
            Refusal::Sent { form, .. } => field(&form.fields, "error_description").unwrap().to_owned(),
        };
        assert!(why.contains(parameter) || refusal == Refusal::Shown(Error::Client), "{parameter}: {why}");
        refusal
    })
}

/// What the tool is told.
fn sent(pairs: Vec<Param>) -> (AuthenticationError, SignedForm) {
    match check(pairs).unwrap_err() {
        Refusal::Sent { code, form } => (code, form),
        Refusal::Shown(error) => panic!("shown: {error}"),
    }
}

#[test]
fn a_login_is_initiated_with_all_six_parameters() {
    let fields = initiation().fields();
    let names: Vec<_> = fields.iter().map(|(name, _)| name.as_ref()).collect();
    let six = ["iss", "login_hint", "target_link_uri", "lti_message_hint", "lti_deployment_id", "client_id"];
    assert_eq!(names, six);
    let stored = LoginInitiation { storage_target: Some("_parent".into()), ..initiation() };
    assert_eq!(field(&stored.fields(), "lti_storage_target"), Some("_parent"));
    let url = stored.url("https://tool.example/login?keep=1").unwrap();
    assert!(url.starts_with("https://tool.example/login?keep=1&iss=https%3A%2F%2Fexam.example&login_hint=student+9&"));
    for url in ["/login", "javascript:alert(1)", "https://user@tool.example/login", "https://tool.example/login#here"] {
        assert!(matches!(stored.url(url), Err(Error::Url { name: "initiate_login_uri", .. })), "{url}");
    }
}

#[test]
fn a_good_request_is_answered_by_a_form() {
    let checked = check(request()).unwrap();
    assert_eq!((checked.redirect_uri(), checked.nonce()), (REDIRECT, NONCE));
    assert_eq!((checked.login_hint(), checked.message_hint()), ("student 9", "hint-4"));
    let form = checked.answer("a.b.c", None);
    assert_eq!(form.action, REDIRECT);
    assert_eq!(form.fields, [pair("id_token", "a.b.c"), pair("state", "<script>state")]);
    let stored = checked.answer("a.b.c", Some("_parent"));
    assert_eq!(field(&stored.fields, "lti_storage_target"), Some("_parent"));
}

#[test]
fn a_request_may_say_more_and_need_not_have_a_state() {
    let mut pairs = with("state", None);
    pairs.extend([pair("id_token_signed_response_alg", "RS256"), pair("lti_deployment_id", "deployment-1")]);
    assert_eq!(check(pairs).unwrap().answer("a.b.c", None).fields, [pair("id_token", "a.b.c")]);
    assert!(check(with("scope", Some("profile openid"))).is_ok());
}

/// Attack A1: an address that is not registered letter for letter gets nothing at all.
#[test]
fn answers_go_to_registered_addresses_alone() {
    let others = [
        "https://evil.example/lti/launch",
        "https://tool.example/lti/evil",
        "http://tool.example/lti/launch",
        "https://tool.example/lti/launch?next=evil",
        "https://tool.example/lti/launch#fragment",
        "https://user@tool.example/lti/launch",
        "https://tool.example/lti/%6Caunch",
        "https://tool.example/lti/%2e%2e/lti/launch",
        "https://TOOL.example/lti/launch",
        "https://tool.example/LTI/launch",
        "https://tool.example/lti/launch/",
        "https://tool.example:443/lti/launch",
        "https://tool.example/lti/launch ",
        "https://tool.example/lti/launch\"><script>",
        "javascript:alert(1)",
    ];
    for other in others {
        assert_eq!(
            check(with("redirect_uri", Some(other))).unwrap_err(),
            Refusal::Shown(Error::RedirectUri),
            "{other}"
        );
    }
    assert_eq!(check(with("redirect_uri", None)).unwrap_err(), Refusal::Shown(Error::Missing("redirect_uri")));
    assert!(check(with("redirect_uri", Some("https://tool.example/other"))).is_ok());
}

#[test]
fn a_parameter_that_comes_twice_is_shown_and_not_sent() {
    for (name, value) in request() {
        let pairs = [request(), vec![(name.clone(), value)]].concat();
        assert_eq!(check(pairs).unwrap_err(), Refusal::Shown(Error::Repeated(name.into_owned())));
    }
}

#[test]
fn the_client_is_the_registered_one() {
    assert_eq!(AuthenticationRequest::parse(request()).unwrap().client_id(), CLIENT);
    assert_eq!(check(with("client_id", Some("tool-8"))).unwrap_err(), Refusal::Shown(Error::Client));
    assert_eq!(check(with("client_id", None)).unwrap_err(), Refusal::Shown(Error::Missing("client_id")));
}

/// OpenID Connect Core, section 3.1.2.6: who names one of its addresses is told, whatever else is wrong.
#[test]
fn a_tool_that_is_not_active_is_told_so_at_an_address_of_its_own() {
    let redirect_uris = [REDIRECT.to_owned()];
    let registration = Registration { client_id: CLIENT, redirect_uris: &redirect_uris, active: false };
    let check = |pairs| AuthenticationRequest::parse(pairs).unwrap().check(&registration).unwrap_err();
    for pairs in [request(), with("nonce", None), with("scope", None)] {
        let refused = check(pairs);
        let Refusal::Sent { code, form } = refused.refusal else { panic!("shown: {refused:?}") };
        assert_eq!((refused.parameter, code), ("active", AuthenticationError::UnauthorizedClient));
        assert_eq!((form.action.as_str(), field(&form.fields, "error")), (REDIRECT, Some("unauthorized_client")));
        assert_eq!(field(&form.fields, "state"), Some("<script>state"));
    }
    let shown = check(with("redirect_uri", Some("https://evil.example/")));
    assert_eq!((shown.parameter, shown.refusal), ("redirect_uri", Refusal::Shown(Error::RedirectUri)));
}

/// Attack A3.
#[test]
fn what_lti_fixes_cannot_be_chosen() {
    use AuthenticationError as Code;
    let cases = [
        ("response_type", None, Code::InvalidRequest),
        ("response_type", Some("code"), Code::UnsupportedResponseType),
        ("response_type", Some("id_token token"), Code::UnsupportedResponseType),
        ("scope", None, Code::InvalidRequest),
        ("scope", Some("profile"), Code::InvalidScope),
        ("scope", Some("openidx"), Code::InvalidScope),
        ("response_mode", None, Code::InvalidRequest),
        ("response_mode", Some("query"), Code::InvalidRequest),
        ("response_mode", Some("fragment"), Code::InvalidRequest),
        ("prompt", None, Code::InvalidRequest),
        ("prompt", Some("login"), Code::InvalidRequest),
        ("nonce", None, Code::InvalidRequest),
        ("nonce", Some(""), Code::InvalidRequest),
        ("login_hint", None, Code::InvalidRequest),
        ("lti_message_hint", None, Code::InvalidRequest),
        ("request", Some("a.b.c"), Code::RequestNotSupported),
        ("request_uri", Some("https://evil.example"), Code::RequestUriNotSupported),
    ];
    for (name, value, code) in cases {
        let (said, form) = sent(with(name, value));
        assert_eq!((said, form.action.as_str()), (code, REDIRECT), "{name} {value:?}");
        assert_eq!(field(&form.fields, "error"), Some(code.as_str()));
        assert_eq!(field(&form.fields, "state"), Some("<script>state"));
        assert!(field(&form.fields, "error_description").unwrap().contains(name));
        assert_eq!(field(&form.fields, "id_token"), None);
    }
}

#[test]
fn nothing_that_is_sent_back_has_no_end() {
    let long = "x".repeat(8 * 1024 + 1);
    let too_long = |name| Error::TooLong { name, most: 8 * 1024 };
    assert_eq!(check(with("state", Some(&long))).unwrap_err(), Refusal::Shown(too_long("state")));
    assert_eq!(check(with("client_id", Some(&long))).unwrap_err(), Refusal::Shown(too_long("client_id")));
    let (code, form) = sent(with("nonce", Some(&long)));
    assert_eq!(code, AuthenticationError::InvalidRequest);
    assert_eq!(field(&form.fields, "error_description"), Some(too_long("nonce").to_string().as_str()));
    assert!(check(with("nonce", Some(&long[1..]))).is_ok());
}

/// Attack A2: whose hints these are only the platform knows; it tells the tool by the code that fits.
#[test]
fn the_platform_can_still_refuse() {
    use AuthenticationError as Code;
    let codes = [
        (Code::LoginRequired, "login_required"),
        (Code::AccessDenied, "access_denied"),
        (Code::LaunchNoLongerValid, "launch_no_longer_valid"),
        (Code::UnauthorizedClient, "unauthorized_client"),
        (Code::InteractionRequired, "interaction_required"),
        (Code::AccountSelectionRequired, "account_selection_required"),
        (Code::ConsentRequired, "consent_required"),
        (Code::RegistrationNotSupported, "registration_not_supported"),
        (Code::ServerError, "server_error"),
        (Code::TemporarilyUnavailable, "temporarily_unavailable"),
    ];
    for (code, name) in codes {
        let Refusal::Sent { form, .. } = check(request()).unwrap().refuse(code, "why") else { panic!() };
        let fields = [pair("error", name), pair("error_description", "why"), pair("state", "<script>state")];
        assert_eq!((form.action.as_str(), form.fields), (REDIRECT, fields.to_vec()));
    }
}
