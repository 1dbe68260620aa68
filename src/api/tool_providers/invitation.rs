//! `/tool_registrations`: an administrator lets a tool register itself (LTI Dynamic Registration 1.0).

use actix_web::post;
use actix_web::web::Data;
use examlink_lti::v1p3::registration::Initiation;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown, shows};
use crate::app::App;
use crate::clock::Random;
use crate::domain::access::ManageTools;
use crate::domain::id::InstituteId;
use crate::domain::text::WebUrl;
use crate::domain::time::Timestamp;
use crate::domain::tool_registration::{Leave, Registrant};
use crate::domain::{Error, Result, lti_urls};
use crate::store::{Tx, institutes};

/// Leave for one tool to register itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ToolRegistration)]
pub struct ToolRegistrationView {
    institute_id: InstituteId,
    /// To be opened in the administrator's browser: the tool's page, with the leave in it. Only in this answer. Whoever has
    /// it can register one tool, which then waits to be made active.
    #[schema(example = "https://tool.example/register?openid_configuration=https%3A%2F%2F…&registration_token=…")]
    url: String,
    /// The tool must have registered itself before this time.
    expires_at: Timestamp,
}

/// Leave for one tool to register itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct ToolRegistrationEnvelope {
    tool_registration: ToolRegistrationView,
}

shows!(ToolRegistrationEnvelope);

/// Which tool.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "registration_url": "https://tool.example/register" }))]
pub struct ToolRegistrationFields {
    /// The registration URL that the tool's documentation names.
    registration_url: Given<WebUrl>,
    /// The institute, for a superuser, who must name it. Others may repeat their own.
    institute_id: Given<InstituteId>,
}

impl Accepts for ToolRegistrationFields {}

requires! {
    /// Which tool.
    NewToolRegistrationFields(ToolRegistrationFields): "registration_url"
}

/// Lets a tool of LTI 1.3 register itself: open `url` in a browser within the hour. The tool becomes a tool provider of
/// the institute, for nobody to use until its `active` is set to true. The students' names and addresses stay here unless
/// `share_name` and `share_email` are set, too.
#[utoipa::path(tag = "tool_providers", request_body = NewToolRegistrationFields, responses((status = OK, body = ToolRegistrationEnvelope)))]
#[post("/tool_registrations")]
pub async fn create_tool_registration(
    Signed { auth, params: NewToolRegistrationFields(fields) }: Signed<ManageTools, NewToolRegistrationFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, administrator, given_at, nonce) = (auth.scope, auth.user.id, auth.at, nonce(app.random)?);
    let configuration_url = format!("{}{}", app.public_url.as_str(), lti_urls::OPENID_CONFIGURATION);
    let (keys, allow_http) = (app.keys.clone(), app.allow_http_tools);
    let give = move |tx: &mut Tx<'_>| {
        let institute = institutes::for_new(tx, scope, fields.institute_id.get().copied())?;
        let leave = Leave { of: Registrant::Tool, institute, administrator, given_at, nonce: nonce.clone() };
        let begin = Initiation { configuration_url: configuration_url.clone(), token: Some(leave.token(&keys)) };
        let registration_url = fields.registration_url.clone().required("registration_url")?;
        let url = begin
            .url(registration_url.as_str(), allow_http)
            .map_err(|error| Error::invalid("registration_url", error.to_string()))?;
        let tool_registration = ToolRegistrationView { institute_id: institute, url, expires_at: leave.ends() };
        Ok(Shown(ToolRegistrationEnvelope { tool_registration }))
    };
    Answer::once(&app.store, auth.nonce, give).await
}

fn nonce(random: Random) -> Result<String> {
    Ok(random.hex::<16>()?)
}
