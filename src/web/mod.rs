//! Pages for people: the student's exam, the launch into a tool, and the way back. Server-rendered; they work without
//! scripts.

mod assets;
mod attachment;
mod deep_linking;
mod exam;
mod launch;
mod login;
mod page;
mod proctoring;
mod relaunch;
mod selection;
mod started;
mod submission_review;
pub mod test_tool;
pub mod views;

use actix_web::web::ServiceConfig;
use percent_encoding::percent_decode_str;

use crate::domain::secret::{Secret, TokenHash};

pub use page::message;

/// The student's link that a path goes by, whether or not it opens anything.
pub fn link(path: &str) -> Option<TokenHash> {
    let token = path.strip_prefix("/sessions/")?.split('/').next()?;
    // However it is written, it is one link.
    Some(TokenHash::of(&Secret::new(percent_decode_str(token).decode_utf8_lossy())))
}

/// Every page's route.
pub fn routes(server: &mut ServiceConfig) {
    server
        // Routes are tried in turn, and this one is in a hurry when an exam starts.
        .service(launch::launch_tool)
        .service(exam::show_exam_page)
        .service(exam::start_exam)
        .service(exam::finish_exam)
        .service(proctoring::end_proctoring)
        .service(proctoring::return_from_proctoring)
        .service(launch::return_from_tool)
        .service(relaunch::relaunch_tool)
        .service(login::authorize)
        .service(login::authorize_form)
        .service(selection::show_outcome)
        .service(selection::open_selection)
        .service(selection::receive_content_items)
        .service(submission_review::open_submission_review)
        .service(attachment::send_attachment)
        .service(assets::style)
        .service(assets::launch_script)
        .service(assets::login_script)
        .service(assets::storage_script)
        .service(assets::close_script);
}
