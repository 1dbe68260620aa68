//! `/tool_providers`

pub mod invitation;
mod registration;

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use examlink_lti::v1::credentials::{Warning, credential_warnings};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, List, Listed, Shown, shows};
use crate::app::App;
use crate::domain::access::{ManageTools, ReadTools};
use crate::domain::id::{InstituteId, ToolProviderId};
use crate::domain::lti_registration::{LtiRegistration, ToolScope};
use crate::domain::secret::{Secret, random_secret};
use crate::domain::text::{CustomData, KeyText, Name, ToolConfigurationText, WebUrl};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::{
    LtiVersion, NewToolProvider, Presentation, SignatureMethod, check_launch_url, secret_place,
};
use crate::domain::{Error, Result};
use crate::store::tool_providers::Registered;
use crate::store::{Tx, institutes, tool_providers};
use registration::{Making, RegistrationView};

/// What stands for a secret that is not shown.
const HIDDEN: &str = "********";

/// A tool provider as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[allow(clippy::struct_excessive_bools)] // each is a switch of its own
#[schema(as = ToolProvider)]
pub struct ToolProviderView {
    id: ToolProviderId,
    tool_name: Name,
    /// Empty where every resource names its own URL.
    tool_url: String,
    oauth_consumer_key: Name,
    /// In clear in the answer that sets it, `********` in every other.
    #[schema(example = "********")]
    oauth_consumer_secret: String,
    institute_id: InstituteId,
    use_as_basic_link: bool,
    lti_custom_data: CustomData,
    oauth_signature_method: SignatureMethod,
    share_name: bool,
    share_email: bool,
    presentation: Presentation,
    lti_version: LtiVersion,
    send_raw_custom_names: bool,
    offer_relaunch: bool,
    /// Where it speaks LTI 1.3, or did.
    registration: Option<RegistrationView>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// What strict tools refuse about the key and the secret. Only in the answer that sets them.
    #[schema(example = json!([]))]
    warnings: Vec<WarningView>,
}

/// Something that works with many tools and not with all.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Warning)]
struct WarningView {
    field: &'static str,
    code: &'static str,
    detail: &'static str,
}

impl From<Registered> for ToolProviderView {
    fn from((tool, registration, deployments): Registered) -> Self {
        Self {
            id: tool.id,
            tool_name: tool.tool_name,
            tool_url: tool.tool_url,
            oauth_consumer_key: tool.oauth_consumer_key,
            oauth_consumer_secret: HIDDEN.into(),
            institute_id: tool.institute_id,
            use_as_basic_link: tool.use_as_basic_link,
            lti_custom_data: tool.lti_custom_data,
            oauth_signature_method: tool.oauth_signature_method,
            share_name: tool.share_name,
            share_email: tool.share_email,
            presentation: tool.presentation,
            lti_version: tool.lti_version,
            send_raw_custom_names: tool.send_raw_custom_names,
            offer_relaunch: tool.offer_relaunch,
            registration: registration.map(|registration| RegistrationView::of(registration, deployments)),
            created_at: tool.created_at,
            updated_at: tool.updated_at,
            warnings: Vec::new(),
        }
    }
}

impl ToolProviderView {
    /// The view for the one who just set the key or the secret.
    fn after_setting(registered: Registered, set: Option<&Secret>, current: &Secret) -> Self {
        let view = |w: Warning| WarningView { field: w.field, code: w.code, detail: w.text };
        let warnings = credential_warnings(registered.0.oauth_consumer_key.as_str(), current.reveal());
        let warnings = warnings.into_iter().map(view).collect();
        let shown = set.map_or(HIDDEN, Secret::reveal).to_owned();
        Self { oauth_consumer_secret: shown, warnings, ..registered.into() }
    }
}

/// One tool provider.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolProviderEnvelope {
    tool_provider: ToolProviderView,
}

shows!(ToolProviderEnvelope, tool_provider);

/// A page of tool providers.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolProvidersEnvelope {
    tool_providers: Vec<ToolProviderView>,
}

/// What an administrator sets of a tool provider.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "tool_name": "Maths tool", "oauth_consumer_key": "exam2026institute4key",
    "oauth_consumer_secret": "kj4h5kj2h34kj5h2k3j4h5kjh", "tool_url": "https://tool.example/launch",
    "use_as_basic_link": true, "lti_custom_data": "{\"course\":\"A1\"}",
}))]
pub struct ToolProviderFields {
    tool_name: Given<Name>,
    /// The key that the tool's vendor gave. A tool of LTI 1.3 alone has none.
    oauth_consumer_key: Given<Name>,
    /// The secret that the tool's vendor gave. A tool of LTI 1.3 alone has none.
    oauth_consumer_secret: Given<ConsumerSecret>,
    /// Where launches go: https, or http on this machine.
    tool_url: Patch<WebUrl>,
    /// true: launched directly. false: content can be chosen in it (deep linking), see `selections`.
    use_as_basic_link: Given<bool>,
    /// A JSON object as text; each name is sent with `custom_` in front. A value that is `$` and the name of a variable,
    /// such as `$User.id`, is sent as what that stands for; `\$` keeps the sign.
    lti_custom_data: Given<CustomData>,
    oauth_signature_method: Given<SignatureMethod>,
    /// Whether the tool is told the student's name.
    share_name: Given<bool>,
    /// Whether the tool is told the student's e-mail address.
    share_email: Given<bool>,
    presentation: Given<Presentation>,
    /// 1.3: `login_url` and `redirect_uris` must be there. A tool can be moved from 1.1 to 1.3: its links and results stay.
    lti_version: Given<LtiVersion>,
    /// Where launches begin by LTI 1.3, as the tool's documentation has it (initiate login URL).
    login_url: Given<WebUrl>,
    /// Where launches may end by LTI 1.3. The tool must name one of them letter for letter.
    redirect_uris: Given<Vec<WebUrl>>,
    /// Where the tool publishes its keys (JSON Web Key Set).
    jwks_url: Patch<WebUrl>,
    /// The tool's key, where it publishes none.
    public_key: Patch<KeyText>,
    /// Where content is chosen in it by LTI 1.3, where that is not its `tool_url`.
    deep_linking_url: Patch<WebUrl>,
    /// What the tool may do by LTI 1.3 with tokens of its own. Everything that is offered, unless given.
    scopes: Patch<Vec<ToolScope>>,
    /// Whether the tool may be used by LTI 1.3. One that registered itself waits for `true`: look at its addresses and
    /// scopes first.
    active: Given<bool>,
    /// What the tool says of itself, as JSON, in place of `login_url`, `redirect_uris` and `jwks_url`: the registration
    /// request of LTI Dynamic Registration. It fills in `tool_url`, `deep_linking_url`, `lti_custom_data`,
    /// `use_as_basic_link` and `scopes`, too, where these are not sent.
    tool_configuration: Given<ToolConfigurationText>,
    /// Refuses what the tool proposes, by an empty text. Its text, sent as `tool_configuration`, takes it: so it is what you
    /// have looked at that counts, whatever the tool has proposed since.
    proposal: Patch<ToolConfigurationText>,
    /// true: custom parameters are sent under their names as written, too (`custom_Chapter` beside `custom_chapter`).
    send_raw_custom_names: Given<bool>,
    /// true: launches offer a second one, by which the tool makes sure who is in the browser (LTI Security Update). Switch
    /// it on if the tool's documentation says so: strict tools refuse a launch with parameters that they do not know.
    offer_relaunch: Given<bool>,
    /// The institute, for a superuser, who must name it when creating. Others may repeat their own.
    institute_id: Given<InstituteId>,
}

impl Accepts for ToolProviderFields {}

requires! {
    /// A new tool provider.
    NewToolProviderFields(ToolProviderFields): "tool_name"
}

/// A consumer secret on its way in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, min_length = 1, max_length = 1024, format = Password)]
pub struct ConsumerSecret(Secret);

impl TryFrom<String> for ConsumerSecret {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, &'static str> {
        match text.chars().count() {
            1..=1024 => Ok(Self(Secret::new(text))),
            _ => Err("must have 1 to 1024 characters"),
        }
    }
}

/// Lists the institute's tool providers, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "tool_providers", params(List), responses((status = OK, body = ToolProvidersEnvelope)))]
#[get("/tool_providers")]
pub async fn list_tool_providers(
    Signed { auth, params }: Signed<ReadTools, List>,
    app: Data<App>,
) -> Result<Listed<ToolProvidersEnvelope>, Problem> {
    let only = auth.scope.institute;
    let list = move |tx: &mut Tx<'_>| {
        tool_providers::page(tx, only, &params.listing(tool_providers::COLUMNS)?, params.request())
    };
    let page = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page.map(ToolProviderView::from), |tool_providers| ToolProvidersEnvelope { tool_providers }))
}

/// Shows a tool provider.
#[utoipa::path(tag = "tool_providers", responses((status = OK, body = ToolProviderEnvelope)))]
#[get("/tool_providers/{id}")]
pub async fn show_tool_provider(
    Signed { auth, .. }: Signed<ReadTools>,
    app: Data<App>,
) -> Result<Shown<ToolProviderEnvelope>, Problem> {
    let (only, id) = (auth.scope.institute, ToolProviderId(auth.path("id")));
    let tool = app.store.read(auth.nonce, move |tx| tool_providers::registered(tx, only, id)).await?;
    Ok(Shown(ToolProviderEnvelope { tool_provider: tool.into() }))
}

/// Creates a tool provider: the external platform that an institute's exams link to.
#[utoipa::path(tag = "tool_providers", request_body = NewToolProviderFields, responses((status = CREATED, body = ToolProviderEnvelope)))]
#[post("/tool_providers")]
pub async fn create_tool_provider(
    Signed { auth, params: NewToolProviderFields(fields) }: Signed<ManageTools, NewToolProviderFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, now) = (auth.scope, auth.at);
    let making = Making { random: app.random, allow_http: app.allow_http_tools, now };
    let create = move |tx: &mut Tx<'_>| {
        let fields = fields.clone().described(making.allow_http)?;
        let institute_id = institutes::for_new(tx, scope, fields.institute_id.get().copied())?;
        let version = fields.lti_version.get().copied().unwrap_or(LtiVersion::V1p1);
        let registration = fields.registration(None, version, making)?;
        let (key, secret) = fields.credentials(registration.as_ref(), making)?;
        let new = fields.clone().build(NewToolProvider::named(institute_id, fields.name()?, key, now), making)?;
        let tool = tool_providers::insert(tx, &new, &secret, registration)?;
        let shown = fields.oauth_consumer_secret.get().map(|ConsumerSecret(secret)| secret);
        let tool_provider = match shown {
            Some(_) => ToolProviderView::after_setting(tool, shown, &secret),
            None => tool.into(),
        };
        let path = format!("/api/v3/tool_providers/{}", tool_provider.id);
        Ok(Created::at(path, ToolProviderEnvelope { tool_provider }))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes a tool provider.
#[utoipa::path(tag = "tool_providers", request_body = ToolProviderFields, responses((status = OK, body = ToolProviderEnvelope)))]
#[patch("/tool_providers/{id}")]
pub async fn update_tool_provider(
    signed: Signed<ManageTools, ToolProviderFields>,
    app: Data<App>,
) -> Result<Shown<ToolProviderEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes a tool provider, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "tool_providers", request_body = ToolProviderFields, responses((status = OK, body = ToolProviderEnvelope)))]
#[put("/tool_providers/{id}")]
pub async fn replace_tool_provider(
    signed: Signed<ManageTools, ToolProviderFields>,
    app: Data<App>,
) -> Result<Shown<ToolProviderEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<ManageTools, ToolProviderFields>,
    app: &App,
) -> Result<Shown<ToolProviderEnvelope>, Problem> {
    let (only, id) = (auth.scope.institute, ToolProviderId(auth.path("id")));
    let making = Making { random: app.random, allow_http: app.allow_http_tools, now: auth.at };
    let change = move |tx: &mut Tx<'_>| {
        let fields = fields.clone().described(making.allow_http)?;
        let secret = fields.oauth_consumer_secret.get().map(|ConsumerSecret(secret)| secret);
        let tool = tool_providers::update(tx, only, id, secret, |tool| fields.clone().change(tool, making))?;
        if secret.is_none() && fields.oauth_consumer_key.get().is_none() {
            return Ok(tool.into());
        }
        let current = tx.keys().open(&tool.0.oauth_consumer_secret, secret_place(tool.0.id, tool.0.institute_id))?;
        Ok(ToolProviderView::after_setting(tool, secret, &current))
    };
    Ok(Shown(ToolProviderEnvelope { tool_provider: app.store.write(auth.nonce, change).await? }))
}

/// Deletes a tool provider with its LTI resources. One that an open exam uses stays, and the exams are named (423).
#[utoipa::path(tag = "tool_providers", responses((status = OK, body = Deleted)))]
#[delete("/tool_providers/{id}")]
pub async fn delete_tool_provider(
    Signed { auth, .. }: Signed<ManageTools>,
    app: Data<App>,
) -> Result<Shown<Deleted>, Problem> {
    let (only, id) = (auth.scope.institute, ToolProviderId(auth.path("id")));
    app.store.write(auth.nonce, move |tx| tool_providers::remove(tx, only, id)).await?;
    Ok(Shown(Deleted {}))
}

impl ToolProviderFields {
    fn name(&self) -> Result<Name> {
        self.tool_name.clone().required("tool_name")
    }

    /// The vendor's key and secret. A tool of LTI 1.3 that has none gets a pair that nobody knows.
    fn credentials(&self, registration: Option<&LtiRegistration>, making: Making) -> Result<(Name, Secret)> {
        let key = self.oauth_consumer_key.clone().required("oauth_consumer_key");
        let secret = self.oauth_consumer_secret.clone().required("oauth_consumer_secret");
        match (registration, key, secret) {
            (_, Ok(key), Ok(ConsumerSecret(secret))) => Ok((key, secret)),
            (Some(registration), Err(_), Err(_)) => {
                let key = Name::try_from(registration.client_id.clone()).map_err(Error::Internal)?;
                Ok((key, random_secret(making.random)?))
            }
            (_, Err(Error::Invalid(mut key)), Err(Error::Invalid(secret))) => {
                key.extend(secret);
                Err(Error::Invalid(key))
            }
            (_, Err(error), _) | (_, _, Err(error)) => Err(error),
        }
    }

    fn build(self, mut new: NewToolProvider, making: Making) -> Result<NewToolProvider> {
        if let Some(url) = self.tool_url.get() {
            new.tool_url = check_launch_url(url, "tool_url", making.allow_http)?;
        }
        self.use_as_basic_link.replace(&mut new.use_as_basic_link);
        self.lti_custom_data.replace(&mut new.lti_custom_data);
        self.oauth_signature_method.replace(&mut new.oauth_signature_method);
        self.share_name.replace(&mut new.share_name);
        self.share_email.replace(&mut new.share_email);
        self.presentation.replace(&mut new.presentation);
        self.lti_version.replace(&mut new.lti_version);
        self.send_raw_custom_names.replace(&mut new.send_raw_custom_names);
        self.offer_relaunch.replace(&mut new.offer_relaunch);
        Ok(new)
    }

    fn change(self, (tool, registration, _): &mut Registered, making: Making) -> Result<()> {
        let version = self.lti_version.get().copied().unwrap_or(tool.lti_version);
        *registration = self.registration(registration.take(), version, making)?;
        if self.institute_id.get().is_some_and(|given| *given != tool.institute_id) {
            return Err(Error::invalid("institute_id", "cannot change: a tool provider stays in its institute"));
        }
        match self.tool_url {
            Patch::Keep => {}
            Patch::Clear => tool.tool_url.clear(),
            Patch::Set(url) => tool.tool_url = check_launch_url(&url, "tool_url", making.allow_http)?,
        }
        self.tool_name.replace(&mut tool.tool_name);
        self.oauth_consumer_key.replace(&mut tool.oauth_consumer_key);
        self.use_as_basic_link.replace(&mut tool.use_as_basic_link);
        self.lti_custom_data.replace(&mut tool.lti_custom_data);
        self.oauth_signature_method.replace(&mut tool.oauth_signature_method);
        self.share_name.replace(&mut tool.share_name);
        self.share_email.replace(&mut tool.share_email);
        self.presentation.replace(&mut tool.presentation);
        self.lti_version.replace(&mut tool.lti_version);
        self.send_raw_custom_names.replace(&mut tool.send_raw_custom_names);
        self.offer_relaunch.replace(&mut tool.offer_relaunch);
        tool.updated_at = making.now;
        Ok(())
    }
}
