//! What a server tells about itself: logs, metrics, and the id that ties a reply to them.

mod log;

use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::time::Instant;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::Method;
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse};
use futures_util::FutureExt as _;
use metrics::{Counter, Histogram};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use crate::api::limits::Allowance;
use crate::api::problem::{Kind, Problem};
use crate::app::{App, RequestId};
use crate::page::STRICT_POLICY;

pub use log::{Logging, log_json};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// Starts counting; the handle renders what was counted for `/metrics`.
pub fn count() -> Result<PrometheusHandle, metrics_exporter_prometheus::BuildError> {
    let recorder = PrometheusBuilder::new()
        .set_buckets(&[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0])?
        .build_recorder();
    let handle = recorder.handle();
    // A second server in one process, as tests start them, counts into the first one's numbers.
    let _ = metrics::set_global_recorder(recorder);
    Ok(handle)
}

/// Wraps every request: gives it an id, writes out the problem that its handler left, sets the headers that every reply
/// carries, counts it and logs it. A handler that panics is answered for. The log names the route, never the path: a path
/// may hold a student's token.
pub async fn watch(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let watched = Watched::of(&request);
    request.extensions_mut().insert(RequestId(watched.id.clone()));
    let called = AssertUnwindSafe(async move { next.call(request).await }).catch_unwind().await;
    let Ok(response) = called else { return Err(watched.panicked()) };
    let response = response?.map_into_boxed_body();
    let pattern = response.request().match_pattern();
    let mut response = written(response, &watched.id);
    let allowance = response.request().extensions().get::<Allowance>().cloned();
    tell_limits(response.headers_mut(), allowance);
    watched.finish(response.response_mut(), pattern.as_deref());
    Ok(response)
}

/// What is kept of a request until it is answered.
struct Watched {
    id: String,
    method: &'static str,
    /// Whether the outside world reaches us over TLS.
    secure: bool,
    started: Instant,
}

impl Watched {
    fn of(request: &ServiceRequest) -> Self {
        Self {
            id: request_id(request),
            method: known(request.method()),
            secure: request.app_data::<Data<App>>().is_some_and(|app| app.public_url.is_https()),
            started: Instant::now(),
        }
    }

    /// Sets the headers of every reply, counts it and logs it.
    fn finish(&self, response: &mut HttpResponse, route: Option<&str>) {
        set_headers(response.headers_mut(), &self.id, self.secure);
        let (method, route) = (self.method, route.unwrap_or("unknown"));
        let (status, elapsed) = (response.status().as_u16(), self.started.elapsed());
        record(method, route, status, elapsed.as_secs_f64());
        let micros = u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX);
        log::request(&log::Answered { request_id: &self.id, method, route, status, micros });
    }

    /// The reply to a request whose handler panicked, and took the request with it.
    fn panicked(&self) -> Error {
        tracing::error!(request_id = %self.id, "a handler panicked");
        let problem = Problem::fault();
        let mut reply = problem.render(&self.id);
        self.finish(&mut reply, None);
        InternalError::from_response(problem, reply).into()
    }
}

/// The caller's id where it is a sane one, else a new one.
fn request_id(request: &ServiceRequest) -> String {
    let sane = |id: &&str| {
        (8..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    let given = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).filter(sane);
    let random = request.app_data::<Data<App>>().map(|app| app.random);
    let new = || random.and_then(|random| random.hex::<16>().ok()).unwrap_or_else(|| "0".repeat(32));
    given.map_or_else(new, ToOwned::to_owned)
}

/// Replaces a reply that only carries a problem by its full form. A reply of the framework's own becomes one too.
fn written(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let problem = response.response().extensions().get::<Problem>().cloned();
    let status = response.status();
    let foreign = status.is_client_error() || status.is_server_error();
    let problem = problem.or_else(|| {
        let known = response.response().headers().contains_key("content-type");
        let kind = Kind::ALL.iter().find(|kind| kind.status == status).copied();
        (foreign && !known)
            .then(|| Problem::new(kind.unwrap_or(Kind::INTERNAL), status.canonical_reason().unwrap_or_default()))
    });
    match problem {
        Some(problem) => with_headers_of(response, problem.render(id)),
        None => response,
    }
}

/// Puts a full reply in the place of one that only carries a problem, and keeps what was added to that on its way.
fn with_headers_of(carrier: ServiceResponse<BoxBody>, reply: HttpResponse) -> ServiceResponse<BoxBody> {
    let added = carrier.headers().clone();
    let mut response = carrier.into_response(reply);
    let headers = response.headers_mut();
    for (name, value) in added.into_iter().filter(|(name, _)| !headers.contains_key(name)).collect::<Vec<_>>() {
        headers.append(name, value);
    }
    response
}

fn set_headers(headers: &mut HeaderMap, id: &str, secure: bool) {
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin-allow-popups"));
    if secure {
        headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, STRICT_POLICY.clone());
    }
}

/// Tells a caller that was counted what is left.
fn tell_limits(headers: &mut HeaderMap, allowance: Option<Allowance>) {
    let told = allowance.into_iter().flat_map(|told| [(RATE_LIMIT_POLICY, told.policy), (RATE_LIMIT, told.left)]);
    for (name, text) in told {
        if let Ok(value) = HeaderValue::from_str(&text) {
            headers.insert(name, value);
        }
    }
}

/// The method as logs and metrics name it. A client may make up any word, each metric's label takes memory until the
/// server stops, and a word may be a token.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// How many replies a route gave, and how long they took.
type OfRoutes = HashMap<String, (Counter, Histogram)>;

thread_local! {
    /// The figures of each method and status. To find one among all takes longer than to count it.
    static FIGURES: RefCell<HashMap<(&'static str, u16), OfRoutes>> = RefCell::default();
}

fn record(method: &'static str, route: &str, status: u16, seconds: f64) {
    FIGURES.with_borrow_mut(|known| {
        let routes = known.entry((method, status)).or_default();
        if !routes.contains_key(route) {
            routes.insert(route.to_owned(), figures(method, route, status));
        }
        if let Some((count, durations)) = routes.get(route) {
            count.increment(1);
            durations.record(seconds);
        }
    });
}

fn figures(method: &'static str, route: &str, status: u16) -> (Counter, Histogram) {
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    let durations = metrics::histogram!("http_request_duration_seconds", &labels[..2]);
    (metrics::counter!("http_requests_total", &labels), durations)
}
