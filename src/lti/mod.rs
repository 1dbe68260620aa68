//! The protocols' own addresses: each answers in the form that its protocol knows.
//!
//! Tools call here. A tool shows who it is by the signature of its message alone. [`signed`] is the only way from a
//! request to a caller, and nothing is written without one. They hand results back, keep settings, and read what this
//! server says of itself. What a browser brings from a tool is a page, and in `web`.
//!
//! An LMS launches here ([`launch`]): the form is verified ([`message`]), and leads a learner to the exam page and an
//! instructor to the overview of the exam ([`overview`]), or to the page where an exam is chosen for the place
//! ([`placement`]). An LMS may also ask for exams to link to ([`content_items`]). Who gets nowhere is told why
//! ([`refusal`]). No page needs a cookie: each has an address of its own that opens it for a while ([`ticket`]).
//!
//! Every call to another server is made by [`fetch`].

mod call_log;
mod carry_out;
mod configuration;
mod content_items;
pub mod fetch;
mod launch;
mod message;
mod outcomes;
mod overview;
mod placement;
mod problem;
mod profile;
mod refusal;
mod results;
mod signed;
mod ticket;
mod tool_settings;
mod views;

use actix_web::web::ServiceConfig;

pub use call_log::CallLog;

/// Every route of the protocols.
pub fn routes(server: &mut ServiceConfig) {
    server
        .service(outcomes::receive_outcome)
        .service(results::show_result)
        .service(results::put_result)
        .service(results::delete_result)
        .service(configuration::show_key_set)
        .service(configuration::show_configuration)
        .service(profile::show_profile)
        .service(tool_settings::show_tool_settings)
        .service(tool_settings::replace_tool_settings)
        .service(launch::receive_launch)
        .service(overview::show_overview)
        .service(placement::show_exams)
        .service(placement::choose_exam)
        .service(content_items::send_selection);
}
