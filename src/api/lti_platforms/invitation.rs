//! `/lti_platform_invitations`: an administrator lets this server be registered at an LMS (LTI Dynamic Registration
//! 1.0).

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown, shows};
use crate::app::App;
use crate::domain::access::ManageTools;
use crate::domain::id::InstituteId;
use crate::domain::time::Timestamp;
use crate::domain::tool_registration::{Leave, Registrant};
use crate::domain::{Error, Result, lti_urls};
use crate::store::{Tx, institutes};

/// Leave for one LMS to register this server.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LtiPlatformInvitation)]
pub struct LtiPlatformInvitationView {
    institute_id: InstituteId,
    /// To be pasted in the LMS, where it asks for the registration URL of a tool. Only in this answer. Whoever has it
    /// can add one LMS, which then waits to be let in.
    #[schema(example = "https://exams.example.edu/lti/1.3/platform_registrations/1-2-1795677593-…")]
    url: String,
    /// The LMS must have registered this server before this time.
    expires_at: Timestamp,
}

/// Leave for one LMS to register this server.
#[derive(Debug, Serialize, ToSchema)]
pub struct LtiPlatformInvitationEnvelope {
    lti_platform_invitation: LtiPlatformInvitationView,
}

shows!(LtiPlatformInvitationEnvelope);

/// For whom.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({}))]
pub struct LtiPlatformInvitationFields {
    /// The institute, for a superuser, who must name it. Others may repeat their own.
    institute_id: Given<InstituteId>,
}

impl Accepts for LtiPlatformInvitationFields {}

/// Invites an LMS of LTI 1.3 to register this server as its tool, within the hour. It becomes an LTI platform of the
/// institute, shut out until its `disabled` is set to false.
#[utoipa::path(tag = "lti_platforms", request_body = LtiPlatformInvitationFields, responses((status = OK, body = LtiPlatformInvitationEnvelope)))]
#[post("/lti_platform_invitations")]
pub async fn create_lti_platform_invitation(
    Signed { auth, params: fields }: Signed<ManageTools, LtiPlatformInvitationFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, administrator, given_at) = (auth.scope, auth.user.id, auth.at);
    let (nonce, keys) = (app.random.hex::<16>().map_err(Error::from)?, app.keys.clone());
    let page = format!("{}{}", app.public_url.as_str(), lti_urls::PLATFORM_REGISTRATIONS);
    let give = move |tx: &mut Tx<'_>| {
        let institute = institutes::for_new(tx, scope, fields.institute_id.get().copied())?;
        let leave = Leave { of: Registrant::Platform, institute, administrator, given_at, nonce: nonce.clone() };
        let lti_platform_invitation = LtiPlatformInvitationView {
            institute_id: institute,
            url: format!("{page}/{}", leave.token(&keys).reveal()),
            expires_at: leave.ends(),
        };
        Ok(Shown(LtiPlatformInvitationEnvelope { lti_platform_invitation }))
    };
    Answer::once(&app.store, auth.nonce, give).await
}
