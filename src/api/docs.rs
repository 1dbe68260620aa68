//! The API's documentation, offline: the OpenAPI document, Swagger UI over it, and what each error code means.

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, get};
use askama::Template;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::api::problem::Kind;

/// The OpenAPI document as it is served.
#[derive(Debug)]
pub struct Document(pub String);

/// The documentation's routes.
pub fn routes(server: &mut ServiceConfig, document: &OpenApi) {
    let settings = Config::new(["/openapi.json"]).validator_url("none").display_operation_id(true);
    let json = serde_json::to_string(document).unwrap_or_default();
    server
        .app_data(Data::new(Document(json)))
        .service(openapi)
        .service(errors)
        .service(docs)
        .service(SwaggerUi::new("/docs/{_:.*}").config(settings));
}

#[get("/openapi.json")]
async fn openapi(document: Data<Document>) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json; charset=utf-8").body(document.0.clone())
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
