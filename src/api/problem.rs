//! Every error reply: RFC 9457 `application/problem+json`, with the member `error` that clients of the published API read.
//!
//! One table gives status, code and title. A handler's error becomes an empty reply that carries a [`Problem`];
//! [`Problem::render`] writes the body once the request's id is known, so that no error leaves without it.

use std::collections::BTreeMap;

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Value, json};

use crate::domain::error::Unauthenticated;
use crate::domain::{Error, FieldError};

/// A status, a stable code and a title. The codes are documented at `/docs/errors`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The HTTP status.
    pub status: StatusCode,
    /// The stable, machine-readable name.
    pub code: &'static str,
    /// The same in words.
    pub title: &'static str,
    /// What to do about it.
    pub advice: &'static str,
}

macro_rules! kinds {
    ($($name:ident = $status:ident $code:literal $title:literal $advice:literal),+ $(,)?) => {
        impl Kind {
            $(#[doc = $title]
            pub const $name: Self = Self { status: StatusCode::$status, code: $code, title: $title, advice: $advice };)+
            /// All kinds, in the order of their documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
        }
    };
}

kinds! {
    MALFORMED = BAD_REQUEST "malformed_request" "The request cannot be read" "Check that the body is a JSON object or a form, in UTF-8, and that ids, nonce and timestamp are digits.",
    DUPLICATE = BAD_REQUEST "duplicate_parameter" "A parameter is given twice" "Send each parameter once. A list is sent as one JSON array.",
    CONFLICTING = BAD_REQUEST "parameter_conflict" "A parameter has two values" "Leave the parameter out of the query or the body, or send the same value in both.",
    SIGNATURE = UNAUTHORIZED "invalid_signature" "The token or the signature is not valid" "Check the token and the secret key, and compare the message that you sign with the one of `examlink sign`.",
    STALE = UNAUTHORIZED "stale_timestamp" "The timestamp is too far from the server's time" "Send milliseconds since 1970, and keep the clock in time.",
    REUSED = UNAUTHORIZED "nonce_reused" "The nonce was used before" "Use a new nonce for every request, also when one is sent again.",
    WEAK = UNAUTHORIZED "message_signature_required" "The user signs whole messages" "Sign the HTTP message (RFC 9421), as `examlink sign --scheme rfc9421` does, or ask an administrator to set require_message_signature to false.",
    FORBIDDEN = FORBIDDEN "forbidden" "The role may not do this" "Ask an administrator of your institute.",
    NOT_FOUND = NOT_FOUND "not_found" "Not found" "Check the id and the path. What belongs to another institute looks as if it did not exist.",
    METHOD = METHOD_NOT_ALLOWED "method_not_allowed" "The path does not take this method" "Use one of the methods in the header Allow.",
    NOT_ACCEPTABLE = NOT_ACCEPTABLE "not_acceptable" "This version is not served" "Accept application/vnd.procwise.v3 or application/json.",
    KEY_REUSED = UNPROCESSABLE_ENTITY "idempotency_key_reused" "The Idempotency-Key came with another request" "Send a new key with every new request, and the old one only with the very same request.",
    PRECONDITION = PRECONDITION_FAILED "precondition_failed" "The object was changed meanwhile" "Read the object again, decide anew, and send its new ETag in If-Match.",
    CONFLICT = CONFLICT "conflict" "The request collides with what exists" "Read the object again and decide anew.",
    KEY_IN_USE = CONFLICT "idempotency_key_in_use" "A request with this Idempotency-Key is being carried out" "Send the same request with the same key again, newly signed, after the seconds of Retry-After: it gets the answer of the first.",
    TOO_LARGE = PAYLOAD_TOO_LARGE "too_large" "The body is too large" "Send at most 1 MB, and an attachment of at most 25 MB.",
    MEDIA_TYPE = UNSUPPORTED_MEDIA_TYPE "unsupported_media_type" "The body has a type that is not read" "Send application/json, application/x-www-form-urlencoded or multipart/form-data in UTF-8, not compressed.",
    MISSING = UNPROCESSABLE_ENTITY "parameter_missing" "A required parameter is missing" "Send the parameters that `errors` names.",
    INVALID = UNPROCESSABLE_ENTITY "parameter_invalid" "A parameter breaks a rule" "Correct the parameters that `errors` names.",
    TAKEN = UNPROCESSABLE_ENTITY "taken" "A unique value exists already" "Choose another value, or use the object that has it.",
    AMBIGUOUS = UNPROCESSABLE_ENTITY "ambiguous_signature" "The signed message could be read in two ways" "Write the value so that no known parameter name follows a question mark in it; put another query parameter first.",
    LOCKED = LOCKED "locked" "The object is in use" "Close the exams that `error` names, or take the object out of them.",
    RATE_LIMITED = TOO_MANY_REQUESTS "rate_limited" "Too many requests" "Send the request again, newly signed, after the seconds of Retry-After; the headers RateLimit and RateLimit-Policy tell how many you may send.",
    SLOW = REQUEST_TIMEOUT "request_timeout" "The body came too slowly" "Send the whole body within 10 seconds.",
    INTERNAL = INTERNAL_SERVER_ERROR "internal_error" "A fault of this server" "Tell the operator the request_id.",
    UNAVAILABLE = SERVICE_UNAVAILABLE "unavailable" "The database is away or busy" "Send the request again, newly signed, after the seconds of Retry-After.",
}

/// Why a request was refused, ready to be written out.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Status, code and title.
    pub kind: Kind,
    /// What happened this time.
    pub detail: String,
    /// The fields at fault.
    pub errors: Vec<FieldError>,
    /// What the member `error` holds where it is not the detail.
    error: Option<Value>,
    /// A header that belongs to it.
    header: Option<(&'static str, String)>,
}

/// The body of an error reply.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Problem)]
pub struct ProblemBody {
    /// Where the code is explained.
    #[schema(example = "/docs/errors#not_found")]
    r#type: String,
    /// The kind of problem in words.
    #[schema(example = "Not found")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What happened this time.
    #[schema(example = "Couldn't find exam with 'id'='42'")]
    detail: String,
    /// The stable name of the kind.
    #[schema(example = "not_found")]
    code: &'static str,
    /// Also in the header X-Request-Id and in the server's log.
    #[schema(example = "6f1ed002ab5595859014ebf0951522d9")]
    request_id: String,
    /// The message; for fields at fault a map from field to messages; for 423 a map to the objects in use.
    #[schema(value_type = Object, schema_with = error_member)]
    error: Value,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
}

/// One field at fault.
#[derive(Debug, Serialize, utoipa::ToSchema)]
struct FieldProblem {
    /// The parameter's name.
    field: String,
    /// The stable name of the rule.
    code: &'static str,
    /// What is wrong and what would be right.
    detail: String,
}

fn error_member() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
    use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Type};
    OneOfBuilder::new()
        .item(ObjectBuilder::new().schema_type(Type::String))
        .item(ObjectBuilder::new().schema_type(Type::Object))
        .into()
}

impl Problem {
    /// A problem of a kind.
    pub fn new(kind: Kind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), errors: Vec::new(), error: None, header: None }
    }

    /// A parameter is at fault before the request could be read.
    pub fn at(kind: Kind, field: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let error = FieldError { field: field.into(), code: kind.code, detail: detail.clone() };
        let map = (kind.status == StatusCode::UNPROCESSABLE_ENTITY).then(|| json!({ field: [detail] }));
        Self { errors: vec![error], error: map, ..Self::new(kind, format!("{field}: {detail}")) }
    }

    /// A fault of ours. The cause is in the log and never in the reply.
    pub fn fault() -> Self {
        Self::new(Kind::INTERNAL, "This is a fault of the server, which has logged it.")
    }

    /// 405: the methods that the path takes go into `Allow`.
    pub fn method_not_allowed(method: &str, allowed: &[&str]) -> Self {
        let problem = Self::new(Kind::METHOD, format!("{method} is not a method of this path."));
        Self { header: Some(("Allow", allowed.join(", "))), ..problem }
    }

    /// Asks to come again after so many seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { header: Some(("Retry-After", seconds.to_string())), ..self }
    }

    /// The body of the reply.
    pub fn body(&self, request_id: &str) -> ProblemBody {
        let field = |error: &FieldError| FieldProblem {
            field: error.field.clone(),
            code: error.code,
            detail: error.detail.clone(),
        };
        ProblemBody {
            r#type: format!("/docs/errors#{}", self.kind.code),
            title: self.kind.title,
            status: self.kind.status.as_u16(),
            detail: self.detail.clone(),
            code: self.kind.code,
            request_id: request_id.to_owned(),
            error: self.error.clone().unwrap_or_else(|| Value::from(self.detail.clone())),
            errors: self.errors.iter().map(field).collect(),
        }
    }

    /// The reply: headers from the kind, the body with the request's id.
    pub fn render(&self, request_id: &str) -> HttpResponse {
        let mut reply = HttpResponse::build(self.kind.status);
        reply.content_type("application/problem+json; charset=utf-8").insert_header(("Cache-Control", "no-store"));
        if self.kind.status == StatusCode::UNAUTHORIZED {
            reply.insert_header(("WWW-Authenticate", "Token"));
        }
        if let Some((name, value)) = &self.header {
            reply.insert_header((*name, value.as_str()));
        }
        reply.body(serde_json::to_vec(&self.body(request_id)).unwrap_or_default())
    }

    fn of_fields(errors: Vec<FieldError>) -> Self {
        let kind = match errors.as_slice() {
            [first, ..] if errors.iter().all(|error| error.code == first.code) => match first.code {
                "parameter_missing" => Kind::MISSING,
                "taken" => Kind::TAKEN,
                "idempotency_key_reused" => Kind::KEY_REUSED,
                _ => Kind::INVALID,
            },
            _ => Kind::INVALID,
        };
        let detail = Error::Invalid(errors.clone()).to_string();
        let mut messages: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for error in &errors {
            messages.entry(&error.field).or_default().push(&error.detail);
        }
        // Clients of the published API read a text where a parameter is missing, and a map where one is wrong.
        let error = (kind != Kind::MISSING).then(|| json!(messages));
        Self { error, ..Self { errors, ..Self::new(kind, detail) } }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let detail = error.to_string();
        match error {
            Error::NotFound { .. } => Self::new(Kind::NOT_FOUND, detail),
            Error::Conflict(_) => Self::new(Kind::CONFLICT, detail),
            Error::InFlight => Self::new(Kind::KEY_IN_USE, detail).retry_after(1),
            Error::PreconditionFailed => Self::new(Kind::PRECONDITION, detail),
            Error::Invalid(errors) => Self::of_fields(errors),
            Error::Unauthenticated(why) => Self::new(kind_of(&why), detail),
            Error::Forbidden => Self::new(Kind::FORBIDDEN, detail),
            Error::Locked(exams) => {
                let error = json!({ "open_exam": [exams] });
                Self { error: Some(error), ..Self::new(Kind::LOCKED, "It is used by an open exam.") }
            }
            Error::Unavailable(cause) => {
                tracing::warn!(%cause, "unavailable");
                Self::new(
                    Kind::UNAVAILABLE,
                    "The database is away or busy. Nothing is known to be wrong with the request.",
                )
                .retry_after(1)
            }
            Error::Internal(cause) => {
                tracing::error!(%cause, "internal error");
                Self::fault()
            }
        }
    }
}

const fn kind_of(why: &Unauthenticated) -> Kind {
    match why {
        Unauthenticated::MissingToken | Unauthenticated::BadSignature => Kind::SIGNATURE,
        Unauthenticated::Stale { .. } | Unauthenticated::Expired { .. } => Kind::STALE,
        Unauthenticated::NonceReused => Kind::REUSED,
        Unauthenticated::MessageSignatureRequired => Kind::WEAK,
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut reply = HttpResponse::new(self.kind.status);
        reply.extensions_mut().insert(self.clone());
        reply
    }
}
