//! The API's documentation, offline: the OpenAPI document, Swagger UI over it, and what each error code means.

use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, LOCATION};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, get};
use askama::Template;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::api::openapi;
use crate::api::problem::Kind;

/// The OpenAPI document as it is served.
static DOCUMENT: LazyLock<String> = LazyLock::new(|| serde_json::to_string(openapi::document()).unwrap_or_default());

/// The documentation's routes.
pub fn routes(server: &mut ServiceConfig) {
    let settings = Config::new(["/openapi.json"]).validator_url("none").display_operation_id(true);
    server
        .service(document)
        .service(errors)
        .service(docs)
        .service(web::scope("/docs").wrap(styled()).service(SwaggerUi::new("/{_:.*}").config(settings)));
}

/// Swagger UI sets one style of its own inline; everything else it brings stands in files beside it.
fn styled() -> DefaultHeaders {
    const STYLE: &str = "'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self' {STYLE}; connect-src 'self'; img-src 'self' data:; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    DefaultHeaders::new().add((CONTENT_SECURITY_POLICY, policy))
}

#[get("/openapi.json")]
async fn document() -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(DOCUMENT.as_str())
}

/// Swagger UI's own files are beside its page, so its address ends in a slash.
#[get("/docs")]
async fn docs() -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// What each error code means and what to do: where the `type` of a problem leads.
#[derive(Template)]
#[template(path = "errors.html")]
struct Errors {
    kinds: &'static [Kind],
}

#[get("/docs/errors")]
async fn errors() -> HttpResponse {
    let page = Errors { kinds: Kind::ALL }.render().unwrap_or_default();
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}
