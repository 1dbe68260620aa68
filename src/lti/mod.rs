//! The protocols' own addresses, where tools call: each answers in the form that its protocol knows.
//!
//! A tool shows who it is by the signature of its message alone. [`signed`] is the only way from a request to a caller,
//! and nothing is written without one.

mod call_log;
mod carry_out;
mod outcomes;
mod results;
mod signed;

use actix_web::web::ServiceConfig;

pub use call_log::CallLog;

/// Every route of the protocols.
pub fn routes(server: &mut ServiceConfig) {
    server
        .service(outcomes::receive_outcome)
        .service(results::show_result)
        .service(results::put_result)
        .service(results::delete_result);
}
