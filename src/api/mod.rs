//! The REST API, version 3. One file per resource; this one shows every route, and [`openapi`] describes them.

pub mod attachments;
pub mod auth;
pub mod conditions;
pub mod cors;
pub mod docs;
pub mod documents;
pub mod exams;
pub mod identity_providers;
pub mod institutes;
pub mod launches;
pub mod limits;
pub mod lti_consumers;
pub mod lti_platforms;
pub mod lti_resources;
pub mod openapi;
pub mod params;
pub mod problem;
pub mod reply;
pub mod results;
pub mod selections;
pub mod service_calls;
pub mod signature;
pub mod student_sessions;
pub mod submission_reviews;
pub mod tool_deployments;
pub mod tool_providers;
pub mod users;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Uri;
use actix_web::http::uri::PathAndQuery;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, HttpRequest};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::api::problem::{Kind, Problem};

/// Where the API begins.
pub const BASE: &str = "/api/v3";

/// Every route of the API, below [`BASE`].
pub fn routes(api: &mut ServiceConfig<'_>) {
    institutes_and_people(api);
    exams_and_authors(api);
    tools_and_instructions(api);
    consumers(api);
    students(api);
    grades(api);
}

fn institutes_and_people(api: &mut ServiceConfig<'_>) {
    api.service(institutes::list_institutes)
        .service(institutes::create_institute)
        .service(institutes::show_institute)
        .service(institutes::update_institute)
        .service(institutes::replace_institute)
        .service(institutes::delete_institute)
        .service(users::list_users)
        .service(users::create_user)
        .service(users::show_user)
        .service(users::update_user)
        .service(users::replace_user)
        .service(users::delete_user)
        .service(users::rotate_user_credentials)
        .service(identity_providers::list_identity_providers);
}

fn exams_and_authors(api: &mut ServiceConfig<'_>) {
    api.service(exams::list_exams)
        .service(exams::create_exam)
        .service(exams::show_exam)
        .service(exams::update_exam)
        .service(exams::replace_exam)
        .service(exams::delete_exam)
        .service(exams::life::publish_exam)
        .service(exams::life::close_exam)
        .service(exams::life::reopen_exam)
        .service(exams::copy::copy_exam)
        .service(exams::emails::send_exam_emails)
        .service(exams::comanagers::add_comanager)
        .service(exams::comanagers::remove_comanager)
        .service(exams::students::show_lti_student)
        .service(exams::students::index_students)
        .service(exams::students::show_student)
        .service(exams::students::add_student)
        .service(exams::students::delete_student);
}

fn tools_and_instructions(api: &mut ServiceConfig<'_>) {
    api.service(tool_providers::list_tool_providers)
        .service(tool_providers::create_tool_provider)
        .service(tool_providers::invitation::create_tool_registration)
        .service(tool_providers::show_tool_provider)
        .service(tool_providers::update_tool_provider)
        .service(tool_providers::replace_tool_provider)
        .service(tool_providers::delete_tool_provider)
        .service(tool_deployments::list_tool_deployments)
        .service(tool_deployments::create_tool_deployment)
        .service(tool_deployments::show_tool_deployment)
        .service(tool_deployments::update_tool_deployment)
        .service(tool_deployments::replace_tool_deployment)
        .service(tool_deployments::delete_tool_deployment)
        .service(lti_resources::list_lti_resources)
        .service(lti_resources::create_lti_resource)
        .service(lti_resources::show_lti_resource)
        .service(lti_resources::update_lti_resource)
        .service(lti_resources::replace_lti_resource)
        .service(lti_resources::delete_lti_resource)
        .service(selections::create_selection)
        .service(selections::show_selection)
        .service(documents::show_exam_document)
        .service(documents::create_document)
        .service(documents::show_document)
        .service(documents::update_document)
        .service(documents::replace_document)
        .service(documents::delete_document)
        .service(attachments::list_attachments)
        .service(attachments::create_attachment)
        .service(attachments::show_attachment)
        .service(attachments::delete_attachment);
}

fn consumers(api: &mut ServiceConfig<'_>) {
    api.service(lti_consumers::list_lti_consumers)
        .service(lti_consumers::create_lti_consumer)
        .service(lti_consumers::show_lti_consumer)
        .service(lti_consumers::update_lti_consumer)
        .service(lti_consumers::replace_lti_consumer)
        .service(lti_consumers::delete_lti_consumer)
        .service(lti_consumers::rotate_lti_consumer_secret)
        .service(lti_platforms::list_lti_platforms)
        .service(lti_platforms::create_lti_platform)
        .service(lti_platforms::invitation::create_lti_platform_invitation)
        .service(lti_platforms::show_lti_platform)
        .service(lti_platforms::update_lti_platform)
        .service(lti_platforms::replace_lti_platform)
        .service(lti_platforms::delete_lti_platform);
}

fn students(api: &mut ServiceConfig<'_>) {
    api.service(student_sessions::list_student_sessions)
        .service(student_sessions::list_exam_student_sessions)
        .service(student_sessions::create_student_session)
        .service(student_sessions::show_student_session)
        .service(student_sessions::update_student_session)
        .service(student_sessions::replace_student_session)
        .service(student_sessions::delete_student_session)
        .service(student_sessions::grade_returns::list_grade_returns)
        .service(student_sessions::assessment_controls::list_assessment_controls)
        .service(student_sessions::bulk::create_student_sessions)
        .service(student_sessions::life::assign_proctor)
        .service(student_sessions::life::terminate_student_session)
        .service(student_sessions::life::reopen_student_session)
        .service(launches::list_launches)
        .service(launches::show_launch)
        .service(launches::compare_launch);
}

fn grades(api: &mut ServiceConfig<'_>) {
    api.service(results::list_exam_results)
        .service(results::list_student_session_results)
        .service(results::create_result)
        .service(results::show_result)
        .service(results::update_result)
        .service(results::replace_result)
        .service(submission_reviews::create_submission_review)
        .service(service_calls::list_service_calls);
}

/// The answer to what no route takes: 405 where the path takes other methods, else 404.
pub fn unrouted(request: &HttpRequest) -> Problem {
    let path: Vec<&str> = request.path().split('/').collect();
    let fits = |template: &str| {
        let parts: Vec<&str> = template.split('/').collect();
        parts.len() == path.len() && parts.iter().zip(&path).all(|(part, given)| part == given || params::is_id(part))
    };
    match openapi::methods().iter().find(|(template, _)| fits(template)) {
        Some((_, methods)) => Problem::method_not_allowed(request.method().as_str(), methods),
        None => Problem::new(Kind::NOT_FOUND, "There is nothing at this path."),
    }
}

/// Path and query as the client sent them, where [`trim_slash`] has changed them since: they may be signed.
#[derive(Clone, Debug)]
pub struct SentTarget(PathAndQuery);

impl SentTarget {
    /// Path and query of a request as the client sent them.
    pub fn of(request: &HttpRequest) -> String {
        let sent = request.extensions().get::<Self>().map(|sent| sent.0.clone());
        sent.or_else(|| request.uri().path_and_query().cloned()).map(|sent| sent.to_string()).unwrap_or_default()
    }
}

/// Takes a slash off the end of an API path: clients in use call `/exams/`.
pub async fn trim_slash(
    mut request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let path = request.path();
    if path.starts_with(BASE) && path.ends_with('/') {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let trimmed = format!("{}{query}", path.trim_end_matches('/'));
        let mut parts = request.uri().clone().into_parts();
        if let Ok(path_and_query) = PathAndQuery::try_from(trimmed) {
            parts.path_and_query = Some(path_and_query);
            if let Ok(uri) = Uri::from_parts(parts) {
                if let Some(sent) = request.uri().path_and_query().cloned() {
                    request.extensions_mut().insert(SentTarget(sent));
                }
                request.match_info_mut().get_mut().update(&uri);
                request.head_mut().uri = uri;
            }
        }
    }
    next.call(request).await
}
