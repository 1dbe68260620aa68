//! A base string that another side got wrong is told where, and why.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use examlink_lti::Secret;
use examlink_lti::v1::oauth1::compare::{Cause, SignatureCause, explain};
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod, percent_encode};

const URL: &str = "https://tool.example:8443/Launch%20pad/start?course=7&a=1";

fn params() -> Vec<Param> {
    let pairs = [
        ("context_title", "Algebra & more"),
        ("custom_note", "one\r\ntwo"),
        ("custom_path", "a/b"),
        ("empty", ""),
        ("lis_person_name_full", "Zoë O'Neil"),
        ("custom_tilde", "x~y"),
        ("custom_spaced", " x"),
        ("oauth_callback", "about:blank"),
        ("oauth_consumer_key", "key"),
        ("oauth_nonce", "n0nce"),
        ("oauth_timestamp", "1795677593"),
    ];
    pairs.map(|(name, value)| (name.to_owned().into(), value.to_owned())).to_vec()
}

/// What the other side signs that takes the request for another one.
fn signed_as(method: &str, url: &str, change: impl FnOnce(&mut Vec<Param>)) -> String {
    let mut params = params();
    change(&mut params);
    Request { method, url, params: &params }.base_string().unwrap()
}

fn ours() -> String {
    signed_as("POST", URL, |_| {})
}

fn set<'a>(name: &'a str, value: &'a str) -> impl FnOnce(&mut Vec<Param>) + 'a {
    move |params| value.clone_into(&mut params.iter_mut().find(|(given, _)| given == name).unwrap().1)
}

fn add<'a>(name: &'a str, value: &'a str) -> impl FnOnce(&mut Vec<Param>) + 'a {
    move |params| params.push((name.to_owned().into(), value.to_owned()))
}

fn without(name: &str) -> impl FnOnce(&mut Vec<Param>) + '_ {
    move |params| params.retain(|(given, _)| given != name)
}

fn posted(change: impl FnOnce(&mut Vec<Param>)) -> String {
    signed_as("POST", URL, change)
}

/// Our base string with one piece written in another way.
fn rewritten(piece: &str, other: &str) -> String {
    let ours = ours();
    assert!(ours.contains(piece), "{piece} in {ours}");
    ours.replace(piece, other)
}

fn compare(theirs: &str) -> Option<(Cause, Option<String>)> {
    let params = params();
    let found = Request { method: "post", url: URL, params: &params }.compare(theirs).unwrap();
    found.map(|difference| (difference.cause, difference.parameter))
}

#[test]
fn the_same_base_string_has_no_difference_and_copied_white_space_does_not_count() {
    assert_eq!(compare(&ours()), None);
    assert_eq!(compare(&format!("\n  {} \r\n", ours())), None);
}

#[test]
fn what_is_wrong_with_method_and_url_is_named() {
    let at = |url: &str| signed_as("POST", url, |_| {});
    for (theirs, cause) in [
        (signed_as("GET", URL, |_| {}), Cause::Method),
        (rewritten("POST&", "post&"), Cause::MethodCase),
        (at(&URL.replace("https", "http")), Cause::Scheme),
        (rewritten("tool.example", "Tool.Example"), Cause::HostCase),
        (at(&URL.replace("tool.example", "inner.example")), Cause::Host),
        (at(&URL.replace(":8443", "")), Cause::Port),
        (at(&URL.replace("8443", "8080")), Cause::Port),
        (at(&URL.replace("start?", "start/?")), Cause::PathSlash),
        (at(&URL.replace("Launch", "launch")), Cause::PathCase),
        (at(&URL.replace("start", "%73tart")), Cause::PathEncoding),
        (at(&URL.replace("/Launch", "/prefix/Launch")), Cause::Path),
        (rewritten("https%3A%2F%2Ftool", "https%3a%2f%2ftool"), Cause::HexCase),
        (rewritten("start&", "start%3Fcourse%3D7%26a%3D1&"), Cause::QueryInUri),
        ("hello".into(), Cause::NoBaseString),
        (String::new(), Cause::NoBaseString),
        ("POST&https://tool.example/x&a=1&b=2".into(), Cause::NotEncoded),
    ] {
        assert_eq!(compare(&theirs), Some((cause, None)), "{theirs}");
    }
    let twice = ours().split('&').map(|part| percent_encode(part).into_owned()).collect::<Vec<_>>().join("&");
    assert_eq!(compare(&twice), Some((Cause::UriEncodedTwice, None)));
    let (head, params) = ours().rsplit_once('&').map(|(head, params)| (head.to_owned(), params.to_owned())).unwrap();
    let twice = format!("{head}&{}", percent_encode(&params));
    assert_eq!(compare(&twice), Some((Cause::ParametersEncodedTwice, None)));
}

#[test]
fn what_is_wrong_with_the_query_is_named() {
    let bare = URL.split('?').next().unwrap();
    assert_eq!(compare(&signed_as("POST", bare, |_| {})), Some((Cause::QueryMissing, None)));
    let doubled = signed_as("POST", URL, |params| {
        params.extend([("course".into(), "7".into()), ("a".into(), "1".into())]);
    });
    assert_eq!(compare(&doubled), Some((Cause::QueryTwice, None)));
}

#[test]
fn what_is_wrong_with_a_parameter_is_named() {
    let sorted_otherwise = {
        let ours = ours();
        let (one, two) = ("context_title%3DAlgebra%2520%2526%2520more", "course%3D7");
        ours.replace(&format!("{one}%26{two}"), &format!("{two}%26{one}"))
    };
    for (theirs, cause, parameter) in [
        (posted(add("oauth_signature_", "x")), Cause::ParameterExtra, "oauth_signature_"),
        (
            rewritten("oauth_timestamp", "oauth_signature%3Dx%26oauth_timestamp"),
            Cause::SignatureSigned,
            "oauth_signature",
        ),
        (posted(set("oauth_nonce", "other")), Cause::OtherLaunch, "oauth_nonce"),
        (posted(set("oauth_timestamp", "1795677594")), Cause::Timestamp, "oauth_timestamp"),
        (posted(without("oauth_callback")), Cause::CallbackMissing, "oauth_callback"),
        (sorted_otherwise, Cause::Order, "course"),
        (posted(without("empty")), Cause::ParameterMissing, "empty"),
        (posted(add("submit", "Go")), Cause::ParameterExtra, "submit"),
        (posted(add("course", "7")), Cause::ParameterExtra, "course"),
        (rewritten("a%252Fb", "a%25252Fb"), Cause::EncodedTwice, "custom_path"),
        (rewritten("Algebra%2520%2526", "Algebra%2520%252526"), Cause::EncodedTwice, "context_title"),
        (rewritten("a%252Fb", "a%2Fb"), Cause::NotEncodedValue, "custom_path"),
        (rewritten("a%252Fb", "a%252fb"), Cause::HexCase, "custom_path"),
        (rewritten("x~y", "x%257Ey"), Cause::EncodedTooMuch, "custom_tilde"),
        (rewritten("Algebra%2520%2526%2520more", "Algebra%2B%2526%2Bmore"), Cause::Plus, "context_title"),
        (rewritten("Algebra%2520%2526%2520more", "Algebra%252B%2526%252Bmore"), Cause::Plus, "context_title"),
        (posted(set("custom_note", "one\ntwo")), Cause::LineBreaks, "custom_note"),
        (posted(set("custom_spaced", "x")), Cause::WhiteSpace, "custom_spaced"),
        (posted(set("context_title", "algebra & more")), Cause::ValueCase, "context_title"),
        (posted(set("context_title", "Algebra &amp; more")), Cause::Html, "context_title"),
        (rewritten("Zo%25C3%25AB", "Zo%25EB"), Cause::Charset, "lis_person_name_full"),
        (posted(set("lis_person_name_full", "")), Cause::ValueEmpty, "lis_person_name_full"),
        (posted(set("custom_path", "c/d")), Cause::Value, "custom_path"),
    ] {
        assert_eq!(compare(&theirs), Some((cause, Some(parameter.to_owned()))), "{theirs}");
    }
    let params: Vec<Param> = params().into_iter().filter(|(name, _)| name != "oauth_callback").collect();
    let found = Request { method: "POST", url: URL, params: &params }.compare(&ours()).unwrap().unwrap();
    assert_eq!((found.cause, found.theirs.as_str()), (Cause::CallbackExtra, "about:blank"));
}

#[test]
fn both_sides_of_a_difference_are_shown() {
    let theirs = posted(set("custom_path", "c/d"));
    let found = Request { method: "POST", url: URL, params: &params() }.compare(&theirs).unwrap().unwrap();
    assert_eq!((found.ours.as_str(), found.theirs.as_str()), ("a/b", "c/d"));
}

#[test]
fn every_cause_has_a_name_of_its_own_and_a_way_out() {
    let mut names: Vec<&str> = Cause::ALL.iter().map(|cause| cause.name()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Cause::ALL.len());
    assert!(Cause::ALL.iter().all(|cause| cause.advice().ends_with('.')));
}

#[test]
fn a_signature_tells_what_was_done_with_the_secret() {
    let request = params();
    let request = Request { method: "POST", url: URL, params: &request };
    let (ours, text) = (Secret::new("p&ss w%Rd"), request.base_string().unwrap());
    let sign = |secret: &str, method| request.sign(method, &Secret::new(secret)).unwrap();
    let sha1 = SignatureMethod::HmacSha1;
    let explained = |signature: &str| explain(&text, signature, sha1, &ours);
    let right = sign("p&ss w%Rd", sha1);
    for (signature, cause) in [
        (right.clone(), SignatureCause::Same),
        (percent_encode(&right).into_owned(), SignatureCause::Form),
        (sign("p&ss w%Rd", SignatureMethod::HmacSha256), SignatureCause::Method(SignatureMethod::HmacSha256)),
        (sign("p&ss w%Rd\n", sha1), SignatureCause::WhiteSpace),
        (sign(" p&ss w%Rd", sha1), SignatureCause::WhiteSpace),
        (sign(&percent_encode("p&ss w%Rd"), sha1), SignatureCause::EncodedTwice),
        (sign("p&ss w%rd", sha1), SignatureCause::Case),
        (sign("", sha1), SignatureCause::Empty),
        (sign("another", sha1), SignatureCause::OtherSecret),
        ("not base64!".into(), SignatureCause::OtherSecret),
    ] {
        assert_eq!(explained(&signature), cause, "{signature}");
    }
    let spaced = Secret::new("secret ");
    assert_eq!(explain(&text, &sign("secret", sha1), sha1, &spaced), SignatureCause::WhiteSpace);
    // Made by Python's hmac module with the keys `a/b`, `a%2Fb`, `a/b&`, and `a%2Fb&` in hexadecimal.
    let ours = Secret::new("a/b");
    for (signature, cause) in [
        ("KQBboWwSHjDSbGrfaXRw4/mCJo0=", SignatureCause::NoAmpersand),
        ("WgUVfP7mGc6gSn4mJ5/BOmNc4sY=", SignatureCause::NoAmpersand),
        ("6uUXF/r1JglffLSrrZw/u7ek4U8=", SignatureCause::NotEncoded),
        ("c52e7b33c87301e90f32a1bbfb2f363bf2acee97", SignatureCause::Form),
    ] {
        assert_eq!(explain("bs", signature, sha1, &ours), cause, "{signature}");
    }
}
