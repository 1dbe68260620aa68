use examlink_lti::v1p3::claims::{PLATFORM_CONFIGURATION, TOOL_CONFIGURATION, scope};
use examlink_lti::v1p3::registration::{
    Initiation, Management, PlatformConfiguration, Refusal, Registered, Registration, SupportedMessage,
};
use examlink_lti::v1p3::{Custom, ServiceError};
use examlink_lti::{Error, Secret};
use serde_json::{Value, json};

use crate::support::{is_unknown, missing, pairs, scheme, too_long, too_many, url, with, wrong_type};

const CONFIGURATION: &str = "https://exam.example/.well-known/openid-configuration";

fn platform() -> PlatformConfiguration {
    PlatformConfiguration {
        issuer: "https://exam.example".into(),
        authorization_endpoint: "https://exam.example/lti/1.3/authorize".into(),
        token_endpoint: "https://exam.example/lti/1.3/token".into(),
        authorization_server: Some("https://exam.example".into()),
        jwks_uri: "https://exam.example/.well-known/jwks.json".into(),
        registration_endpoint: Some("https://exam.example/lti/1.3/register".into()),
        scopes: vec![scope::SCORE.into()],
        claims: vec!["sub".into(), "name".into()],
        product_family_code: "examlink".into(),
        version: "1.0".into(),
        messages: vec![SupportedMessage { message_type: "LtiResourceLinkRequest".into(), placements: vec![] }],
        variables: vec!["User.id".into()],
        notice_types: vec!["LtiHelloWorldNotice".into()],
    }
}

fn request() -> Value {
    json!({
        "application_type": "web", "response_types": ["id_token"], "grant_types": ["implict", "client_credentials"],
        "initiate_login_uri": "https://tool.example/login", "redirect_uris": ["https://tool.example/launch?x=%41"],
        "client_name": "<script>alert(1)</script>", "client_name#de": "Werkzeug",
        "jwks_uri": "https://tool.example/jwks", "logo_uri": "https://tool.example/logo.png",
        "client_uri": "https://tool.example/", "policy_uri": "https://tool.example/p", "tos_uri": "https://tool.example/t",
        "token_endpoint_auth_method": "private_key_jwt", "id_token_signed_response_alg": "RS256",
        "contacts": ["dev@tool.example"],
        "scope": format!("openid {} {} {}", scope::SCORE, scope::REGISTRATION, scope::SCORE),
        TOOL_CONFIGURATION: {
            "domain": "tool.example", "secondary_domains": ["cdn.example"],
            "target_link_uri": "https://tool.example/launch", "custom_parameters": { "a": "$User.id" },
            "description": "A tool", "claims": ["iss", "sub"],
            "messages": [{
                "type": "LtiDeepLinkingRequest", "target_link_uri": "https://tool.example/pick", "label": "Pick",
                "icon_uri": "https://tool.example/i.png", "custom_parameters": { "b": "" },
                "placements": ["ContentArea"], "roles": ["Instructor"]
            }]
        }
    })
}

fn read(document: &Value) -> Result<Registration, ServiceError> {
    Registration::read(document.to_string().as_bytes(), &[scope::SCORE, scope::LINE_ITEM], false)
}

#[test]
fn a_registration_is_read_and_only_offered_scopes_are_granted() {
    let registration = read(&request()).unwrap();
    assert_eq!(registration.scopes, [scope::SCORE]);
    assert_eq!(registration.redirect_uris, ["https://tool.example/launch?x=%41"], "to the letter");
    assert_eq!(registration.tool.custom, Custom::from([("a".to_owned(), "$User.id".to_owned())]));
    let written = registration.to_value();
    assert_eq!(written["grant_types"], json!(["implicit", "client_credentials"]));
    assert_eq!(written[TOOL_CONFIGURATION], request()[TOOL_CONFIGURATION]);
    assert_eq!(read(&written), Ok(registration), "as a tool we write what we read as a platform");
}

#[test]
fn a_registration_may_leave_out_what_lti_leaves_no_choice_in() {
    let mut bare = request();
    let optional = [
        "application_type",
        "response_types",
        "grant_types",
        "token_endpoint_auth_method",
        "scope",
        "logo_uri",
        "client_name",
        "id_token_signed_response_alg",
        "contacts",
    ];
    bare.as_object_mut().unwrap().retain(|name, _| !optional.contains(&name.as_str()));
    let registration = read(&bare).unwrap();
    assert_eq!((registration.client_name.as_str(), registration.scopes.len()), ("Werkzeug", 0));
}

#[test]
fn each_rule_of_a_registration_is_refused_when_broken() {
    let plain = |at: &str| url(at, Error::UrlPlainHttp("tool.example".into()));
    let many: Vec<String> = (0..51).map(|n| format!("https://tool.example/{n}")).collect();
    let tool = |member: &str| format!("{TOOL_CONFIGURATION}.{member}");
    let tool_path = |path: &str| format!("{TOOL_CONFIGURATION}|{path}");
    for (path, value, refusal) in [
        ("redirect_uris".to_owned(), json!(null), missing("redirect_uris")),
        ("redirect_uris".to_owned(), json!([]), missing("redirect_uris")),
        ("redirect_uris".to_owned(), json!("https://tool.example/"), wrong_type("redirect_uris", "a list")),
        ("redirect_uris".to_owned(), json!(many), too_many("redirect_uris", 50)),
        ("redirect_uris".to_owned(), json!(["http://tool.example/"]), plain("redirect_uris[0]")),
        ("redirect_uris".to_owned(), json!(["https://tool.example/", "app:x"]), scheme("redirect_uris[1]", "app")),
        ("redirect_uris".to_owned(), json!(["javascript:alert(1)"]), scheme("redirect_uris[0]", "javascript")),
        ("redirect_uris".to_owned(), json!(["https://tool.example/#f"]), url("redirect_uris[0]", Error::UrlFragment)),
        ("redirect_uris".to_owned(), json!(["https://a@tool.example/"]), url("redirect_uris[0]", Error::UrlUserinfo)),
        ("initiate_login_uri".to_owned(), json!(null), missing("initiate_login_uri")),
        ("initiate_login_uri".to_owned(), json!("http://tool.example/"), plain("initiate_login_uri")),
        ("jwks_uri".to_owned(), json!(null), missing("jwks_uri")),
        ("jwks_uri".to_owned(), json!("file:///etc/passwd"), scheme("jwks_uri", "file")),
        ("jwks_uri".to_owned(), json!("http://tool.example/"), plain("jwks_uri")),
        ("logo_uri".to_owned(), json!("javascript:alert(1)"), scheme("logo_uri", "javascript")),
        ("policy_uri".to_owned(), json!("data:text/html,x"), scheme("policy_uri", "data")),
        ("client_name".to_owned(), json!("x".repeat(1025)), too_long("client_name", 1024)),
        ("scope".to_owned(), json!([scope::SCORE]), wrong_type("scope", "a text")),
        (TOOL_CONFIGURATION.to_owned(), json!(null), missing(TOOL_CONFIGURATION)),
        (tool_path("domain"), json!(null), missing(&tool("domain"))),
        (tool_path("messages"), json!(null), missing(&tool("messages"))),
        (tool_path("messages|0|type"), json!(null), missing(&tool("messages[0].type"))),
        (tool_path("messages|0|icon_uri"), json!("javascript:x"), scheme(&tool("messages[0].icon_uri"), "javascript")),
        (tool_path("target_link_uri"), json!("http://tool.example/"), plain(&tool("target_link_uri"))),
        (tool_path("custom_parameters|a"), json!(1), wrong_type(&tool("custom_parameters.a"), "a text")),
    ] {
        assert_eq!(read(&with(&request(), &path, value)), Err(refusal), "{path}");
    }
    for (name, value) in [
        ("application_type", json!("native")),
        ("response_types", json!(["code"])),
        ("grant_types", json!(["password"])),
        ("token_endpoint_auth_method", json!("client_secret_basic")),
        ("id_token_signed_response_alg", json!("none")),
    ] {
        assert!(is_unknown(&read(&with(&request(), name, value)), name), "{name}");
    }
}

#[test]
fn a_tool_replaces_no_registration_but_its_own() {
    let replace = |said: Value| {
        let body = with(&request(), "client_id", said).to_string();
        Registration::read_replacement(body.as_bytes(), "client-1", &[scope::SCORE], false)
    };
    assert_eq!(replace(json!("client-1")), read(&request()));
    assert_eq!(replace(json!(null)), read(&request()));
    assert_eq!(replace(json!("client-2")), Err(ServiceError::OtherClient));
}

#[test]
fn a_url_holds_no_white_space_that_its_parser_passes_over() {
    let reason = || Error::UrlSyntax("it holds white space or a control character".into());
    for uri in
        [" https://tool.example/", "https://tool.example/\n", "https://tool.exa\tmple/", "https://tool.example/\u{7f}"]
    {
        let spaced = with(&request(), "redirect_uris", json!([uri]));
        assert_eq!(read(&spaced), Err(url("redirect_uris[0]", reason())), "{uri:?}");
    }
}

#[test]
fn a_refusal_has_its_code_and_says_the_way_out() {
    let code = |path: &str, value: Value| Refusal::from(&read(&with(&request(), path, value)).unwrap_err());
    let refusal = code("redirect_uris", json!(["http://tool.example/"]));
    assert_eq!(refusal.code, "invalid_redirect_uri");
    assert_eq!(code("jwks_uri", json!(null)).code, "invalid_client_metadata");
    let body = refusal.to_value();
    assert!(body["error_description"].as_str().unwrap().starts_with("redirect_uris[0]: "));
    assert_eq!(Refusal::read(body.to_string().as_bytes()), Ok(refusal));
    assert_eq!(Refusal::read(b"{}"), Err(missing("error")));
    assert_eq!(Refusal::invalid_token().to_value()["error"], "invalid_token");
}

#[test]
fn the_answer_holds_what_the_tool_needs_to_know() {
    let registration = read(&request()).unwrap();
    let registered = Registered {
        client_id: "client-1".into(),
        deployment_id: Some("d-1".into()),
        scopes: vec![scope::SCORE.into()],
        management: Some(Management { uri: "https://exam.example/r/1".into(), token: Some(Secret::new("token-1")) }),
    };
    let body = registered.to_value(&registration);
    assert_eq!(body["application_type"], "web");
    assert_eq!(body["scope"], scope::SCORE);
    assert_eq!(body[TOOL_CONFIGURATION]["deployment_id"], "d-1");
    assert!(!format!("{registered:?}").contains("token-1"));
    let read = Registered::read(body.to_string().as_bytes(), false).unwrap();
    assert_eq!((read.client_id.as_str(), read.deployment_id.as_deref()), ("client-1", Some("d-1")));
    assert_eq!(read.scopes, registered.scopes);
    assert_eq!(read.management.unwrap().token.unwrap().reveal(), "token-1");
    let waiting = Registered { deployment_id: None, management: None, ..registered };
    let body = waiting.to_value(&registration);
    assert_eq!((body.get("registration_client_uri"), body[TOOL_CONFIGURATION].get("deployment_id")), (None, None));
    let nobody = with(&body, "client_id", json!(null));
    assert_eq!(Registered::read(nobody.to_string().as_bytes(), false).unwrap_err(), missing("client_id"));
}

#[test]
fn the_configuration_has_every_member_that_a_client_insists_on() {
    let document = platform().to_value();
    for name in [
        "issuer",
        "authorization_endpoint",
        "token_endpoint",
        "token_endpoint_auth_methods_supported",
        "token_endpoint_auth_signing_alg_values_supported",
        "jwks_uri",
        "registration_endpoint",
        "scopes_supported",
        "response_types_supported",
        "subject_types_supported",
        "id_token_signing_alg_values_supported",
        "claims_supported",
        PLATFORM_CONFIGURATION,
    ] {
        assert!(document.get(name).is_some(), "{name}");
    }
    assert_eq!(document["scopes_supported"], json!(["openid", scope::SCORE]));
    assert_eq!(PlatformConfiguration::read(document.to_string().as_bytes(), CONFIGURATION, false), Ok(platform()));
}

#[test]
fn early_platforms_write_a_space_behind_the_name_of_their_claim() {
    let mut document = platform().to_value();
    let claim = document.as_object_mut().unwrap().remove(PLATFORM_CONFIGURATION).unwrap();
    document[format!("{PLATFORM_CONFIGURATION} ")] = claim;
    let read = PlatformConfiguration::read(document.to_string().as_bytes(), CONFIGURATION, false).unwrap();
    assert_eq!(read.product_family_code, "examlink");
}

#[test]
fn a_platform_speaks_for_itself_alone() {
    let document = platform().to_value();
    let read = |document: &Value, from: &str| {
        PlatformConfiguration::read(document.to_string().as_bytes(), from, false).map(|read| read.issuer)
    };
    let refusal = ServiceError::IssuerHost("evil.example".into());
    assert_eq!(read(&document, "https://evil.example/.well-known/openid-configuration"), Err(refusal));
    for (name, value, refusal) in [
        ("issuer", json!(null), missing("issuer")),
        ("issuer", json!("https://exam.example?x"), wrong_type("issuer", "a URL without a query")),
        ("issuer", json!("https://exam.example#x"), url("issuer", Error::UrlFragment)),
        ("authorization_endpoint", json!(null), missing("authorization_endpoint")),
        ("token_endpoint", json!("ldap://x"), scheme("token_endpoint", "ldap")),
        ("jwks_uri", json!(null), missing("jwks_uri")),
        ("registration_endpoint", json!(null), missing("registration_endpoint")),
    ] {
        assert_eq!(read(&with(&document, name, value), CONFIGURATION), Err(refusal), "{name}");
    }
}

#[test]
fn the_platform_opens_the_page_of_the_tool() {
    let initiation = Initiation { configuration_url: CONFIGURATION.into(), token: Some(Secret::new("token&1")) };
    let opened = initiation.url("https://tool.example/register?a=b", false).unwrap();
    let expected = "https://tool.example/register?a=b&openid_configuration=https%3A%2F%2Fexam.example%2F.well-known\
                    %2Fopenid-configuration&registration_token=token%261";
    assert_eq!(opened, expected);
    let read =
        Initiation::parse(&pairs(&[("openid_configuration", CONFIGURATION), ("registration_token", "t")]), false);
    let read = read.unwrap();
    assert_eq!((read.configuration_url.as_str(), read.token.unwrap().reveal()), (CONFIGURATION, "t"));
}

#[test]
fn a_registration_begins_at_a_secure_url_named_once() {
    let begins = |query: &[(&str, &str)]| Initiation::parse(&pairs(query), false).map(|read| read.configuration_url);
    let name = "openid_configuration";
    assert_eq!(begins(&[]), Err(missing(name)));
    assert_eq!(begins(&[(name, CONFIGURATION), (name, CONFIGURATION)]), Err(ServiceError::Repeated(name)));
    assert_eq!(begins(&[(name, "file:///etc/passwd")]), Err(scheme(name, "file")));
    let initiation = Initiation { configuration_url: CONFIGURATION.into(), token: None };
    let refusal = scheme("the registration URL", "javascript");
    assert_eq!(initiation.url("javascript:alert(1)", false), Err(refusal));
}
