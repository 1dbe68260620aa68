//! How a tool of LTI 1.3 is registered by what it says of itself (LTI Dynamic Registration 1.0): the tool posts it, with
//! an administrator's leave, or an administrator pastes it.

mod leave;

use std::iter;

use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::registration::{Refusal, Registration, ToolConfiguration, ToolMessage};
use serde_json::{Map, Value};

use crate::domain::id::InstituteId;
use crate::domain::lti_registration::{
    LtiRegistration, MOST_REDIRECT_URIS, RedirectUris, RegistrationSettings, ToolScope, ToolScopes,
};
use crate::domain::text::{CustomData, Host, Name, ToolConfigurationText, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{LtiVersion, NewToolProvider, ToolProvider, check_launch_url};
use crate::domain::{Error, Result};

pub use leave::{Leave, Registrant};

const LAUNCH: &str = "LtiResourceLinkRequest";
const DEEP_LINKING: &str = "LtiDeepLinkingRequest";
const BAD_METADATA: &str = "invalid_client_metadata";
const BAD_REDIRECT_URI: &str = "invalid_redirect_uri";

/// A tool as it describes itself, checked. Nobody vouches for any of it.
#[derive(Clone, Debug)]
pub struct DescribedTool {
    /// What it calls itself.
    pub name: Name,
    /// Where it is launched; `None` where it does not say.
    pub tool_url: Option<WebUrl>,
    /// Parameters that it wants with every launch.
    pub custom_data: CustomData,
    /// Whether content can be chosen in it.
    pub offers_content: bool,
    /// Its addresses, and what it may do: all that it asks for and that is offered. Not active.
    pub settings: RegistrationSettings,
}

impl DescribedTool {
    /// Reads a registration request. Scopes that are not offered are left out. http only to this machine, or where
    /// `allow_http`.
    ///
    /// Fails with the answer to the tool, which names the member that breaks a rule.
    pub fn read(body: &[u8], allow_http: bool) -> Result<(Registration, Self), Refusal> {
        let offered = ToolScope::ALL.map(ToolScope::as_str);
        let request = Registration::read(body, &offered, allow_http).map_err(|broken| Refusal::from(&broken))?;
        let tool = Self::of(&request, allow_http)?;
        Ok((request, tool))
    }

    /// Reads what the tool that goes by `client_id` would like to be registered with instead (RFC 7592 section 2.2), and
    /// writes it as it is kept until an administrator has looked at it. Fails as [`DescribedTool::read`] does, and where
    /// another client is named.
    pub fn read_proposal(
        body: &[u8],
        client_id: &str,
        allow_http: bool,
    ) -> Result<(Registration, ToolConfigurationText), Refusal> {
        let offered = ToolScope::ALL.map(ToolScope::as_str);
        let request = Registration::read_replacement(body, client_id, &offered, allow_http);
        let request = request.map_err(|broken| Refusal::from(&broken))?;
        Self::of(&request, allow_http)?;
        let text = ToolConfigurationText::try_from(request.to_value().to_string());
        text.map(|text| (request, text)).map_err(|why| refusal(BAD_METADATA, why))
    }

    fn of(request: &Registration, allow_http: bool) -> Result<Self, Refusal> {
        let url = |text: &str, at: &str| web_url(text, at, allow_http).map_err(|why| refusal(BAD_METADATA, why));
        let message = |kind: &str| request.tool.messages.iter().find(|message| message.message_type == kind);
        let target = |message: Option<&ToolMessage>| message.and_then(|message| message.target_link_uri.clone());
        let tool_url = request.tool.target_link_uri.clone().or_else(|| target(message(LAUNCH)));
        let tool_url = tool_url.map(|text| url(&text, "target_link_uri")).transpose()?;
        let chooser = target(message(DEEP_LINKING)).map(|text| url(&text, "target_link_uri")).transpose()?;
        let name = Name::fitting(&request.client_name);
        Ok(Self {
            name: name.ok_or_else(|| refusal(BAD_METADATA, "client_name holds nothing that can be seen".into()))?,
            custom_data: custom_data(request, message(LAUNCH))?,
            offers_content: message(DEEP_LINKING).is_some(),
            settings: RegistrationSettings {
                login_url: url(&request.initiate_login_uri, "initiate_login_uri")?,
                redirect_uris: redirect_uris(&request.redirect_uris, allow_http)?,
                jwks_url: Some(url(&request.jwks_uri, "jwks_uri")?),
                public_key: None,
                deep_linking_url: chooser.filter(|chooser| Some(chooser) != tool_url.as_ref()),
                scopes: granted(&request.scopes),
                active: false,
            },
            tool_url,
        })
    }

    /// The tool provider that it becomes in an institute. The student's name and address stay here until an
    /// administrator decides otherwise.
    pub fn placed(
        self,
        institute: InstituteId,
        registration: &LtiRegistration,
        now: Timestamp,
    ) -> Result<NewToolProvider> {
        let key = Name::try_from(registration.client_id.clone()).map_err(Error::Internal)?;
        Ok(NewToolProvider {
            tool_url: self.tool_url.map(|url| url.to_string()).unwrap_or_default(),
            use_as_basic_link: !self.offers_content,
            lti_custom_data: self.custom_data,
            lti_version: LtiVersion::V1p3,
            ..NewToolProvider::named(institute, self.name, key, now)
        })
    }
}

/// What a tool is registered with, in the words in which it would say it itself.
pub fn description(tool: &ToolProvider, registration: &LtiRegistration) -> Registration {
    let RegistrationSettings { login_url, redirect_uris, jwks_url, deep_linking_url, scopes, .. } =
        &registration.settings;
    let tool_url = Some(tool.tool_url.clone()).filter(|url| !url.is_empty());
    let host = url::Url::parse(login_url.as_str()).ok().as_ref().and_then(Host::of);
    let takes = |message_type: &str, target_link_uri: Option<String>| ToolMessage {
        message_type: message_type.to_owned(),
        target_link_uri,
        ..ToolMessage::default()
    };
    let chooser = deep_linking_url.as_ref().map(WebUrl::to_string).or_else(|| tool_url.clone());
    let choosing = (!tool.use_as_basic_link).then(|| takes(DEEP_LINKING, chooser));
    Registration {
        client_name: tool.tool_name.to_string(),
        initiate_login_uri: login_url.to_string(),
        redirect_uris: redirect_uris.0.iter().map(WebUrl::to_string).collect(),
        jwks_uri: jwks_url.as_ref().map(WebUrl::to_string).unwrap_or_default(),
        scopes: scopes.0.iter().map(|scope| scope.as_str().to_owned()).collect(),
        tool: ToolConfiguration {
            domain: host.map(|host| host.to_string()).unwrap_or_default(),
            target_link_uri: tool_url.clone(),
            custom: tool.lti_custom_data.pairs().into_iter().collect(),
            messages: iter::once(takes(LAUNCH, tool_url)).chain(choosing).collect(),
            ..ToolConfiguration::default()
        },
        ..Registration::default()
    }
}

fn refusal(code: &str, description: String) -> Refusal {
    Refusal { code: code.to_owned(), description: Some(description) }
}

/// What is compared to the letter is kept to the letter, or refused.
fn web_url(text: &str, at: &str, allow_http: bool) -> Result<WebUrl, String> {
    let url = WebUrl::try_from(text.to_owned()).map_err(|why| format!("{at} {why}"))?;
    if url.as_str() != text {
        return Err(format!("{at} holds characters that can be written in two ways; percent-encode them"));
    }
    check_launch_url(&url, at, allow_http).map_err(|error| error.to_string())?;
    Ok(url)
}

fn redirect_uris(uris: &[String], allow_http: bool) -> Result<RedirectUris, Refusal> {
    let refused = |why| refusal(BAD_REDIRECT_URI, why);
    if uris.len() > MOST_REDIRECT_URIS {
        return Err(refused(format!("redirect_uris holds more than {MOST_REDIRECT_URIS} addresses")));
    }
    let read = uris.iter().enumerate().map(|(index, uri)| web_url(uri, &format!("redirect_uris[{index}]"), allow_http));
    read.collect::<Result<_, _>>().map(RedirectUris).map_err(refused)
}

/// Parameters of the tool, and of its launches where these say something else.
fn custom_data(request: &Registration, launch: Option<&ToolMessage>) -> Result<CustomData, Refusal> {
    let further = launch.map(|launch| launch.custom.clone()).unwrap_or_default();
    let pairs = request.tool.custom.clone().into_iter().chain(further);
    let object: Map<String, Value> = pairs.map(|(name, value)| (name, value.into())).collect();
    let text = Value::Object(object).to_string();
    CustomData::try_from(text).map_err(|why| refusal(BAD_METADATA, format!("custom_parameters {why}")))
}

/// Who may write line items may read them: tools rely on it.
fn granted(asked: &[String]) -> ToolScopes {
    let asks = |scope: &ToolScope| asked.iter().any(|asked| asked == scope.as_str());
    let writes = asked.iter().any(|asked| asked == scope::LINE_ITEM);
    let granted =
        ToolScope::ALL.into_iter().filter(|scope| asks(scope) || (writes && *scope == ToolScope::LineItemRead));
    ToolScopes(granted.collect())
}
