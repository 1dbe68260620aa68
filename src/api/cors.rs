//! Which web pages of other origins may call the API from a browser (CORS, Fetch Standard section 3.2): none, unless the
//! operator lists their origins. Pages of students and the documentation are never among what they may read.

use actix_cors::Cors;
use actix_web::middleware::Condition;

use crate::api::BASE;
use crate::config::PublicUrl;

/// What a client may send beside what every page may.
const SENT: [&str; 10] = [
    "Accept",
    "Authorization",
    "Content-Digest",
    "Content-Type",
    "Idempotency-Key",
    "If-Match",
    "If-None-Match",
    "Signature",
    "Signature-Input",
    "X-Request-Id",
];

/// What a client may read beside what every page may.
const READ: [&str; 15] = [
    "Allow",
    "Deprecation",
    "ETag",
    "Idempotent-Replayed",
    "Link",
    "Location",
    "RateLimit",
    "RateLimit-Policy",
    "Retry-After",
    "WWW-Authenticate",
    "X-Pagination-Item-Count",
    "X-Pagination-Limit",
    "X-Pagination-Page",
    "X-Pagination-Page-Count",
    "X-Request-Id",
];

/// For how many seconds a browser may remember a permission.
const REMEMBERED: usize = 3_600;

/// Lets pages of these origins call the API, without cookies. Without origins nothing is said about it at all.
pub fn allow(origins: Vec<PublicUrl>) -> Condition<Cors> {
    let listed = !origins.is_empty();
    let cors = Cors::default()
        .allowed_origin_fn(move |origin, request| {
            let within =
                request.uri.path().strip_prefix(BASE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
            within && origins.iter().any(|known| known.as_str().as_bytes() == origin.as_bytes())
        })
        .allowed_methods(["GET", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers(SENT)
        .expose_headers(READ)
        .max_age(REMEMBERED);
    Condition::new(listed, cors)
}
