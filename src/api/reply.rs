//! What handlers answer with: one object, a new object, or a page of a list.
//!
//! A POST is answered by [`Answer::once`] alone: it keeps the answer for a repetition, in the commit of its effect.

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{ETAG, HeaderName, HeaderValue, LINK, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder, ResponseError};
use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use crate::api::conditions::{entity_tag, has_already};
use crate::api::params::COMMON;
use crate::api::problem::Problem;
use crate::domain::version::Version;
use crate::domain::{Error, Result};
use crate::store::{Nonce, Page, PageRequest, Store, Tx};

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
            #[param(example = "[{\"id\":\"desc\"}]")]
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

/// An answer as it goes out, and as it is kept for a repetition of its request.
#[derive(Serialize, Deserialize)]
pub struct Answer {
    status: u16,
    location: Option<String>,
    etag: Option<String>,
    body: String,
    #[serde(skip)]
    repeated: bool,
}

/// What one object is answered with.
pub trait Reply {
    /// The answer, written out.
    fn answer(self) -> Result<Answer>;
}

impl Answer {
    /// Carries out a POST and answers it. With an `Idempotency-Key` the answer is kept in the same commit, and is the
    /// answer to the same request for 24 hours, whose `change` does not run then.
    pub async fn once<R: Reply>(
        store: &Store,
        nonce: Nonce,
        mut change: impl FnMut(&mut Tx<'_>) -> Result<R> + Send + 'static,
    ) -> Result<Self, Problem> {
        let once = store.write_once(nonce, move |tx| change(tx)?.answer()).await?;
        Ok(Self { repeated: once.repeated, ..once.answer })
    }

    /// Whether this is the answer to an earlier sending of the request.
    pub fn is_repeated(&self) -> bool {
        self.repeated
    }

    fn of<T: Serialize + Versioned>(status: StatusCode, body: &T) -> Result<Self> {
        let text = serde_json::to_string(body).map_err(|error| Error::Internal(error.to_string()))?;
        let etag = body.version().map(|version| entity_tag(version, &text));
        Ok(Self { status: status.as_u16(), location: None, etag, body: text, repeated: false })
    }
}

/// A body that shows an object. Its version becomes part of the entity tag.
pub trait Versioned {
    /// Which version is shown; `None` for what is no object.
    fn version(&self) -> Option<Version>;
}

/// Declares that `$envelope` shows the object in its member `$member`, or no single object.
macro_rules! shows {
    ($envelope:ty) => {
        impl $crate::api::reply::Versioned for $envelope {
            fn version(&self) -> Option<$crate::domain::version::Version> {
                None
            }
        }
    };
    ($envelope:ty, $member:ident) => {
        impl $crate::api::reply::Versioned for $envelope {
            fn version(&self) -> Option<$crate::domain::version::Version> {
                let (id, updated_at) = (self.$member.id.0, self.$member.updated_at);
                Some($crate::domain::version::Version { id, updated_at })
            }
        }
    };
}
pub(in crate::api) use shows;

/// 200 with an object. Objects may hold personal data and secrets, so no cache keeps them.
pub struct Shown<T>(pub T);

impl<T: Serialize + Versioned> Shown<T> {
    /// Answers a GET with what `query` finds. It is written out on the thread that found it: an object is many small
    /// texts, and to hand them to another processor takes longer than to write them out.
    pub async fn read<R: Into<T>>(
        store: &Store,
        nonce: Nonce,
        query: impl FnOnce(&mut Tx<'_>) -> Result<R> + Send + 'static,
    ) -> Result<Answer, Problem> {
        Ok(store.read(nonce, move |tx| Self(query(tx)?.into()).answer()).await?)
    }
}

/// 201 with the new object and where it is. It answers a POST, so it goes out through [`Answer::once`].
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

shows!(Deleted);

impl<T: Serialize + Versioned> Reply for Shown<T> {
    fn answer(self) -> Result<Answer> {
        Answer::of(StatusCode::OK, &self.0)
    }
}

impl<T: Serialize + Versioned> Reply for Created<T> {
    fn answer(self) -> Result<Answer> {
        Ok(Answer { location: Some(self.location), ..Answer::of(StatusCode::CREATED, &self.body)? })
    }
}

impl<T: Serialize + Versioned> Responder for Shown<T> {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self.answer() {
            Ok(answer) => answer.respond_to(request),
            Err(error) => Problem::from(error).error_response(),
        }
    }
}

/// 304 without a body where the caller has the object already.
impl Responder for Answer {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        let mut reply = HttpResponse::build(StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK));
        reply.insert_header(NO_STORE);
        if let Some(location) = self.location {
            reply.insert_header((LOCATION, location));
        }
        if self.repeated {
            reply.insert_header(("Idempotent-Replayed", "true"));
        }
        if let Some(etag) = self.etag {
            let known = has_already(request, &etag);
            reply.insert_header((ETAG, etag));
            if known {
                return reply.status(StatusCode::NOT_MODIFIED).finish();
            }
        }
        reply.content_type("application/json").body(self.body)
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
