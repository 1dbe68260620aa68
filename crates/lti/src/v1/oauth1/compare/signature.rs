//! Which secret, or which way of signing, gives the signature of the other side (RFC 5849 section 3.4.2).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

use super::super::method::SigningKey;
use super::super::{SignatureMethod, percent_encode};
use crate::Secret;

/// What the other side's signature says of its secret. It never tells the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureCause {
    /// Both sides have the same secret and sign alike.
    Same,
    /// Another signature method.
    Method(SignatureMethod),
    /// White space at the end or the beginning of one side's secret.
    WhiteSpace,
    /// The key has no `&` at its end.
    NoAmpersand,
    /// The secret is not percent-encoded in the key.
    NotEncoded,
    /// The secret is percent-encoded twice in the key.
    EncodedTwice,
    /// The secret differs in capitals.
    Case,
    /// The secret is empty.
    Empty,
    /// The signature is of another form than base64: hexadecimal, or percent-encoded.
    Form,
    /// Another secret.
    OtherSecret,
}

impl SignatureCause {
    /// The stable name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Method(_) => "signature_method",
            Self::WhiteSpace => "secret_white_space",
            Self::NoAmpersand => "key_without_ampersand",
            Self::NotEncoded => "secret_not_encoded",
            Self::EncodedTwice => "secret_encoded_twice",
            Self::Case => "secret_case",
            Self::Empty => "secret_empty",
            Self::Form => "signature_form",
            Self::OtherSecret => "other_secret",
        }
    }

    /// What happened and the way out.
    pub fn advice(self) -> String {
        match self {
            Self::Same => "Both sides have the same secret and sign it alike.".into(),
            Self::Method(method) => {
                format!("The tool signed with {method}; choose the signature method that the launch names.")
            }
            Self::WhiteSpace => "One side's secret has white space at its beginning or end, or a line break, that the \
                                 other's has not. Enter it again on both sides."
                .into(),
            Self::NoAmpersand => "The key of the signature must be the secret and an & behind it.".into(),
            Self::NotEncoded => "The secret must be percent-encoded in the key of the signature. A secret of A-Z a-z \
                                 0-9 - . _ ~ avoids the question."
                .into(),
            Self::EncodedTwice => "The secret was percent-encoded twice in the key of the signature.".into(),
            Self::Case => "The secrets differ in capitals.".into(),
            Self::Empty => "The tool signed with an empty secret: it found none for this consumer key.".into(),
            Self::Form => {
                "The signature is right and written in another form: it must be base64, not percent-encoded, \
                           not hexadecimal."
                    .into()
            }
            Self::OtherSecret => "The tool signed with another secret. Enter it again on both sides.".into(),
        }
    }
}

/// Finds out how the other side came to `signature` over the base string `text`, given the secret here.
pub fn explain(text: &str, signature: &str, method: SignatureMethod, secret: &Secret) -> SignatureCause {
    let Some((given, clean)) = bytes(signature) else { return SignatureCause::OtherSecret };
    let signs = |method: SignatureMethod, key: &SigningKey| method.mac(key, text) == given;
    if signs(method, &SigningKey::new(secret.reveal(), None)) {
        return if clean { SignatureCause::Same } else { SignatureCause::Form };
    }
    let key = SigningKey::new(secret.reveal(), None);
    let others = [SignatureMethod::HmacSha1, SignatureMethod::HmacSha256, SignatureMethod::HmacSha512];
    if let Some(other) = others.into_iter().find(|other| signs(*other, &key)) {
        return SignatureCause::Method(other);
    }
    let variants = variants(secret.reveal());
    let found = variants.into_iter().find(|(_, key)| signs(method, key));
    found.map_or(SignatureCause::OtherSecret, |(cause, _)| cause)
}

fn variants(secret: &str) -> Vec<(SignatureCause, SigningKey)> {
    let plain = |cause, text: &str| (cause, SigningKey::new(text, None));
    let mut variants = vec![
        plain(SignatureCause::WhiteSpace, secret.trim()),
        (SignatureCause::NoAmpersand, SigningKey::raw(percent_encode(secret).into_owned())),
        (SignatureCause::NoAmpersand, SigningKey::raw(secret.to_owned())),
        (SignatureCause::NotEncoded, SigningKey::raw(format!("{secret}&"))),
        plain(SignatureCause::EncodedTwice, &percent_encode(secret)),
        plain(SignatureCause::Case, &secret.to_lowercase()),
        plain(SignatureCause::Case, &secret.to_uppercase()),
        plain(SignatureCause::Empty, ""),
        (SignatureCause::Empty, SigningKey::raw(String::new())),
    ];
    for space in [" ", "\n", "\r\n", "\t", "\u{a0}"] {
        variants.push(plain(SignatureCause::WhiteSpace, &format!("{secret}{space}")));
        variants.push(plain(SignatureCause::WhiteSpace, &format!("{space}{secret}")));
        variants.push(plain(SignatureCause::WhiteSpace, &format!("{}{space}", secret.trim())));
    }
    variants
}

/// The bytes of a signature, and whether it was written as it must be.
fn bytes(signature: &str) -> Option<(Vec<u8>, bool)> {
    if let Ok(bytes) = STANDARD.decode(signature) {
        // Forty hexadecimal digits are base64 too, of thirty bytes that no method gives.
        if [20, 32, 64].contains(&bytes.len()) {
            return Some((bytes, true));
        }
    }
    let plain = percent_encoding::percent_decode_str(signature.trim()).decode_utf8().ok()?.replace(' ', "+");
    let hex = || (0..plain.len() / 2).map(|i| u8::from_str_radix(plain.get(2 * i..2 * i + 2)?, 16).ok()).collect();
    let forms =
        [STANDARD.decode(&plain).ok(), STANDARD_NO_PAD.decode(&plain).ok(), URL_SAFE.decode(&plain).ok(), hex()];
    forms.into_iter().flatten().find(|bytes: &Vec<u8>| [20, 32, 64].contains(&bytes.len())).map(|bytes| (bytes, false))
}
