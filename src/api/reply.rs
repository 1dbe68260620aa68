//! What handlers answer with: one object, a new object, or a page of a list.

use actix_web::body::BoxBody;
use actix_web::http::header::{HeaderName, HeaderValue, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use url::form_urlencoded;
use validator::Validate;

use crate::api::params::COMMON;
use crate::store::{Page, PageRequest};

/// Rows on a page, and the most that a page holds.
pub const PAGE: i64 = 300;

/// Which page of a list is wanted. Every list takes these beside its own filters.
pub fn page_request(page: Option<i64>, limit: Option<i64>) -> PageRequest {
    PageRequest { number: page.unwrap_or(1), limit: limit.unwrap_or(PAGE) }
}

/// The parameters of a list without filters.
#[derive(Debug, Default, serde::Deserialize, Validate, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// The page, from 1.
    #[validate(range(min = 1, max = 1_000_000, message = "must be from 1 to 1000000"))]
    #[param(minimum = 1, maximum = 1_000_000, example = 1)]
    pub page: Option<i64>,
    /// Rows on a page: 300 unless given, and at most.
    #[validate(range(min = 1, max = 300, message = "must be from 1 to 300"))]
    #[param(minimum = 1, maximum = 300, example = 25)]
    pub limit: Option<i64>,
}

impl crate::api::params::Accepts for List {}

impl From<List> for PageRequest {
    fn from(list: List) -> Self {
        page_request(list.page, list.limit)
    }
}

/// 200 with an object. Objects may hold personal data and secrets, so no cache keeps them.
pub struct Shown<T>(pub T);

/// 201 with the new object and where it is.
pub struct Created<T> {
    body: T,
    location: String,
}

impl<T> Created<T> {
    /// `path` is the new object's, such as `/api/v3/exams/1`.
    pub fn at(path: String, body: T) -> Self {
        Self { body, location: path }
    }
}

/// 200 with a page of a list, and where the other pages are.
pub struct Listed<T> {
    body: T,
    total: i64,
    request: PageRequest,
}

impl<T> Listed<T> {
    /// Wraps the rows of a page in their envelope.
    pub fn page<R>(page: Page<R>, envelope: impl FnOnce(Vec<R>) -> T) -> Self {
        Self { total: page.total, request: page.request, body: envelope(page.rows) }
    }
}

/// The answer of a call that is kept for clients in use and has a successor: the headers `Deprecation` (RFC 9745) and
/// `Link` say so.
pub struct Deprecated<T> {
    reply: T,
    successor: String,
}

impl<T> Deprecated<T> {
    /// `path` is where to call instead, such as `/api/v3/exams/1/student_sessions`.
    pub fn by(path: String, reply: T) -> Self {
        Self { reply, successor: path }
    }
}

/// Since when calls are deprecated: 21 November 2026, in seconds since 1970.
const DEPRECATED_SINCE: &str = "@1795219200";

/// It is deleted: nothing is left to show.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Deleted {}

impl<T: Serialize> Responder for Shown<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Ok().insert_header(NO_STORE).json(self.0)
    }
}

impl<T: Serialize> Responder for Created<T> {
    type Body = BoxBody;
    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        HttpResponse::Created().insert_header(NO_STORE).insert_header((LOCATION, self.location)).json(self.body)
    }
}

impl<T: Serialize> Responder for Listed<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let PageRequest { number, limit } = self.request;
        let pages = self.total.div_euclid(limit) + i64::from(self.total.rem_euclid(limit) > 0);
        let mut reply = HttpResponse::Ok();
        reply
            .insert_header(NO_STORE)
            .insert_header(("X-Pagination-Item-Count", self.total))
            .insert_header(("X-Pagination-Page-Count", pages))
            .insert_header(("X-Pagination-Page", number))
            .insert_header(("X-Pagination-Limit", limit));
        let links = links(request, number, pages, limit);
        if !links.is_empty() {
            reply.insert_header(("Link", links));
        }
        reply.json(self.body)
    }
}

impl<T: Responder<Body = BoxBody>> Responder for Deprecated<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut response = self.reply.respond_to(request);
        let link = format!("<{}>; rel=\"successor-version\"", self.successor);
        let headers = response.headers_mut();
        headers.append(HeaderName::from_static("deprecation"), HeaderValue::from_static(DEPRECATED_SINCE));
        if let Ok(link) = HeaderValue::try_from(link) {
            headers.append(LINK, link);
        }
        response
    }
}

const NO_STORE: (&str, &str) = ("Cache-Control", "no-store");

/// RFC 8288 links to the other pages, with the filters of this one. Each must be signed anew, so they carry no signature.
fn links(request: &HttpRequest, page: i64, pages: i64, limit: i64) -> String {
    let filters = form_urlencoded::parse(request.query_string().as_bytes())
        .filter(|(name, _)| !COMMON.contains(&&**name) && name != "page" && name != "limit");
    let link = |number: i64, relation: &str| {
        let (page, limit) = (number.to_string(), limit.to_string());
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filters.clone()).extend_pairs([("page", &page), ("limit", &limit)]);
        format!("<{}?{}>; rel=\"{relation}\"", request.path(), query.finish())
    };
    let mut links = Vec::new();
    if page > 1 {
        links.extend([link(1, "first"), link(page - 1, "prev")]);
    }
    if page < pages {
        links.extend([link(page + 1, "next"), link(pages, "last")]);
    }
    links.join(", ")
}
