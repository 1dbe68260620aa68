//! The second part: the base string URI (RFC 5849 section 3.4.1.2).

use super::{Cause, Difference, decoded};
use crate::v1::oauth1::percent_encode;

/// Compares our URI, plain, with the other side's, percent-encoded.
pub(super) fn compare(ours: &str, theirs: &str) -> Option<Difference> {
    if *percent_encode(ours) == *theirs {
        return None;
    }
    let decoded_once = decoded(theirs);
    let difference = |cause| Some(Difference::new(cause, ours, decoded_once.as_str()));
    if decoded_once == ours {
        return difference(if theirs.contains("://") { Cause::NotEncoded } else { Cause::HexCase });
    }
    if decoded(&decoded_once) == ours && !decoded_once.contains("://") {
        return difference(Cause::UriEncodedTwice);
    }
    if decoded_once.contains('?') {
        return difference(Cause::QueryInUri);
    }
    difference(cause(&Parts::of(ours), &Parts::of(&decoded_once)))
}

struct Parts<'a> {
    scheme: &'a str,
    host: &'a str,
    port: &'a str,
    path: &'a str,
}

impl<'a> Parts<'a> {
    fn of(uri: &'a str) -> Self {
        let (scheme, rest) = uri.split_once("://").unwrap_or(("", uri));
        let (authority, path) = rest.find('/').map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (authority, ""), // no port, or the last colon belongs to an IPv6 address
        };
        Self { scheme, host, port, path }
    }
}

fn cause(ours: &Parts<'_>, theirs: &Parts<'_>) -> Cause {
    if ours.scheme != theirs.scheme {
        Cause::Scheme
    } else if ours.host != theirs.host {
        if ours.host.eq_ignore_ascii_case(theirs.host) { Cause::HostCase } else { Cause::Host }
    } else if ours.port != theirs.port {
        Cause::Port
    } else if ours.path.trim_end_matches('/') == theirs.path.trim_end_matches('/') {
        Cause::PathSlash
    } else if ours.path.eq_ignore_ascii_case(theirs.path) {
        Cause::PathCase
    } else if decoded(ours.path) == decoded(theirs.path) {
        Cause::PathEncoding
    } else {
        Cause::Path
    }
}
