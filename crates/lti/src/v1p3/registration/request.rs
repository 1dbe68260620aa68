//! What a tool asks to be registered as (Dynamic Registration 1.0, after OpenID Connect Dynamic Registration 1.0).

use serde_json::{Map, Value, json};

use super::ToolConfiguration;
use super::tool::list;
use crate::json::{present, text};
use crate::v1p3::claims::TOOL_CONFIGURATION;
use crate::v1p3::reader::{ID, LINE, Object, TEXT, URL, one_of, parse, secure_url};
use crate::v1p3::service_error::{Result, ServiceError};

/// The most redirect URIs, and the most contacts.
const LISTED: usize = 50;

/// The registration of a tool. Its methods and algorithms are always those of LTI 1.3. Names are a stranger's: escape
/// them where they are shown. An administrator decides before it counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registration {
    /// `client_name`; where only names with a language are given, one of them.
    pub client_name: String,
    /// `initiate_login_uri`: where a launch begins.
    pub initiate_login_uri: String,
    /// `redirect_uris`: where an `id_token` may go, to the letter.
    pub redirect_uris: Vec<String>,
    /// `jwks_uri`: where the tool's keys are. Empty, and not written, where the platform got them in another way.
    pub jwks_uri: String,
    /// `logo_uri`
    pub logo_uri: Option<String>,
    /// `client_uri`: a page about the tool.
    pub client_uri: Option<String>,
    /// `policy_uri`: how it keeps data.
    pub policy_uri: Option<String>,
    /// `tos_uri`: its terms.
    pub tos_uri: Option<String>,
    /// `contacts`: addresses of people.
    pub contacts: Vec<String>,
    /// `scope`, split: what the tool may ask a token for.
    pub scopes: Vec<String>,
    /// `lti-tool-configuration`
    pub tool: ToolConfiguration,
}

impl Registration {
    /// Reads the body of a request. Scopes that are not `offered` are left out, so that a tool may ask for all that it
    /// knows; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`]; [`Refusal::from`](super::Refusal) is the answer to them.
    pub fn read(body: &[u8], offered: &[&str], allow_http: bool) -> Result<Self> {
        Self::from_object(&Object::read(&parse(body)?, String::new())?, offered, allow_http)
    }

    /// Reads the body of a PUT, which replaces the registration of this client whole.
    ///
    /// Fails as [`Registration::read`] does, and with [`ServiceError::OtherClient`].
    pub fn read_replacement(body: &[u8], client_id: &str, offered: &[&str], allow_http: bool) -> Result<Self> {
        let document = parse(body)?;
        let request = Object::read(&document, String::new())?;
        if request.text("client_id", ID)?.is_some_and(|said| said != client_id) {
            return Err(ServiceError::OtherClient);
        }
        Self::from_object(&request, offered, allow_http)
    }

    fn from_object(request: &Object<'_>, offered: &[&str], allow_http: bool) -> Result<Self> {
        check_fixed(request)?;
        let tool = request.required(TOOL_CONFIGURATION, request.object(TOOL_CONFIGURATION)?)?;
        let scopes = request.text("scope", TEXT)?.unwrap_or_default();
        Ok(Self {
            client_name: client_name(request)?,
            initiate_login_uri: request.required_secure_url("initiate_login_uri", allow_http)?,
            redirect_uris: redirect_uris(request, allow_http)?,
            jwks_uri: request.required_secure_url("jwks_uri", allow_http)?,
            logo_uri: request.web_url("logo_uri")?,
            client_uri: request.web_url("client_uri")?,
            policy_uri: request.web_url("policy_uri")?,
            tos_uri: request.web_url("tos_uri")?,
            contacts: request.texts("contacts", LISTED, LINE)?,
            scopes: granted(&scopes, offered),
            tool: ToolConfiguration::read(&tool, allow_http)?,
        })
    }

    /// The request as JSON, as a tool sends it.
    pub fn to_value(&self) -> Value {
        Value::Object(self.members(None))
    }

    pub(super) fn members(&self, deployment_id: Option<&String>) -> Map<String, Value> {
        present([
            ("application_type", Some(json!("web"))),
            ("response_types", Some(json!(["id_token"]))),
            ("grant_types", Some(json!(["implicit", "client_credentials"]))),
            ("initiate_login_uri", Some(json!(self.initiate_login_uri))),
            ("redirect_uris", Some(json!(self.redirect_uris))),
            ("client_name", Some(json!(self.client_name))),
            ("jwks_uri", text(Some(&self.jwks_uri).filter(|uri| !uri.is_empty()))),
            ("logo_uri", text(self.logo_uri.as_ref())),
            ("client_uri", text(self.client_uri.as_ref())),
            ("policy_uri", text(self.policy_uri.as_ref())),
            ("tos_uri", text(self.tos_uri.as_ref())),
            ("token_endpoint_auth_method", Some(json!("private_key_jwt"))),
            ("id_token_signed_response_alg", Some(json!("RS256"))),
            ("contacts", list(&self.contacts)),
            ("scope", Some(json!(self.scopes.join(" ")))),
            (TOOL_CONFIGURATION, Some(self.tool.to_value(deployment_id))),
        ])
    }
}

/// Each scope that is offered, once, in the tool's order.
fn granted(scopes: &str, offered: &[&str]) -> Vec<String> {
    let mut granted: Vec<String> = Vec::new();
    for scope in scopes.split_whitespace().filter(|scope| offered.contains(scope)) {
        if !granted.iter().any(|known| known == scope) {
            granted.push(scope.to_owned());
        }
    }
    granted
}

/// Grants that a registration may name. "implict" is a slip of the draft that tools copied.
const GRANTS: [(&str, ()); 5] =
    [("implicit", ()), ("implict", ()), ("client_credentials", ()), ("authorization_code", ()), ("refresh_token", ())];

/// What LTI leaves no choice in: a tool that asks for something else would fail later.
fn check_fixed(request: &Object<'_>) -> Result<()> {
    request.one_of("application_type", &[("web", ())])?;
    request.one_of("token_endpoint_auth_method", &[("private_key_jwt", ())])?;
    request.one_of("id_token_signed_response_alg", &[("RS256", ())])?;
    for kind in request.texts("response_types", LISTED, LINE)? {
        one_of(&kind, &[("id_token", ())], || request.at("response_types"))?;
    }
    for grant in request.texts("grant_types", LISTED, LINE)? {
        one_of(&grant, &GRANTS, || request.at("grant_types"))?;
    }
    Ok(())
}

fn client_name(request: &Object<'_>) -> Result<String> {
    let with_language = || request.members().keys().find(|name| name.starts_with("client_name#"));
    match (request.text("client_name", LINE)?, with_language()) {
        (None, Some(name)) => request.required_text(name, LINE),
        (name, _) => request.required("client_name", name),
    }
}

fn redirect_uris(request: &Object<'_>, allow_http: bool) -> Result<Vec<String>> {
    let mut uris = Vec::new();
    for (index, uri) in request.texts("redirect_uris", LISTED, URL)?.into_iter().enumerate() {
        uris.push(secure_url(&uri, allow_http, || format!("redirect_uris[{index}]"))?);
    }
    if uris.is_empty() { Err(ServiceError::Missing("redirect_uris".into())) } else { Ok(uris) }
}
