//! What holds for whatever may come.

use examlink_lti::v1::oauth1::Param;
use examlink_lti::v1p3::id_token::UnverifiedIdToken;
use examlink_lti::v1p3::jwk::{KeySet, PublicKey};
use examlink_lti::v1p3::jwt::Claims;
use examlink_lti::v1p3::login::{AuthenticationRequest, AuthenticationResponse, ReceivedLogin, Refusal, Registration};
use examlink_lti::v1p3::token::{TokenRequest, TokenResponse};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::Value;

use crate::support::{CLIENT, forged, pair, received, signed, tool_claims, with};

/// Names that the readers look for, and others.
fn name() -> impl Strategy<Value = String> {
    let known = ["iss", "client_id", "redirect_uri", "scope", "state", "nonce", "error", "id_token", "grant_type"];
    prop_oneof![prop::sample::select(known.to_vec()).prop_map(str::to_owned), any::<String>()]
}

fn pairs() -> impl Strategy<Value = Vec<Param>> {
    prop::collection::vec((name(), any::<String>()).prop_map(|(name, value)| (name.into(), value)), 0..8)
}

/// Any JSON of a few levels.
fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(name(), inner, 0..4).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

proptest! {
    /// A token of which one character is another is none.
    #[test]
    fn no_character_of_a_token_can_be_changed(at in any::<Index>(), other in "[A-Za-z0-9_-]") {
        let token = signed(tool_claims());
        let at = at.index(token.len());
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        prop_assert_eq!(received(&changed).is_ok(), changed == token);
    }

    #[test]
    fn what_was_signed_is_read(name in "[a-z:/.]{10,40}", value in "\\PC{1,40}") {
        let claims = received(&signed(with(tool_claims(), &name, value.as_str()))).unwrap();
        prop_assert_eq!(claims.text(&name), Some(value.as_str()));
    }

    /// Readers refuse what is not theirs, and never fail in another way.
    #[test]
    fn readers_stand_whatever_comes(text in any::<String>(), value in json(), pairs in pairs()) {
        let _ = UnverifiedIdToken::parse(&text);
        let _ = received(&forged(&value.to_string(), &value.to_string()));
        let _ = received(&forged("{\"alg\":\"RS256\",\"kid\":\"k\"}", &value.to_string()));
        let _ = PublicKey::from_pem(&text);
        let _ = PublicKey::from_jwk(&value);
        let _ = KeySet::from_json(value.to_string().as_bytes());
        let _ = serde_json::from_value::<Claims>(value.clone());
        let _ = TokenResponse::read(value.to_string().as_bytes(), &[]);
        let _ = ReceivedLogin::read(pairs.clone());
        let _ = AuthenticationResponse::read(pairs.clone());
        let _ = TokenRequest::parse(pairs);
    }

    /// Nothing is ever sent to an address that is not registered.
    #[test]
    fn no_redirect_is_open(uri in "https?://\\PC{0,30}", mut pairs in pairs()) {
        pairs.retain(|(name, _)| name != "client_id" && name != "redirect_uri");
        pairs.extend([pair("client_id", CLIENT), pair("redirect_uri", &uri)]);
        let redirect_uris = ["https://tool.example/launch".to_owned()];
        let registration = Registration { client_id: CLIENT, redirect_uris: &redirect_uris, active: true };
        if let Ok(request) = AuthenticationRequest::parse(pairs) {
            let refusal = request.check(&registration).unwrap_err().refusal;
            prop_assert!(matches!(refusal, Refusal::Shown(_)));
        }
    }
}
