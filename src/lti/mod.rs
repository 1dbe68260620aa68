//! The protocols' own addresses: each answers in the form that its protocol knows.
//!
//! Tools call here. A tool shows who it is by the signature of its message alone. [`signed`] is the only way from a
//! request to a caller, and nothing is written without one. They hand results back, keep settings, and read what this
//! server says of itself. What a browser brings from a tool is a page, and in `web`.
//!
//! An LMS launches here ([`launch`]): the form is verified ([`message`]), and leads ([`entry`]) a learner to the exam
//! page and an instructor to the overview of the exam ([`overview`]), or to the page where an exam is chosen for the
//! place ([`placement`]). An LMS may also ask for exams to link to ([`choices`], [`content_items`]). Who gets nowhere
//! is told why ([`refusal`]). No page needs a cookie: each has an address of its own that opens it for a while
//! ([`ticket`]).
//!
//! By LTI 1.3 an LMS is a platform: it begins a login ([`platform_login`]; its page may keep the [`login_state`]), sends a
//! token ([`platform_launch`], verified by [`platform_message`]), and everything behind that is the same; links to exams
//! go back by [`exam_links`], and the overview shows also who of the course's [`roster`] has not come yet. An LMS may
//! register this server itself ([`platform_registration`]).
//!
//! A tool of LTI 1.3 registers itself here ([`registration`]), and sends authors back with what they chose
//! ([`deep_links`]), whose files are fetched at once ([`chosen_files`]). One that proctors lets students begin
//! ([`start_assessment`]), and controls their attempts ([`assessment_control`]).
//!
//! Every call to another server is made by [`fetch`], and those to services of platforms by [`platform_services`].

mod access_token;
mod assessment_control;
mod bearer;
mod call_log;
mod carry_out;
mod choices;
mod chosen_files;
mod configuration;
mod content_items;
mod deep_links;
mod differences;
mod entry;
mod exam_links;
mod exchange;
pub mod fetch;
mod groups;
mod launch;
mod line_item_results;
mod line_items;
mod login_state;
mod members;
mod message;
mod notices;
mod oauth;
mod outcomes;
mod overview;
mod placement;
mod platform_launch;
mod platform_login;
mod platform_message;
mod platform_registration;
mod platform_services;
mod problem;
mod profile;
mod received;
mod refusal;
mod registration;
mod results;
mod roster;
mod scores;
mod signed;
mod start_assessment;
mod ticket;
mod token;
mod tool_keys;
mod tool_message;
mod tool_settings;
mod userinfo;
mod views;

use actix_web::web::ServiceConfig;

pub use call_log::CallLog;
pub use chosen_files::ChosenFiles;
pub use platform_registration::Registrar;
pub use platform_services::{CallError, PlatformServices};
pub use roster::Rosters;
pub use tool_keys::{Away, KeyError, ToolKeys};

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
        .service(token::give_token)
        .service(line_items::list_line_items)
        .service(line_items::create_line_item)
        .service(line_items::show_line_item)
        .service(line_items::replace_line_item)
        .service(line_items::delete_line_item)
        .service(scores::receive_score)
        .service(line_item_results::list_results)
        .service(members::list_members)
        .service(groups::list_groups)
        .service(notices::list_notice_handlers)
        .service(notices::replace_notice_handler)
        .service(userinfo::show_userinfo)
        .service(userinfo::refuse_elsewhere)
        .service(launch::receive_launch)
        .service(overview::show_overview)
        .service(placement::show_exams)
        .service(placement::choose_exam)
        .service(choices::send_selection)
        .service(platform_login::begin_login)
        .service(platform_login::begin_login_by_form)
        .service(platform_launch::receive_message)
        .service(platform_registration::register_at_platform)
        .service(registration::register_tool)
        .service(registration::management::show_registration)
        .service(registration::management::propose_registration)
        .service(deep_links::receive_deep_links)
        .service(start_assessment::start_assessment)
        .service(assessment_control::control_assessment);
}
