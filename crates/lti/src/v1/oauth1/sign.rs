//! Signing, by the crate `oauth1-request`.
//!
//! That crate writes names as they are, wants its parameters sorted as they will be written, knows no URL with a query
//! and no HMAC-SHA256. This adapter gives it encoded names in encoded order, the query among the parameters, and a
//! signature method of our own.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oauth1_request::serializer::Serializer;
use oauth1_request::signature_method::{self as library, Sign};
use oauth1_request::{Builder, Credentials};

use super::base_string::{EncodedParam, normalized};
use super::method::SigningKey;
use super::{Request, Secrets, SignatureMethod, Target, decode_pairs, percent_encode};
use crate::{Result, Secret};

impl Request<'_> {
    /// The signature of this request: base64, not percent-encoded. `params` must hold every other `oauth_` parameter.
    ///
    /// Fails as [`Request::base_string`] does.
    pub fn sign<'a>(&self, method: SignatureMethod, secrets: impl Into<Secrets<'a>>) -> Result<String> {
        let target = Target::parse(self.url)?;
        let query = decode_pairs(target.query.as_bytes())?;
        let params = normalized(&query, self.params);
        Ok(signature((&self.method.to_ascii_uppercase(), &target.base_uri), params, method, secrets.into()))
    }
}

/// The signature of a request by this method, in upper case, to this base string URI, with all its parameters.
pub(in crate::v1) fn signature(
    (http_method, base_uri): (&str, &str),
    params: Vec<EncodedParam<'_>>,
    method: SignatureMethod,
    secrets: Secrets<'_>,
) -> String {
    let mut builder = Builder::new(Credentials::new("", secrets.consumer.reveal()), Hmac(method));
    builder.token(secrets.token.map(|token| Credentials::new("", Secret::reveal(token))));
    let form = builder.into_form(http_method, base_uri, &Encoded(params));
    form.replacen("oauth_signature=", "", 1)
}

/// Every parameter, those of OAuth included, so that the library adds none of its own.
struct Encoded<'a>(Vec<EncodedParam<'a>>);

impl oauth1_request::Request for Encoded<'_> {
    fn serialize<S: Serializer>(&self, mut serializer: S) -> S::Output {
        for (name, value) in &self.0 {
            // The value is encoded once more on its way into the base string, the name is not: most are as they were.
            match name {
                Cow::Borrowed(name) => serializer.serialize_parameter_encoded(name, value),
                Cow::Owned(name) => serializer.serialize_parameter_encoded(&percent_encode(name), value),
            }
        }
        serializer.end()
    }
}

struct Hmac(SignatureMethod);

impl library::SignatureMethod for Hmac {
    type Sign = HmacSign;

    fn sign_with(self, consumer_secret: &str, token_secret: Option<&str>) -> HmacSign {
        let key = SigningKey::new(consumer_secret, token_secret);
        HmacSign { method: self.0, key, base_string: String::with_capacity(4096) }
    }
}

struct HmacSign {
    method: SignatureMethod,
    key: SigningKey,
    base_string: String,
}

impl HmacSign {
    fn write(&mut self, part: impl Display) {
        let _infallible = write!(self.base_string, "{part}");
    }
}

impl Sign for HmacSign {
    type Signature = String;

    fn get_signature_method_name(&self) -> &'static str {
        self.method.as_str()
    }

    fn request_method(&mut self, method: &str) {
        self.base_string.extend([&*percent_encode(method), "&"]);
    }

    fn uri<T: Display>(&mut self, uri: T) {
        self.write(uri);
        self.base_string.push('&');
    }

    fn parameter<V: Display>(&mut self, name: &str, value: V) {
        self.base_string.extend([name, "%3D"]);
        self.write(value);
    }

    fn delimiter(&mut self) {
        self.base_string.push_str("%26");
    }

    fn end(self) -> String {
        STANDARD.encode(self.method.mac(&self.key, &self.base_string))
    }
}
