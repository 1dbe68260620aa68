use examlink_lti::Secret;
use examlink_lti::v1::launch::UnverifiedLaunch;
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod, UnverifiedRequest};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::support::{KEY, NONCE, NOW, URL, fullest, pair, secret, sign, submitted, window};

/// Another text that differs in the one character that begins at or before byte `at`.
fn changed(text: &str, at: usize) -> String {
    let at = text.floor_char_boundary(at);
    let mut rest = text[at..].chars();
    let other = if matches!(rest.next(), Some('x' | 'X')) { 'y' } else { 'x' };
    format!("{}{other}{}", &text[..at], rest.as_str())
}

/// A request as any client could send it.
#[derive(Clone, Debug)]
struct Sent {
    url: String,
    secret: String,
    params: Vec<Param>,
}

impl Sent {
    fn is_accepted(&self) -> bool {
        UnverifiedRequest::from_form("POST", &self.url, &submitted(&self.params))
            .and_then(|request| request.verify(&Secret::new(&*self.secret), window()))
            .is_ok_and(|verified| verified.params() == self.params)
    }
}

fn protocol(method: SignatureMethod) -> Vec<Param> {
    let timestamp = NOW.to_string();
    vec![
        pair("oauth_consumer_key", KEY),
        pair("oauth_nonce", NONCE),
        pair("oauth_timestamp", &timestamp),
        pair("oauth_signature_method", method.as_str()),
    ]
}

prop_compose! {
    fn signed()(
        url in "https?://[a-z]{1,8}(:[1-9][0-9]{0,3})?(/[a-zA-Z0-9._~+%-]{0,6}){0,3}(\\?[a-z]{1,4}=[a-z0-9+é ]{0,5}){0,1}",
        secret in ".{1,80}",
        message in prop::collection::vec(("[a-z_ &=é]{1,12}".prop_map(Into::into), any::<String>()), 0..12),
        method in prop::sample::select(vec!["HMAC-SHA1", "HMAC-SHA256", "HMAC-SHA512"]),
    ) -> Sent {
        let method: SignatureMethod = method.parse().unwrap();
        let mut params = [message, protocol(method)].concat();
        let signature = Request { method: "POST", url: &url, params: &params }.sign(method, &Secret::new(&*secret));
        params.push(("oauth_signature".into(), signature.unwrap()));
        Sent { url, secret, params }
    }
}

proptest! {
    #[test]
    fn what_is_signed_is_accepted(sent in signed()) {
        prop_assert!(sent.is_accepted());
    }

    #[test]
    fn a_change_of_any_value_is_refused(mut sent in signed(), which: Index, at: Index) {
        let value = &mut which.get_mut(&mut sent.params).1;
        *value = changed(value, at.index(value.len() + 1));
        prop_assert!(!sent.is_accepted());
    }

    #[test]
    fn a_change_of_any_name_is_refused(mut sent in signed(), which: Index, at: Index) {
        let name = &mut which.get_mut(&mut sent.params).0;
        *name = changed(name, at.index(name.len())).into();
        prop_assert!(!sent.is_accepted());
    }

    #[test]
    fn a_change_of_the_secret_is_refused(mut sent in signed(), at: Index) {
        sent.secret = changed(&sent.secret, at.index(sent.secret.len()));
        prop_assert!(!sent.is_accepted());
    }

    #[test]
    fn a_change_of_the_url_is_refused(mut sent in signed(), at: Index) {
        sent.url = changed(&sent.url, at.index(sent.url.len()));
        prop_assert!(!sent.is_accepted());
    }

    #[test]
    fn reading_never_panics(url in any::<String>(), body in any::<Vec<u8>>()) {
        let _ = UnverifiedLaunch::parse("POST", &url, &body);
        let _ = UnverifiedLaunch::parse("POST", URL, &body);
    }
}

#[test]
fn each_byte_of_a_launch_counts() {
    let sent = Sent { url: URL.into(), secret: secret().reveal().into(), params: sign(&fullest()).unwrap().fields };
    assert!(sent.is_accepted());
    for at in 0..sent.url.len() {
        assert!(!Sent { url: changed(&sent.url, at), ..sent.clone() }.is_accepted(), "byte {at} of the URL");
    }
    for at in 0..sent.secret.len() {
        assert!(!Sent { secret: changed(&sent.secret, at), ..sent.clone() }.is_accepted(), "byte {at} of the secret");
    }
    for which in 0..sent.params.len() {
        let mut other = sent.clone();
        for at in 0..sent.params[which].1.len() {
            other.params[which].1 = changed(&sent.params[which].1, at);
            assert!(!other.is_accepted(), "byte {at} of {}", sent.params[which].0);
        }
    }
}
