//! What handlers answer with: one object, a new object, or a page of a list.

use actix_web::body::BoxBody;
use actix_web::http::header::LOCATION;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::Serialize;
use url::form_urlencoded;

use crate::api::params::COMMON;
use crate::store::{Page, PageRequest};

/// Rows on a page, and the most that a page holds.
pub const PAGE: i64 = 300;

/// Which page of a list is wanted.
pub fn page_request(page: Option<i64>, limit: Option<i64>) -> PageRequest {
    PageRequest { number: page.unwrap_or(1), limit: limit.unwrap_or(PAGE) }
}

/// Declares the parameters of a list: its own, and those that every list takes.
macro_rules! list {
    ($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident: Option<$type:ident>),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default, serde::Deserialize, validator::Validate, utoipa::IntoParams)]
        #[into_params(parameter_in = Query)]
        #[serde(deny_unknown_fields, default)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: Option<$type>,)*
            /// The page, from 1.
            #[validate(range(min = 1, max = 1_000_000, message = "must be from 1 to 1000000"))]
            #[param(minimum = 1, maximum = 1_000_000, example = 1)]
            pub page: Option<i64>,
            /// Rows on a page: 300 unless given, and at most.
            #[validate(range(min = 1, max = 300, message = "must be from 1 to 300"))]
            #[param(minimum = 1, maximum = 300, example = 25)]
            pub limit: Option<i64>,
            /// A JSON object as text: only rows of which all conditions hold. Operators: eq, ne, gt, gte, lt, lte, in, and
            /// like, with `%` for any text and `_` for any character. The error of an unknown column names the known ones.
            #[param(example = "{\"id\":{\"gte\":1}}")]
            pub filter: Option<String>,
            /// A JSON list as text: the order, `asc` or `desc` for each column, and by id where rows are equal. The error of
            /// an unknown column names the known ones.
            #[param(example = "[{\"created_at\":\"desc\"},{\"id\":\"asc\"}]")]
            pub sort: Option<String>,
        }

        impl $crate::api::params::Accepts for $name {}

        impl $name {
            /// Which page is wanted.
            pub fn request(&self) -> $crate::store::PageRequest {
                $crate::api::reply::page_request(self.page, self.limit)
            }

            /// Which rows are wanted, in which order.
            pub fn listing(
                &self,
                columns: $crate::store::listing::Columns,
            ) -> $crate::domain::Result<$crate::store::Listing> {
                $crate::store::Listing::read(columns, self.filter.as_deref(), self.sort.as_deref())
            }
        }
    };
}
pub(in crate::api) use list;

list! {
    /// The parameters of a list that takes none of its own.
    List {}
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
