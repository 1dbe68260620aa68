//! How a request shows who sent it. There are two schemes, one file each: a signature over the request's [`parameters`],
//! which every client of the published API has, and one over the HTTP message ([`rfc9421`]), which binds the method, the
//! address and the body too. Either way a request brings a [`Claim`], and `auth` decides whether it is true.

mod parameters;
pub mod rfc9421;

use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use hmac::digest::Key;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::api::params::Parameters;
use crate::api::problem::{Kind, Problem};
use crate::config::PublicUrl;
use crate::domain::Error;
use crate::domain::error::Unauthenticated;
use crate::domain::secret::Secret;

pub use parameters::{Vocabulary, ambiguous, canonical, message};
use rfc9421::MessageSignature;

/// A secret key, ready to verify with.
pub type PreparedKey = Hmac<Sha256>;

/// Prepares a secret key. Any length is fine for HMAC.
pub fn prepare(secret: &str) -> PreparedKey {
    // HMAC takes keys of every length, so the error cannot happen; an empty key is refused by every signature.
    PreparedKey::new_from_slice(secret.as_bytes()).unwrap_or_else(|_| PreparedKey::new(&Key::<PreparedKey>::default()))
}

/// The HMAC-SHA256 of a message: 32 bytes.
pub fn sign(key: &PreparedKey, message: &str) -> [u8; 32] {
    key.clone().chain_update(message).finalize().into_bytes().into()
}

/// Whether `signature` is the message's, in constant time. `None` stands for what cannot be a signature: it takes as long.
pub fn verify(key: &PreparedKey, message: &str, signature: Option<[u8; 32]>) -> bool {
    let right = bool::from(sign(key, message).ct_eq(&signature.unwrap_or_default()));
    right & signature.is_some()
}

/// What a request says of its sender: read, and not verified.
pub struct Claim {
    /// Who claims to have sent it.
    pub token: Secret,
    /// What may have been signed: more than one where clients write it in different ways.
    pub messages: Vec<String>,
    /// The signature; `None` where what was sent cannot be one.
    pub signature: Option<[u8; 32]>,
    /// New for this token.
    pub nonce: String,
    /// When it was signed, in milliseconds since 1970.
    pub timestamp: i64,
    /// After which time it counts no more, in milliseconds since 1970.
    pub expires: Option<i64>,
    /// What the signature covers.
    pub scheme: Scheme,
}

/// What a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// The parameters, and neither method nor address.
    Parameters,
    /// The HTTP message.
    Message,
}

/// What the headers alone tell about the sender, so that a request without credentials is refused before its body is
/// read.
pub enum Credential {
    /// A token; the signature stands among the parameters.
    Token(Secret),
    /// The signature of the whole message.
    Message(MessageSignature),
}

impl Credential {
    /// Reads the headers. A message signature names its token itself; an `Authorization` beside it must name the same.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let headers = request.headers();
        let Some(signature) = MessageSignature::read(headers)? else {
            return Ok(Self::Token(token(headers).ok_or(Error::Unauthenticated(Unauthenticated::MissingToken))?));
        };
        let agrees = |token: Secret| token.reveal() == signature.token.reveal();
        if headers.contains_key(AUTHORIZATION) && !token(headers).is_some_and(agrees) {
            return Err(Problem::at(
                Kind::CONFLICTING,
                "Authorization",
                "differs from keyid in Signature-Input; send the same token in both, or leave Authorization out",
            ));
        }
        Ok(Self::Message(signature))
    }

    /// Who claims to have sent the request.
    pub fn token(&self) -> &Secret {
        match self {
            Self::Token(token) => token,
            Self::Message(signature) => &signature.token,
        }
    }

    /// What the whole request claims. `public_url` is how the outside world reaches this server.
    pub fn claim(
        self,
        request: &HttpRequest,
        parameters: &Parameters,
        public_url: &PublicUrl,
    ) -> Result<Claim, Problem> {
        match self {
            Self::Token(token) => parameters::claim(token, parameters),
            Self::Message(signature) => signature.claim(request, parameters, public_url),
        }
    }
}

/// `Authorization: Token token=<api_token>`, with or without quotes around the token.
fn token(headers: &HeaderMap) -> Option<Secret> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let token = header.strip_prefix("Token ")?.trim().strip_prefix("token=")?.trim_matches('"');
    (!token.is_empty()).then(|| Secret::new(token))
}
