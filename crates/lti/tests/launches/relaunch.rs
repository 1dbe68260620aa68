use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod, TimeWindow};
use examlink_lti::v1::relaunch::{Relaunch, RelaunchStates, UnverifiedRelaunch};
use examlink_lti::{Error, Result};

use crate::support::{KEY, NONCE, NOW, pair, secret, sign, smallest, submitted, window};

const URL: &str = "https://exam.example/lti/1.1/relaunch";

/// The form that a tool sends the browser back with.
fn form(states: &[(&str, &str)]) -> Vec<Param> {
    let oauth = [
        ("oauth_consumer_key", KEY),
        ("oauth_nonce", NONCE),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", &NOW.to_string()),
    ];
    let mut params: Vec<Param> = states.iter().chain(&oauth).map(|(name, value)| pair(name, value)).collect();
    let signature = Request { method: "POST", url: URL, params: &params }.sign(SignatureMethod::HmacSha1, &secret());
    params.push(pair("oauth_signature", &signature.unwrap()));
    params
}

fn verified(params: &[Param]) -> Result<RelaunchStates> {
    Ok(UnverifiedRelaunch::parse(URL, &submitted(params))?.verify(&secret(), window())?.1)
}

#[test]
fn a_first_launch_says_where_the_second_is_to_be_had_and_the_second_holds_both_states() {
    let mut launch = smallest();
    launch.relaunch = Some(Relaunch::Offered { url: URL.into(), platform_state: "p-1".into() });
    let first = sign(&launch).unwrap().fields;
    assert!(first.contains(&pair("relaunch_url", URL)) && first.contains(&pair("platform_state", "p-1")));
    let asked = UnverifiedRelaunch::parse(URL, &submitted(&form(&[("platform_state", "p-1"), ("tool_state", "t 1")])));
    let asked = asked.unwrap();
    assert_eq!((asked.platform_state(), asked.consumer_key()), ("p-1", KEY));
    let (request, states) = asked.verify(&secret(), window()).unwrap();
    assert_eq!((request.nonce(), request.timestamp()), (NONCE, NOW));
    launch.relaunch = Some(Relaunch::Answered(states));
    let second = sign(&launch).unwrap().fields;
    assert!(second.contains(&pair("tool_state", "t 1")) && second.contains(&pair("platform_state", "p-1")));
    assert!(!second.iter().any(|(name, _)| name == "relaunch_url"), "a tool would ask for ever");
}

#[test]
fn a_forged_state_a_missing_one_and_an_old_form_are_refused() {
    let right = form(&[("platform_state", "p-1"), ("tool_state", "t-1")]);
    for name in ["platform_state", "tool_state"] {
        let mut forged = right.clone();
        forged.iter_mut().find(|(known, _)| known == name).unwrap().1.push('x');
        assert_eq!(verified(&forged), Err(Error::OauthSignature));
    }
    assert_eq!(verified(&form(&[("tool_state", "t")])), Err(Error::Missing("platform_state")));
    assert_eq!(verified(&form(&[("platform_state", "p")])), Err(Error::Missing("tool_state")));
    let twice = form(&[("platform_state", "p"), ("tool_state", "t"), ("tool_state", "u")]);
    assert_eq!(verified(&twice), Err(Error::Repeated("tool_state".into())));
    let long = form(&[("platform_state", "p"), ("tool_state", &"t".repeat(2_001))]);
    assert_eq!(verified(&long), Err(Error::TooLong { name: "tool_state", most: 2_000 }));
    let later = TimeWindow { now: NOW + 301, seconds: 300 };
    let old = UnverifiedRelaunch::parse(URL, &submitted(&right)).unwrap().verify(&secret(), later);
    assert!(matches!(old, Err(Error::OauthTimestampWindow { .. })));
}
