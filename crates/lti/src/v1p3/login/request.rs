//! The second step: the tool asks the platform for a token.

use super::{AuthenticationError, Refusal, RefusedRequest};
use crate::v1::launch::SignedForm;
use crate::v1::oauth1::Param;
use crate::v1p3::claims::scope;
use crate::v1p3::form::{Form, described, present};
use crate::v1p3::{Error, Result};

/// What a tool is told that is registered and may not ask.
const NOT_ACTIVE: &str = "the tool is not active here; an administrator of the platform decides that";

/// What was agreed on with the tool.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// The tool's name here.
    pub client_id: &'a str,
    /// Where answers may go, letter for letter.
    pub redirect_uris: &'a [String],
    /// Whether the tool may ask now. One that may not is told so, where it names one of its addresses.
    pub active: bool,
}

/// A request that nobody has checked yet. It tells only which tool it claims to be from.
#[derive(Clone, Debug)]
pub struct AuthenticationRequest {
    form: Form,
    client_id: String,
}

impl AuthenticationRequest {
    /// Reads the query of a GET or the form of a POST. Parameters that nobody knows are passed over.
    ///
    /// Fails with [`Error::Missing`] (the client) and [`Error::Repeated`]; neither may be sent on.
    pub fn parse(pairs: Vec<Param>) -> Result<Self> {
        let form = Form::read(pairs)?;
        Ok(Self { client_id: form.required_short("client_id")?, form })
    }

    /// The tool that the request claims to be from.
    pub fn client_id(&self) -> &str {
        &self.client_id
    }

    /// Checks every parameter, in this order: `client_id`, `redirect_uri`, `state`, whether the tool is `active`, `request`,
    /// `request_uri`, `response_type`, `scope`, `response_mode`, `prompt`, `nonce`, `lti_message_hint`, `login_hint`. Client
    /// and address come first, because only then the tool may be told what is wrong.
    pub fn check(self, registration: &Registration<'_>) -> Result<CheckedRequest, RefusedRequest> {
        let shown = |parameter, error| RefusedRequest { parameter, refusal: Refusal::Shown(error) };
        if self.client_id != registration.client_id {
            return Err(shown("client_id", Error::Client));
        }
        let redirect_uri = self.redirect_uri(registration).map_err(|error| shown("redirect_uri", error))?;
        let state = self.form.short("state").map_err(|error| shown("state", error))?;
        let tool = Tool { redirect_uri, state };
        let refused = |parameter, code, why: &str| RefusedRequest { parameter, refusal: tool.refuse(code, why) };
        if !registration.active {
            return Err(refused("active", AuthenticationError::UnauthorizedClient, NOT_ACTIVE));
        }
        self.check_protocol().map_err(|(parameter, code, why)| refused(parameter, code, &why))?;
        let required = |name| {
            let invalid = |error: Error| refused(name, AuthenticationError::InvalidRequest, &error.to_string());
            self.form.required_short(name).map_err(invalid)
        };
        let nonce = required("nonce")?;
        let (message_hint, login_hint) = (required("lti_message_hint")?, required("login_hint")?);
        Ok(CheckedRequest { tool, nonce, login_hint, message_hint })
    }

    fn redirect_uri(&self, registration: &Registration<'_>) -> Result<String> {
        let uri = self.form.required("redirect_uri")?;
        let registered = registration.redirect_uris.iter().find(|registered| *registered == uri);
        registered.cloned().ok_or(Error::RedirectUri)
    }

    /// What LTI fixes (LTI Security Framework, section 5.1.1.2).
    fn check_protocol(&self) -> Result<(), (&'static str, AuthenticationError, String)> {
        use AuthenticationError as Code;
        let said = |name| self.form.get(name).unwrap_or_default();
        let is_openid = said("scope").split(' ').any(|name| name == scope::OPENID);
        let rules = [
            ("request", said("request").is_empty(), Code::RequestNotSupported, "is not supported"),
            ("request_uri", said("request_uri").is_empty(), Code::RequestUriNotSupported, "is not supported"),
            ("response_type", !said("response_type").is_empty(), Code::InvalidRequest, "is missing; send id_token"),
            ("response_type", said("response_type") == "id_token", Code::UnsupportedResponseType, "must be id_token"),
            ("scope", !said("scope").is_empty(), Code::InvalidRequest, "is missing; send openid"),
            ("scope", is_openid, Code::InvalidScope, "must be openid"),
            ("response_mode", said("response_mode") == "form_post", Code::InvalidRequest, "must be form_post"),
            ("prompt", said("prompt") == "none", Code::InvalidRequest, "must be none"),
        ];
        let broken = rules.into_iter().find(|(_, kept, ..)| !kept);
        broken.map_or(Ok(()), |(parameter, _, code, why)| Err((parameter, code, format!("{parameter} {why}"))))
    }
}

/// A request by a known tool that keeps every rule of the protocol. Whether its hints are good is for the caller to say:
/// they must be those of one launch, unused, of this client, and of the person who is logged in.
#[derive(Clone, Debug)]
pub struct CheckedRequest {
    tool: Tool,
    nonce: String,
    login_hint: String,
    message_hint: String,
}

impl CheckedRequest {
    /// Where the answer goes.
    pub fn redirect_uri(&self) -> &str {
        &self.tool.redirect_uri
    }

    /// What the token repeats.
    pub fn nonce(&self) -> &str {
        &self.nonce
    }

    /// The person, as our login initiation named them.
    pub fn login_hint(&self) -> &str {
        &self.login_hint
    }

    /// The launch, as our login initiation named it.
    pub fn message_hint(&self) -> &str {
        &self.message_hint
    }

    /// The form that brings a token to the tool.
    pub fn answer(&self, id_token: &str, storage_target: Option<&str>) -> SignedForm {
        let state = self.tool.state.as_deref();
        self.tool.form([("id_token", Some(id_token)), ("state", state), ("lti_storage_target", storage_target)])
    }

    /// Tells the tool why there is no token. The description may be shown to people: it names no person and no secret.
    pub fn refuse(&self, code: AuthenticationError, description: &str) -> Refusal {
        self.tool.refuse(code, description)
    }
}

/// Where answers go, and what ties them to the request.
#[derive(Clone, Debug)]
struct Tool {
    redirect_uri: String,
    state: Option<String>,
}

impl Tool {
    fn refuse(&self, code: AuthenticationError, description: &str) -> Refusal {
        let (error, description) = (Some(code.as_str()), described(description));
        let state = ("state", self.state.as_deref());
        let form = self.form([("error", error), ("error_description", Some(&description)), state]);
        Refusal::Sent { code, form }
    }

    fn form(&self, fields: [(&'static str, Option<&str>); 3]) -> SignedForm {
        SignedForm { action: self.redirect_uri.clone(), fields: present(fields) }
    }
}
