//! What a platform says of itself: the OpenID configuration of Dynamic Registration 1.0.

use serde_json::{Value, json};
use url::Url;

use crate::json::{object, text};
use crate::v1p3::claims::{PLATFORM_CONFIGURATION, scope};
use crate::v1p3::reader::{LINE, Object, parse, wrong_type};
use crate::v1p3::service_error::{Result, ServiceError};

/// The most entries of one list that is read.
const LISTED: usize = 500;

/// The configuration of a platform. The methods and algorithms are always those of LTI 1.3: `private_key_jwt`, RS256 and
/// `id_token`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlatformConfiguration {
    /// `issuer`
    pub issuer: String,
    /// `authorization_endpoint`
    pub authorization_endpoint: String,
    /// `token_endpoint`
    pub token_endpoint: String,
    /// `authorization_server`: the audience of client assertions, where it is not the token endpoint.
    pub authorization_server: Option<String>,
    /// `jwks_uri`
    pub jwks_uri: String,
    /// `registration_endpoint`, where tools may register themselves; a tool that reads the document needs it.
    pub registration_endpoint: Option<String>,
    /// `scopes_supported`; `openid` is always written before them, and passed over when it is read.
    pub scopes: Vec<String>,
    /// `claims_supported`
    pub claims: Vec<String>,
    /// `product_family_code`
    pub product_family_code: String,
    /// `version`
    pub version: String,
    /// `messages_supported`
    pub messages: Vec<SupportedMessage>,
    /// `variables`: names without the dollar sign.
    pub variables: Vec<String>,
    /// `notice_types_supported`
    pub notice_types: Vec<String>,
}

/// A message that a platform sends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SupportedMessage {
    /// `type`
    pub message_type: String,
    /// `placements`: from where it is sent.
    pub placements: Vec<String>,
}

impl PlatformConfiguration {
    /// Writes the document. Every member is one that some client insists on.
    pub fn to_value(&self) -> Value {
        let scopes: Vec<&str> = std::iter::once(scope::OPENID).chain(self.scopes.iter().map(String::as_str)).collect();
        object([
            ("issuer", Some(json!(self.issuer))),
            ("authorization_endpoint", Some(json!(self.authorization_endpoint))),
            ("token_endpoint", Some(json!(self.token_endpoint))),
            ("token_endpoint_auth_methods_supported", Some(json!(["private_key_jwt"]))),
            ("token_endpoint_auth_signing_alg_values_supported", Some(json!(["RS256"]))),
            ("authorization_server", text(self.authorization_server.as_ref())),
            ("jwks_uri", Some(json!(self.jwks_uri))),
            ("registration_endpoint", text(self.registration_endpoint.as_ref())),
            ("scopes_supported", Some(json!(scopes))),
            ("response_types_supported", Some(json!(["id_token"]))),
            ("response_modes_supported", Some(json!(["form_post"]))),
            ("subject_types_supported", Some(json!(["public", "pairwise"]))),
            ("id_token_signing_alg_values_supported", Some(json!(["RS256"]))),
            ("claims_supported", Some(json!(self.claims))),
            (PLATFORM_CONFIGURATION, Some(self.platform())),
        ])
    }

    fn platform(&self) -> Value {
        let message = |message: &SupportedMessage| {
            object([
                ("type", Some(json!(message.message_type))),
                ("placements", (!message.placements.is_empty()).then(|| json!(message.placements))),
            ])
        };
        object([
            ("product_family_code", Some(json!(self.product_family_code))),
            ("version", Some(json!(self.version))),
            ("messages_supported", Some(json!(self.messages.iter().map(message).collect::<Vec<_>>()))),
            ("variables", Some(json!(self.variables))),
            ("notice_types_supported", (!self.notice_types.is_empty()).then(|| json!(self.notice_types))),
        ])
    }

    /// Reads the document that a tool found at `fetched_from`; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`], and with [`ServiceError::IssuerHost`]: a platform speaks for
    /// itself alone.
    pub fn read(body: &[u8], fetched_from: &str, allow_http: bool) -> Result<Self> {
        let document = parse(body)?;
        let configuration = Object::read(&document, String::new())?;
        let mut scopes = configuration.texts("scopes_supported", LISTED, LINE)?;
        scopes.retain(|scope| scope != scope::OPENID);
        let read = Self {
            issuer: issuer(&configuration, fetched_from, allow_http)?,
            authorization_endpoint: configuration.required_secure_url("authorization_endpoint", allow_http)?,
            token_endpoint: configuration.required_secure_url("token_endpoint", allow_http)?,
            authorization_server: configuration.text("authorization_server", LINE)?,
            jwks_uri: configuration.required_secure_url("jwks_uri", allow_http)?,
            registration_endpoint: Some(configuration.required_secure_url("registration_endpoint", allow_http)?),
            scopes,
            claims: configuration.texts("claims_supported", LISTED, LINE)?,
            ..Self::default()
        };
        match configuration.object(PLATFORM_CONFIGURATION)? {
            Some(platform) => read.with_platform(&platform),
            None => Ok(read),
        }
    }

    fn with_platform(self, platform: &Object<'_>) -> Result<Self> {
        let message = |message: &Object<'_>| {
            Ok(SupportedMessage {
                message_type: message.required_text("type", LINE)?,
                placements: message.texts("placements", LISTED, LINE)?,
            })
        };
        Ok(Self {
            product_family_code: platform.text("product_family_code", LINE)?.unwrap_or_default(),
            version: platform.text("version", LINE)?.unwrap_or_default(),
            messages: platform.objects("messages_supported", LISTED)?.iter().map(message).collect::<Result<_>>()?,
            variables: platform.texts("variables", LISTED, LINE)?,
            notice_types: platform.texts("notice_types_supported", LISTED, LINE)?,
            ..self
        })
    }
}

/// Core section 3.1.3: an issuer is a URL without query and fragment.
fn issuer(configuration: &Object<'_>, fetched_from: &str, allow_http: bool) -> Result<String> {
    let issuer = configuration.required_secure_url("issuer", allow_http)?;
    if issuer.contains('?') {
        return Err(wrong_type("issuer".into(), "a URL without a query"));
    }
    let host = |url: &str| Url::parse(url).ok()?.host_str().map(str::to_owned);
    let found_at = host(fetched_from).unwrap_or_default();
    if host(&issuer).as_deref() == Some(&found_at) { Ok(issuer) } else { Err(ServiceError::IssuerHost(found_at)) }
}
