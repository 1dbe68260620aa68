//! What this server says of itself to tools: the Tool Consumer Profile of LTI 1.2. Each institute is a platform of its
//! own. Nobody needs to sign: it holds what every launch says too.

use actix_web::http::StatusCode;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get};
use examlink_lti::v1::content_item::REQUEST_TYPE;
use examlink_lti::v1::launch::MESSAGE_TYPE;
use examlink_lti::v1::profile::{MEDIA_TYPE, Profile};
use examlink_lti::v1::variables::OF_THE_MESSAGE;

use crate::app::App;
use crate::domain::launch::{FURTHER_VARIABLES, PRODUCT};
use crate::domain::lti_urls::{self, EXAM_SETTINGS, LINK_SETTINGS, TOOL_SETTINGS};
use crate::lti::problem::Problem;
use crate::store::institutes;

/// Shows the profile that `$ToolConsumerProfile.url` names.
#[get("/lti/1.1/tool_consumer_profiles/{institute}")]
pub async fn show_profile(name: Path<String>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let unknown = || Problem::new(StatusCode::NOT_FOUND, "not_found", "There is no profile at this URL.");
    let id = lti_urls::institute_of_profile(&app.keys, &name).ok_or_else(unknown)?;
    let found = app.store.query(move |tx| institutes::find(tx, id)).await?;
    let institute = found.ok_or_else(unknown)?;
    let origin = app.public_url.as_str();
    let settings = [TOOL_SETTINGS, EXAM_SETTINGS, LINK_SETTINGS].map(|path| format!("{origin}{path}"));
    let messages = [MESSAGE_TYPE, REQUEST_TYPE];
    let profile = Profile {
        url: &lti_urls::profile(origin, &app.keys, id),
        guid: &app.consumer().guid(id),
        product: PRODUCT,
        version: env!("CARGO_PKG_VERSION"),
        owner: institute.name.as_str(),
        capabilities: messages.into_iter().chain(OF_THE_MESSAGE).chain(FURTHER_VARIABLES).collect(),
        settings: settings.each_ref().map(String::as_str),
    };
    let reply =
        HttpResponse::Ok().content_type(MEDIA_TYPE).insert_header((CACHE_CONTROL, "no-cache")).body(profile.to_json());
    Ok(reply)
}
