//! The second step: the tool asks the platform for a token.

use super::{AuthenticationError, Refusal};
use crate::v1::launch::SignedForm;
use crate::v1::oauth1::Param;
use crate::v1p3::claims::scope;
use crate::v1p3::form::{Form, described, present};
use crate::v1p3::{Error, Result};

/// What was agreed on with the tool.
#[derive(Clone, Copy, Debug)]
pub struct Registration<'a> {
    /// The tool's name here.
    pub client_id: &'a str,
    /// Where answers may go, letter for letter.
    pub redirect_uris: &'a [String],
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

    /// Checks every parameter; client and address first, because only then the tool may be told what is wrong.
    pub fn check(self, registration: &Registration<'_>) -> Result<CheckedRequest, Refusal> {
        let redirect_uri = self.redirect_uri(registration).map_err(Refusal::Shown)?;
        let state = self.form.short("state").map_err(Refusal::Shown)?;
        let tool = Tool { redirect_uri, state };
        self.check_protocol().map_err(|(code, why)| tool.refuse(code, why))?;
        let required = |name| {
            let invalid = |error: Error| tool.refuse(AuthenticationError::InvalidRequest, &error.to_string());
            self.form.required_short(name).map_err(invalid)
        };
        let (nonce, login_hint) = (required("nonce")?, required("login_hint")?);
        let message_hint = required("lti_message_hint")?;
        Ok(CheckedRequest { tool, nonce, login_hint, message_hint })
    }

    fn redirect_uri(&self, registration: &Registration<'_>) -> Result<String> {
        if self.client_id != registration.client_id {
            return Err(Error::Client);
        }
        let uri = self.form.required("redirect_uri")?;
        let registered = registration.redirect_uris.iter().find(|registered| *registered == uri);
        registered.cloned().ok_or(Error::RedirectUri)
    }

    /// What LTI fixes (LTI Security Framework, section 5.1.1.2).
    fn check_protocol(&self) -> Result<(), (AuthenticationError, &'static str)> {
        use AuthenticationError as Code;
        let said = |name| self.form.get(name).unwrap_or_default();
        let rules = [
            (said("request").is_empty(), Code::RequestNotSupported, "request is not supported"),
            (said("request_uri").is_empty(), Code::RequestUriNotSupported, "request_uri is not supported"),
            (!said("response_type").is_empty(), Code::InvalidRequest, "response_type is missing; send id_token"),
            (said("response_type") == "id_token", Code::UnsupportedResponseType, "response_type must be id_token"),
            (!said("scope").is_empty(), Code::InvalidRequest, "scope is missing; send openid"),
            (said("scope").split(' ').any(|name| name == scope::OPENID), Code::InvalidScope, "scope must be openid"),
            (said("response_mode") == "form_post", Code::InvalidRequest, "response_mode must be form_post"),
            (said("prompt") == "none", Code::InvalidRequest, "prompt must be none"),
        ];
        rules.into_iter().find(|(kept, ..)| !kept).map_or(Ok(()), |(_, code, why)| Err((code, why)))
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

    fn form(&self, fields: [(&str, Option<&str>); 3]) -> SignedForm {
        SignedForm { action: self.redirect_uri.clone(), fields: present(fields) }
    }
}
