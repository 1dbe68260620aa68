//! What platform and tool agreed on, what makes one message unique, and what strict tools refuse of either.

use super::oauth1::SignatureMethod;
use crate::{Error, Result, Secret};

/// The key and secret that one tool gave.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Names the platform to the tool.
    pub consumer_key: String,
    /// Signs every message; never sent.
    pub secret: Secret,
    /// How the tool wants messages signed.
    pub method: SignatureMethod,
}

/// Makes one message unique and dates it.
#[derive(Clone, Debug)]
pub struct Stamp {
    nonce: String,
    timestamp: u64,
}

/// The length that oauthlib takes of keys and nonces, unless a tool says otherwise.
const STRICT_LENGTH: std::ops::RangeInclusive<usize> = 20..=30;

impl Stamp {
    /// `nonce` is random, new for every message, 20 to 30 characters of `A-Z a-z 0-9`: hexadecimal of 10 to 15 bytes fits.
    /// `timestamp` is the time now in seconds since 1970; some tools allow it to be no more than 30 s off.
    ///
    /// Fails with [`Error::Nonce`].
    pub fn new(nonce: impl Into<String>, timestamp: u64) -> Result<Self> {
        let nonce = nonce.into();
        let strict = STRICT_LENGTH.contains(&nonce.len()) && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if strict { Ok(Self { nonce, timestamp }) } else { Err(Error::Nonce) }
    }

    /// The nonce.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Seconds since 1970.
    pub fn timestamp(&self) -> u64 {
        self.timestamp
    }
}

/// Something that strict tools refuse although the protocol allows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// The rule's stable name.
    pub code: &'static str,
    /// The field that it concerns: `oauth_consumer_key` or `oauth_consumer_secret`.
    pub field: &'static str,
    /// What may go wrong, and the way out.
    pub text: &'static str,
}

const KEY_LENGTH: Warning = Warning {
    code: "consumer_key_length",
    field: "oauth_consumer_key",
    text: "Tools built on oauthlib refuse keys that are not 20 to 30 characters long; if the tool lets you choose, choose such a key.",
};

const KEY_CHARACTERS: Warning = Warning {
    code: "consumer_key_characters",
    field: "oauth_consumer_key",
    text: "Tools built on oauthlib refuse keys with other characters than A-Z, a-z and 0-9; if the tool lets you choose, choose such a key.",
};

const SECRET_CHARACTERS: Warning = Warning {
    code: "consumer_secret_characters",
    field: "oauth_consumer_secret",
    text: "Tools built on node ims-lti fail with secrets of other characters than A-Z, a-z, 0-9, '-', '.', '_' and '~'; check that no space or line break was copied along.",
};

/// What strict tools would refuse of a key and secret. Neither is wrong by the protocol: the tool may be another one.
pub fn credential_warnings(consumer_key: &str, secret: &str) -> Vec<Warning> {
    let key_fits = consumer_key.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let secret_fits = secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    [
        (STRICT_LENGTH.contains(&consumer_key.chars().count()), KEY_LENGTH),
        (key_fits, KEY_CHARACTERS),
        (secret_fits, SECRET_CHARACTERS),
    ]
    .into_iter()
    .filter_map(|(fits, warning)| (!fits).then_some(warning))
    .collect()
}
