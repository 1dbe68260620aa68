//! The REST API, version 3. One file per resource; this one shows every route, and [`openapi`] describes them.

pub mod auth;
pub mod documents;
pub mod exams;
pub mod institutes;
pub mod lti_resources;
pub mod openapi;
pub mod params;
pub mod problem;
pub mod reply;
pub mod signature;
pub mod student_sessions;
pub mod tool_providers;
pub mod users;

use utoipa_actix_web::service_config::ServiceConfig;

/// Where the API begins.
pub const BASE: &str = "/api/v3";

/// Every route of the API, below [`BASE`].
pub fn routes(api: &mut ServiceConfig<'_>) {
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
        .service(exams::list_exams)
        .service(exams::create_exam)
        .service(exams::show_exam)
        .service(exams::update_exam)
        .service(exams::replace_exam)
        .service(exams::delete_exam)
        .service(tool_providers::list_tool_providers)
        .service(tool_providers::create_tool_provider)
        .service(tool_providers::show_tool_provider)
        .service(tool_providers::update_tool_provider)
        .service(tool_providers::replace_tool_provider)
        .service(tool_providers::delete_tool_provider)
        .service(lti_resources::list_lti_resources)
        .service(lti_resources::create_lti_resource)
        .service(lti_resources::show_lti_resource)
        .service(lti_resources::update_lti_resource)
        .service(lti_resources::replace_lti_resource)
        .service(lti_resources::delete_lti_resource)
        .service(documents::show_exam_document)
        .service(documents::create_document)
        .service(documents::show_document)
        .service(documents::update_document)
        .service(documents::replace_document)
        .service(documents::delete_document)
        .service(student_sessions::list_student_sessions)
        .service(student_sessions::list_exam_student_sessions)
        .service(student_sessions::create_student_session)
        .service(student_sessions::show_student_session)
        .service(student_sessions::update_student_session)
        .service(student_sessions::replace_student_session)
        .service(student_sessions::delete_student_session);
}
