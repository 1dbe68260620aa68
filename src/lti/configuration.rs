//! What this server says of itself as a platform of LTI 1.3: its keys, and where everything is (OpenID Connect Discovery
//! 1.0; LTI Dynamic Registration 1.0). Nobody needs to sign: every tool must read it.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpResponse, get};
use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::message::MessageType;
use examlink_lti::v1p3::notices::NoticeType;
use examlink_lti::v1p3::registration::{PlatformConfiguration, SupportedMessage};
use examlink_lti::v1p3::variables::OF_THE_MESSAGE;

use crate::app::App;
use crate::domain::launch::{FURTHER_VARIABLES, PRODUCT};
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_urls::{AUTHORIZE, KEY_SET, REGISTER, TOKEN};
use crate::lti::problem::Problem;

/// What a launch may tell of a student.
const CLAIMS: [&str; 4] = [claims::ISSUER, claims::SUBJECT, claims::NAME, claims::EMAIL];

/// What tools are sent.
const MESSAGES: [MessageType; 5] = MessageType::ALL;

/// Shows the public keys. A tool may keep them for a while: the next one is among them long before it signs.
#[get("/.well-known/jwks.json")]
pub async fn show_key_set(app: Data<App>) -> Result<HttpResponse, Problem> {
    let keys = app.platform.key_set().await?;
    let set = format!("{{\"keys\":[{}]}}", keys.join(","));
    let reply = HttpResponse::Ok();
    Ok(kept(reply).content_type("application/json").body(set))
}

/// Shows where everything is.
#[get("/.well-known/openid-configuration")]
pub async fn show_configuration(app: Data<App>) -> HttpResponse {
    let at = |path: &str| format!("{}{path}", app.public_url.as_str());
    let further = FURTHER_VARIABLES.into_iter().filter(|name| !name.contains("Tool") && !name.contains("LtiLink"));
    let configuration = PlatformConfiguration {
        issuer: at(""),
        authorization_endpoint: at(AUTHORIZE),
        token_endpoint: at(TOKEN),
        authorization_server: None,
        jwks_uri: at(KEY_SET),
        registration_endpoint: Some(at(REGISTER)),
        scopes: ToolScope::ALL.map(|scope| scope.as_str().to_owned()).to_vec(),
        claims: CLAIMS.map(str::to_owned).to_vec(),
        product_family_code: PRODUCT.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        messages: MESSAGES.map(supported).to_vec(),
        variables: OF_THE_MESSAGE.into_iter().chain(further).map(str::to_owned).collect(),
        notice_types: NoticeType::NAMES.map(|(name, _)| name.to_owned()).to_vec(),
    };
    kept(HttpResponse::Ok()).json(configuration.to_value())
}

fn supported(message: MessageType) -> SupportedMessage {
    SupportedMessage { message_type: message.as_str().to_owned(), placements: Vec::new() }
}

fn kept(mut reply: actix_web::HttpResponseBuilder) -> actix_web::HttpResponseBuilder {
    reply.insert_header((CACHE_CONTROL, "public, max-age=300"));
    reply
}
