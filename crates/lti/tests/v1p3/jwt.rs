use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use examlink_lti::v1p3::Error;
use examlink_lti::v1p3::jwk::PublicKey;
use examlink_lti::v1p3::jwt::{Claims, Expect, LONGEST, UnverifiedJwt, header_of, sign};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::support::{
    CLIENT, NOW, PLATFORM, claims, expect, forged, key, other_key, received, refusal, signed, tool_claims, with,
};

fn header(name: &str, value: impl Into<Value>) -> String {
    with(json!({ "alg": "RS256", "kid": key().kid(), "typ": "JWT" }), name, value).to_string()
}

fn with_header(header: &str) -> String {
    forged(header, &tool_claims().to_string())
}

#[test]
fn a_token_tells_what_was_signed() {
    let token = signed(with(tool_claims(), "text ", "Algèbre 日本"));
    let unverified = UnverifiedJwt::parse(&token).unwrap();
    assert_eq!((unverified.kid(), unverified.issuer()), (key().kid(), Ok(CLIENT)));
    let claims = unverified.verify(key().public(), &expect()).unwrap();
    assert_eq!((claims.text("text"), claims.text("other")), (Some("Algèbre 日本"), None));
    assert_eq!(claims.required_text("other"), Err(Error::Missing("other")));
    assert_eq!(claims.seconds("exp"), Ok(Some(NOW + 300)));
    let decoded = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    let header: Value = serde_json::from_slice(&decoded).unwrap();
    assert_eq!(header, json!({ "alg": "RS256", "kid": key().kid(), "typ": "JWT" }));
}

#[test]
fn a_token_has_three_parts_of_base64url() {
    let token = signed(tool_claims());
    for text in ["", "a", "a.b", "..", &format!("{token}.x"), &format!("{token}.x.y")] {
        let error = UnverifiedJwt::parse(text).unwrap_err();
        assert!(matches!(error, Error::TokenParts | Error::TokenPart { .. }), "{text}: {error}");
    }
    assert!(matches!(UnverifiedJwt::parse(&format!("{token}.x")), Err(Error::TokenParts)));
    let mut parts = token.splitn(3, '.');
    let (header, payload) = (parts.next().unwrap(), parts.next().unwrap());
    assert_eq!(received(&format!("{header}.{payload}.")), Err(Error::Signature));
    assert_eq!(received(&format!("{header}.{payload}.!")), Err(Error::Signature));
    assert!(matches!(received(&format!("{header}=.{payload}.x")), Err(Error::TokenPart { part: "header", .. })));
    assert!(matches!(received(&format!("{header}.e30=.x")), Err(Error::TokenPart { part: "payload", .. })));
    assert!(matches!(received(&format!("{header}.W10.x")), Err(Error::TokenPart { part: "payload", .. })));
}

#[test]
fn the_header_is_shown_to_people_as_far_as_it_is_short() {
    let shown = |token: &str| header_of(token).map(Value::Object);
    let expected = json!({ "alg": "RS256", "kid": key().kid(), "typ": "JWT" });
    assert_eq!(shown(&signed(tool_claims())), Some(expected.clone()));
    assert_eq!(shown(&with_header(&header("jwk", json!({ "kty": "RSA" })))), Some(expected));
    let long = with_header(&header("kid", "k".repeat(256)));
    assert_eq!(shown(&long), Some(json!({ "alg": "RS256", "typ": "JWT" })));
    assert_eq!(shown(&with_header(&header("x", "x".repeat(16_384)))), None);
    for bad in ["", "a", "!.a.b", "W10.a.b"] {
        assert_eq!(shown(bad), None, "{bad}");
    }
}

#[test]
fn huge_tokens_are_not_read() {
    let long = "a".repeat(LONGEST + 1);
    assert_eq!(UnverifiedJwt::parse(&long).unwrap_err(), Error::TokenSize(LONGEST));
    assert_ne!(UnverifiedJwt::parse(&long[1..]).unwrap_err(), Error::TokenSize(LONGEST));
}

#[test]
fn only_rs256_and_es256_are_taken() {
    for name in ["none", "None", "", "HS256", "RS512", "PS256", "EdDSA", "rs256"] {
        assert_eq!(received(&with_header(&header("alg", name))), Err(Error::Algorithm(name.into())));
    }
    let unsigned = with_header(&header("alg", "none"));
    let stripped = &unsigned[..=unsigned.rfind('.').unwrap()];
    assert_eq!(received(stripped), Err(Error::Algorithm("none".into())));
}

/// The public key is known to everybody: as a shared secret it would let everybody sign.
#[test]
fn the_public_key_is_no_shared_secret() {
    let body = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let signed = format!("{}.{}", body(&header("alg", "HS256")), body(&tool_claims().to_string()));
    let secret = serde_json::to_vec(key().public().jwk()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    mac.update(signed.as_bytes());
    let token = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()));
    assert_eq!(received(&token), Err(Error::Algorithm("HS256".into())));
    // Nor does a header that says RS256 make a MAC a signature.
    let renamed = token.replacen(&body(&header("alg", "HS256")), &body(&header("alg", "RS256")), 1);
    assert_eq!(received(&renamed), Err(Error::Signature));
}

#[test]
fn the_header_names_the_key() {
    for kid in [Value::Null, json!(""), json!("k".repeat(256))] {
        assert_eq!(received(&with_header(&header("kid", kid))), Err(Error::Kid));
    }
    assert!(received(&with_header(&header("kid", "k".repeat(255)))).is_ok());
    assert!(matches!(received(&with_header(&header("kid", 7))), Err(Error::TokenPart { part: "header", .. })));
    let twice = format!("{{\"alg\":\"none\",{}", &header("typ", "JWT")[1..]);
    assert!(matches!(received(&with_header(&twice)), Err(Error::TokenPart { part: "header", .. })));
}

#[test]
fn extensions_that_must_be_understood_are_not() {
    assert_eq!(received(&with_header(&header("crit", json!(["b64"])))), Err(Error::Critical));
    assert_eq!(received(&with_header(&header("crit", json!([])))), Err(Error::Critical));
}

/// Keys in the header are the attacker's own: they are never looked at, so the token fails by the registered key.
#[test]
fn a_key_in_the_header_is_not_used() {
    let evil = json!({ "alg": "RS256", "kid": key().kid(), "jwk": other_key().public().jwk(),
        "jku": "https://evil.example/jwks", "x5u": "https://evil.example/x", "x5c": ["AAAA"] });
    let evil_signed = {
        let token = sign(&claims(tool_claims()), other_key()).unwrap();
        let rest = token.split_once('.').unwrap().1.to_owned();
        format!("{}.{rest}", URL_SAFE_NO_PAD.encode(evil.to_string()))
    };
    assert_eq!(received(&evil_signed), Err(Error::Signature));
    assert!(received(&with_header(&evil.to_string())).is_ok());
}

#[test]
fn the_signature_is_by_the_registered_key_over_these_claims() {
    let token = sign(&claims(tool_claims()), other_key()).unwrap();
    assert_eq!(received(&token), Err(Error::Signature));
    let [own, evil] = [tool_claims(), with(tool_claims(), "sub", "admin")].map(signed);
    let parts = |token: &str| token.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mixed = format!("{}.{}.{}", parts(&own)[0], parts(&evil)[1], parts(&own)[2]);
    assert_eq!(received(&mixed), Err(Error::Signature));
    assert_eq!(received(&own[..=own.rfind('.').unwrap()]), Err(Error::Signature));
}

#[test]
fn a_key_on_p256_signs_by_es256_alone() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": number(&point[1..33]), "y": number(&point[33..]) });
    let public = PublicKey::from_jwk(&jwk).unwrap();
    let body =
        format!("{}.{}", number(header("alg", "ES256").as_bytes()), number(tool_claims().to_string().as_bytes()));
    let signature = pair.sign(&SystemRandom::new(), body.as_bytes()).unwrap();
    let token = format!("{body}.{}", number(signature.as_ref()));
    let verify = |token: &str, key: &PublicKey| UnverifiedJwt::parse(token).unwrap().verify(key, &expect());
    assert!(verify(&token, &public).is_ok());
    assert_eq!(verify(&token, key().public()), Err(Error::AlgorithmOfKey));
    assert_eq!(verify(&signed(tool_claims()), &public), Err(Error::AlgorithmOfKey));
}

#[test]
fn the_issuer_is_the_owner_of_the_key() {
    assert_eq!(refusal("iss", "tool-8"), Error::Issuer);
    assert_eq!(refusal("iss", PLATFORM), Error::Issuer);
    assert_eq!(refusal("iss", Value::Null), Error::Missing("iss"));
    assert_eq!(refusal("iss", json!([CLIENT])), Error::Missing("iss"));
}

#[test]
fn the_audience_is_us_alone_unless_azp_says_otherwise() {
    let with_audience = |aud: Value| received(&signed(with(tool_claims(), "aud", aud))).map(|_| ());
    assert_eq!(with_audience(json!([PLATFORM])), Ok(()));
    assert_eq!(refusal("aud", Value::Null), Error::Missing("aud"));
    for wrong in [json!("https://other.example"), json!("https://exam.example/"), json!([]), json!("")] {
        assert_eq!(refusal("aud", wrong), Error::Audience);
    }
    assert_eq!(refusal("aud", json!(7)), Error::Form { claim: "aud", form: "a text or a list of texts" });
    assert_eq!(with_audience(json!([PLATFORM, "evil"])), Err(Error::AudienceOfOthers));
    let both = with(tool_claims(), "aud", json!([PLATFORM, "evil"]));
    assert!(received(&signed(with(both.clone(), "azp", PLATFORM))).is_ok());
    assert_eq!(received(&signed(with(both, "azp", "evil"))), Err(Error::AudienceOfOthers));
}

#[test]
fn the_token_lives_now_and_not_for_long() {
    let at = |iat: u64, exp: u64| received(&signed(with(with(tool_claims(), "iat", iat), "exp", exp))).map(|_| ());
    assert_eq!(at(NOW, NOW + 3600), Ok(()));
    assert_eq!(at(NOW + 60, NOW + 300), Ok(()));
    assert_eq!(at(NOW - 300, NOW - 59), Ok(()));
    assert_eq!(at(NOW - 300, NOW - 60), Err(Error::Expired { expires: NOW - 60, now: NOW }));
    assert_eq!(at(NOW, NOW + 3601), Err(Error::LongLife { life: 3601, longest: 3600 }));
    assert_eq!(at(NOW, u64::MAX), Err(Error::LongLife { life: u64::MAX - NOW, longest: 3600 }));
    assert_eq!(at(NOW + 61, NOW + 300), Err(Error::FromTheFuture { issued: NOW + 61, now: NOW }));
    assert_eq!(at(u64::MAX, u64::MAX), Err(Error::FromTheFuture { issued: u64::MAX, now: NOW }));
    assert!(received(&signed(with(tool_claims(), "nbf", NOW + 60))).is_ok());
    assert_eq!(refusal("nbf", NOW + 61), Error::NotYet { from: NOW + 61, now: NOW });
}

#[test]
fn times_are_required_and_are_numbers() {
    for name in ["iat", "exp"] {
        assert_eq!(refusal(name, Value::Null), Error::Missing(name));
    }
    for name in ["iat", "exp", "nbf"] {
        for value in [json!("1790000300"), json!(-1), json!(1e300), json!(true), json!([NOW])] {
            assert_eq!(refusal(name, value), Error::Form { claim: name, form: "a number of seconds since 1970" });
        }
    }
    assert!(received(&signed(with(tool_claims(), "iat", 1_789_999_999.75))).is_ok());
    for number in ["NaN", "1e400", "Infinity"] {
        let payload = tool_claims().to_string().replace(&(NOW + 300).to_string(), number);
        let error = received(&forged(&header("typ", "JWT"), &payload)).unwrap_err();
        assert!(matches!(error, Error::TokenPart { part: "payload", .. }), "{number}");
    }
}

#[test]
fn no_claim_comes_twice() {
    for name in ["iss", "iss "] {
        let payload = format!("{{\"{name}\":\"{CLIENT}\",{}", &tool_claims().to_string()[1..]);
        let error = received(&forged(&header("typ", "JWT"), &payload)).unwrap_err();
        let why = "iss is given more than once";
        assert!(matches!(&error, Error::TokenPart { part: "payload", why: said } if said.contains(why)), "{error}");
    }
}

#[test]
fn names_of_claims_are_trimmed() {
    let claims = received(&signed(with(tool_claims(), "errormsg ", "no"))).unwrap();
    assert_eq!(claims.text("errormsg"), Some("no"));
}

#[test]
fn null_and_empty_texts_are_as_good_as_none() {
    let claims: Claims = serde_json::from_str("{\"a\":null,\"b\":\"\",\"c\":\"x\",\"d\":{\"e\":1}}").unwrap();
    assert_eq!((claims.value("a"), claims.text("b"), claims.text("c")), (None, None, Some("x")));
    assert_eq!(claims.object("d").unwrap()["e"], 1);
    assert_eq!(claims.iter().count(), 4);
}

/// An `id_token` of ours, played back as a message of the tool, is by the wrong key, of the wrong issuer and for another.
#[test]
fn our_own_token_is_none_of_the_tools() {
    let ours = json!({ "iss": PLATFORM, "aud": CLIENT, "iat": NOW, "exp": NOW + 300, "nonce": "n" });
    assert_eq!(received(&sign(&claims(ours.clone()), other_key()).unwrap()), Err(Error::Signature));
    assert_eq!(received(&signed(ours)), Err(Error::Issuer));
}

#[test]
fn a_system_may_go_by_several_names() {
    let audiences = &[PLATFORM, "https://exam.example/token"][..];
    let expect = Expect { audiences, ..expect() };
    for aud in [json!("https://exam.example/token"), json!(audiences)] {
        let token = signed(with(tool_claims(), "aud", aud));
        assert!(UnverifiedJwt::parse(&token).unwrap().verify(key().public(), &expect).is_ok());
    }
}
