//! The keys that are published, and the platform's configuration.

use examlink_lti::v1p3::id_token::UnverifiedIdToken;
use serde_json::{Value, json};

use super::Seat;
use crate::world::{Form, Reply, http};

#[test]
fn lti_12_two_keys_are_published_and_none_is_private() {
    let seat = Seat::new();
    let reply = seat.world.page("/.well-known/jwks.json");
    let keys: Value = serde_json::from_str(&reply.text).unwrap();
    let keys = keys["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2, "the one that signs and the next one");
    for key in keys {
        let mut members: Vec<&str> = key.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "e", "kid", "kty", "n", "use"]);
    }
    let signs = seat.launches();
    let kid = UnverifiedIdToken::parse(signs.get("id_token").unwrap()).unwrap().kid().to_owned();
    assert!(keys.iter().any(|key| key["kid"] == kid));
}

#[test]
fn lti_12_keys_take_turns_and_one_that_has_signed_stays_published() {
    let seat = Seat::new();
    let first = seat.launches();
    let kid = |form: &Form| UnverifiedIdToken::parse(form.get("id_token").unwrap()).unwrap().kid().to_owned();
    // Ninety days later the next key signs; the exam has no end.
    seat.world.wait(90 * 86_400_000 + 1_000);
    let second = seat.launches();
    assert_ne!(kid(&first), kid(&second));
    let published = || seat.world.page("/.well-known/jwks.json").text;
    assert!(published().contains(&kid(&first)) && published().contains(&kid(&second)));
    seat.world.wait(25 * 3_600_000);
    seat.launches();
    assert!(!published().contains(&kid(&first)) && published().contains(&kid(&second)));
}

#[test]
fn the_configuration_names_every_address_and_each_is_here() {
    let seat = Seat::new();
    let reply = seat.world.page("/.well-known/openid-configuration");
    assert_eq!(reply.header("content-type"), "application/json");
    let said: Value = serde_json::from_str(&reply.text).unwrap();
    assert_eq!(said["issuer"], json!(seat.world.origin()));
    let addresses = [
        ("authorization_endpoint", "GET"),
        ("token_endpoint", "POST"),
        ("jwks_uri", "GET"),
        ("registration_endpoint", "POST"),
    ];
    for (address, method) in addresses {
        let url = said[address].as_str().unwrap();
        assert!(url.starts_with(&seat.world.origin()), "{address}");
        let reply: Reply = http().request(method.parse().unwrap(), url).send().unwrap().into();
        assert_ne!(reply.status, 404, "{address}");
    }
}
