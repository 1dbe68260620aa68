//! The `Authorization` header (RFC 5849 section 3.5.1), which carries the parameters of a message that is no form.

use super::encoding::decode_escapes;
use super::form::{refuse_repeated, repeated};
use super::{Param, Request, Target, body_hash, decode_pairs, percent_encode};
use crate::v1::credentials::{Credentials, Stamp};
use crate::{Error, Result};

/// A header is no longer than this, in bytes: ten times what a message needs.
const LONGEST: usize = 8_192;

impl Credentials {
    /// The `Authorization` header of a message to `url` with a body that is no form: it holds the body's hash, and its
    /// signature covers that and the query.
    ///
    /// Fails with [`Error::Missing`] (consumer key), with [`Error::OauthRepeated`] where the query holds what the header
    /// does, and as [`Request::base_string`] does.
    pub fn authorize(&self, stamp: &Stamp, method: &str, url: &str, body: &[u8]) -> Result<String> {
        if self.consumer_key.is_empty() {
            return Err(Error::Missing("oauth_consumer_key"));
        }
        let mut params: Vec<Param> = vec![
            ("oauth_body_hash".into(), body_hash(body, self.method)),
            ("oauth_consumer_key".into(), self.consumer_key.clone()),
            ("oauth_nonce".into(), stamp.nonce().into()),
            ("oauth_signature_method".into(), self.method.as_str().into()),
            ("oauth_timestamp".into(), stamp.timestamp().to_string()),
            ("oauth_version".into(), "1.0".into()),
        ];
        refuse_repeated(&decode_pairs(Target::parse(url)?.query.as_bytes())?, &params)?;
        let signature = Request { method, url, params: &params }.sign(self.method, &self.secret)?;
        params.push(("oauth_signature".into(), signature));
        Ok(write(&params))
    }
}

fn write(params: &[Param]) -> String {
    let pair = |(name, value): &Param| format!("{}=\"{}\"", percent_encode(name), percent_encode(value));
    format!("OAuth {}", params.iter().map(pair).collect::<Vec<_>>().join(", "))
}

/// The parameters of a header, decoded, `realm` left out. Values may stand in quotes or without, and a comma may be
/// followed by a space: senders in use do all of it.
///
/// Fails with [`Error::OauthHeader`] for another scheme or form, and with [`Error::OauthRepeated`] for a name that is
/// given twice.
pub(super) fn read(header: &str) -> Result<Vec<Param>> {
    if header.len() > LONGEST {
        return Err(Error::OauthHeader("is too long"));
    }
    let (scheme, rest) = header.trim().split_once([' ', '\t']).unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("OAuth") {
        return Err(Error::OauthHeader("does not begin with \"OAuth \""));
    }
    let (mut params, mut rest) = (Vec::new(), rest.trim_start());
    while !rest.is_empty() {
        let (param, after) = read_pair(rest)?;
        params.push(param);
        rest = after;
    }
    if let Some(name) = repeated(params.iter().map(|(name, _)| name.as_ref())) {
        return Err(Error::OauthRepeated(name.to_owned()));
    }
    params.retain(|(name, _)| name != "realm");
    Ok(params)
}

/// The first parameter of a text, and what comes after its comma.
fn read_pair(text: &str) -> Result<(Param, &str)> {
    const UNREADABLE: Error = Error::OauthHeader("is not a list of name=\"value\", set apart by commas");
    let (name, rest) = text.split_once('=').ok_or(UNREADABLE)?;
    let (value, rest) = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or(UNREADABLE)?,
        None => rest.find(',').map_or((rest.trim_end(), ""), |end| rest.split_at(end)),
    };
    let rest = rest.trim_start();
    let after = rest.strip_prefix(',').or(rest.is_empty().then_some(rest)).ok_or(UNREADABLE)?;
    let name = decode_escapes(name.trim().as_bytes())?;
    // A realm is free text, and no part of what is signed.
    let value = if name == "realm" { String::new() } else { decode_escapes(value.as_bytes())? };
    Ok(((name.into(), value), after.trim_start()))
}
