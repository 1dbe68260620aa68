use aws_lc_rs::encoding::{AsDer, PublicKeyX509Der};
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use examlink_lti::v1p3::Error;
use examlink_lti::v1p3::jwk::{KeySet, MOST_BYTES, MOST_KEYS, PublicKey, SigningKey};
use serde_json::{Value, json};

use crate::support::{der, key, other_key, pkcs8, with};

fn jwk() -> Value {
    serde_json::to_value(key().public().jwk()).unwrap()
}

fn refused(name: &str, value: impl Into<Value>) -> Error {
    PublicKey::from_jwk(&with(jwk(), name, value)).unwrap_err()
}

fn set(keys: &[Value]) -> KeySet {
    KeySet::from_json(json!({ "keys": keys }).to_string().as_bytes()).unwrap()
}

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
}

#[test]
fn a_public_key_is_published_without_its_private_part() {
    let written = jwk();
    let mut names: Vec<_> = written.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, ["alg", "e", "kid", "kty", "n", "use"]);
    assert_eq!((&written["alg"], &written["use"], &written["kty"]), (&json!("RS256"), &json!("sig"), &json!("RSA")));
    assert_eq!(written["kid"], key().kid());
    assert_eq!(&PublicKey::from_jwk(&written).unwrap(), key().public());
    assert_eq!(format!("{:?}", key()), format!("SigningKey({:?})", key().kid()));
}

#[test]
fn the_kid_is_the_thumbprint_so_that_none_serves_twice() {
    // The example of RFC 7638, section 3.1.
    let example = json!({
        "kty": "RSA", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29",
        "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    });
    let example = PublicKey::from_jwk(&example).unwrap();
    assert_eq!(example.thumbprint().unwrap(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    assert_eq!(example.kid(), Some("2011-04-29"));
    assert_ne!(key().kid(), other_key().kid());
    assert_eq!(key().kid(), key().public().thumbprint().unwrap());
}

#[test]
fn private_parts_are_refused() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(refused(member, "AQAB"), Error::KeyPrivate(member));
    }
    assert_eq!(set(&[with(with(jwk(), "d", "AQAB"), "kid", "a")]).find("a"), Err(Error::KeyPrivate("d")));
}

#[test]
fn what_a_key_says_beside_itself_is_passed_over() {
    let mut adorned = jwk();
    for (name, value) in [("x5c", json!("no list")), ("x5u", json!(7)), ("key_ops", json!({}))] {
        adorned = with(adorned, name, value);
    }
    assert_eq!(&PublicKey::from_jwk(&adorned).unwrap(), key().public());
}

#[test]
fn weak_keys_are_refused() {
    let number = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let modulus = |bytes: usize, last: u8| number(&[&[0xff][..], &vec![0x55; bytes - 2], &[last]].concat());
    assert!(PublicKey::from_jwk(&with(jwk(), "n", modulus(256, 1))).is_ok());
    assert!(PublicKey::from_jwk(&with(jwk(), "n", modulus(1024, 1))).is_ok());
    assert_eq!(refused("n", modulus(255, 1)), Error::KeyModulus(2040));
    assert_eq!(refused("n", modulus(1025, 1)), Error::KeyModulus(8200));
    assert_eq!(refused("n", modulus(256, 2)), Error::KeyModulus(2048));
    assert_eq!(refused("n", ""), Error::KeyModulus(0));
    assert!(PublicKey::from_jwk(&with(jwk(), "e", number(&[3]))).is_ok());
    for exponent in [&[][..], &[0], &[1], &[2], &[1, 0, 0], &[1, 0, 0, 0, 1]] {
        assert_eq!(refused("e", number(exponent)), Error::KeyExponent, "{exponent:?}");
    }
    assert_eq!(refused("n", "+/=="), Error::KeyNumber("n"));
    assert_eq!(refused("e", "A"), Error::KeyNumber("e"));
}

#[test]
fn zeros_in_front_of_a_number_make_no_other_key() {
    let n = URL_SAFE_NO_PAD.decode(jwk()["n"].as_str().unwrap()).unwrap();
    let padded = PublicKey::from_jwk(&with(jwk(), "n", URL_SAFE_NO_PAD.encode([&[0], &n[..]].concat()))).unwrap();
    assert_eq!(padded.thumbprint(), key().public().thumbprint());
}

#[test]
fn only_keys_for_signatures_of_known_kinds_are_taken() {
    assert_eq!(refused("use", "enc"), Error::KeyUse);
    assert_eq!(refused("alg", "RS512"), Error::KeyKind);
    assert_eq!(refused("alg", "HS256"), Error::KeyKind);
    assert_eq!(refused("alg", "ES256"), Error::KeyKind);
    assert_eq!(refused("kty", "oct"), Error::KeyKind);
    assert_eq!(refused("n", Value::Null), Error::KeyKind);
    assert_eq!(PublicKey::from_jwk(&json!("key")).unwrap_err(), Error::KeyKind);
    assert!(PublicKey::from_jwk(&with(with(jwk(), "use", Value::Null), "alg", Value::Null)).is_ok());
}

#[test]
fn a_key_on_p256_is_a_point_of_the_curve() {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
    let jwk = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": "ec" });
    let key = PublicKey::from_jwk(&jwk).unwrap();
    assert_eq!(PublicKey::from_jwk(&with(jwk.clone(), "y", x.clone())).unwrap_err(), Error::KeyPoint);
    assert_eq!(PublicKey::from_jwk(&with(jwk.clone(), "x", "AA")).unwrap_err(), Error::KeyPoint);
    assert_eq!(PublicKey::from_jwk(&with(jwk, "crv", "P-384")).unwrap_err(), Error::KeyKind);
    let spki: PublicKeyX509Der = pair.public_key().as_der().unwrap();
    let pasted = PublicKey::from_pem(&pem("PUBLIC KEY", spki.as_ref())).unwrap();
    assert_eq!(pasted.thumbprint(), key.thumbprint());
}

#[test]
fn a_key_can_be_pasted_as_pem() {
    let pair = RsaKeyPair::from_pkcs8(der()).unwrap();
    let spki: PublicKeyX509Der = pair.public_key().as_der().unwrap();
    for text in [pem("PUBLIC KEY", spki.as_ref()), pem("RSA PUBLIC KEY", pair.public_key().as_ref())] {
        assert_eq!(&PublicKey::from_pem(&format!("a comment\r\n{text}")).unwrap(), key().public());
    }
    for text in ["", "-----BEGIN PUBLIC KEY-----", &pem("PUBLIC KEY", b"other"), &pem("PRIVATE KEY", der())] {
        assert_eq!(PublicKey::from_pem(text).unwrap_err(), Error::KeyPem);
    }
}

#[test]
fn we_sign_with_rsa_in_pkcs8() {
    assert!(SigningKey::from_pkcs8(&pkcs8(KeySize::Rsa3072)).is_ok());
    let point = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap().to_pkcs8v1().unwrap();
    for der in [&b""[..], b"other", point.as_ref()] {
        assert_eq!(SigningKey::from_pkcs8(der).unwrap_err(), Error::KeyPkcs8);
    }
}

#[test]
fn a_set_finds_keys_by_their_kid() {
    let keys = set(&[with(jwk(), "kid", "a"), with(jwk(), "kid", Value::Null), with(jwk(), "use", "enc")]);
    assert_eq!(keys.find("a").unwrap().thumbprint(), key().public().thumbprint());
    assert_eq!((keys.usable(), keys.knows("a"), keys.knows("b")), (1, true, false));
    assert_eq!(keys.find(key().kid()), Err(Error::KeyUse));
    for kid in ["b", "", "../../etc/passwd", "a' OR '1'='1"] {
        assert_eq!(keys.find(kid), Err(Error::KeyUnknown));
    }
}

#[test]
fn one_kid_names_one_key() {
    let other = serde_json::to_value(other_key().public().jwk()).unwrap();
    assert!(set(&[jwk(), jwk()]).find(key().kid()).is_ok());
    assert_eq!(set(&[jwk(), with(other, "kid", key().kid())]).find(key().kid()), Err(Error::KeyRepeated));
}

#[test]
fn a_set_is_a_json_object_of_a_bounded_size() {
    for text in ["", "[]", "{}", "{\"keys\": {}}", "{\"keys\": []} trailing"] {
        assert!(matches!(KeySet::from_json(text.as_bytes()), Err(Error::KeySet(_))), "{text}");
    }
    let large = vec![b' '; MOST_BYTES + 1];
    assert_eq!(KeySet::from_json(&large).unwrap_err(), Error::KeySetSize { most: MOST_BYTES, unit: "bytes" });
    let many = json!({ "keys": vec![json!({}); MOST_KEYS + 1] }).to_string();
    assert_eq!(KeySet::from_json(many.as_bytes()).unwrap_err(), Error::KeySetSize { most: MOST_KEYS, unit: "keys" });
    assert_eq!(set(&vec![json!({}); MOST_KEYS]).usable(), 0);
}

#[test]
fn what_we_publish_can_be_read() {
    let published: KeySet = [key().public().clone(), other_key().public().clone()].into_iter().collect();
    let json = serde_json::to_vec(&published).unwrap();
    assert!(!String::from_utf8(json.clone()).unwrap().contains("\"d\""));
    assert_eq!(KeySet::from_json(&json).unwrap(), published);
}
