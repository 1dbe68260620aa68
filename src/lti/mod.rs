//! The protocols towards tools and platforms, where they speak over HTTP: their own URLs and their own errors.
//!
//! An LMS launches into an exam ([`launch`]): the form is verified ([`message`]), and leads a learner to the exam page and
//! an instructor to the overview of the exam ([`overview`]), or to the page where an exam is chosen for the place
//! ([`placement`]). An LMS may also ask for exams to link to ([`content_items`]). Who gets nowhere is told why
//! ([`refusal`]). Every call to another server is made by [`fetch`]. No page needs a cookie: each has an address of its own that opens it for a while ([`ticket`]).

mod content_items;
pub mod fetch;
mod launch;
mod message;
mod overview;
mod placement;
mod refusal;
mod ticket;
mod views;

use actix_web::web::ServiceConfig;

/// Every route of the protocols.
pub fn routes(server: &mut ServiceConfig) {
    server
        .service(launch::receive_launch)
        .service(overview::show_overview)
        .service(placement::show_exams)
        .service(placement::choose_exam)
        .service(content_items::send_selection);
}
