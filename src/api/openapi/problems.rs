//! The error replies in the document: one for each status, with an example of each of its codes that the program itself
//! made.

use std::collections::BTreeSet;

use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::{Components, ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{PartialSchema, ToSchema};

use super::{ALWAYS, header_reference};
use crate::api::problem::{Kind, Problem, ProblemBody};
use crate::domain::error::{InUse, Unauthenticated};
use crate::domain::{Error, FieldError};
use crate::store::idempotency;

/// Adds the schema of a problem and its replies, named `Problem404` after their status.
pub fn add_to(components: &mut Components) {
    let mut schemas = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let statuses: BTreeSet<u16> = Kind::ALL.iter().map(|kind| kind.status.as_u16()).collect();
    let problems = problems();
    for status in statuses {
        components.responses.insert(format!("Problem{status}"), RefOr::T(response(status, &problems)));
    }
}

/// Whether an operation may answer with this kind.
pub fn may_answer(kind: Kind, path: &str, method: &str) -> bool {
    let in_use_keeps_it =
        ["/tool_providers/{id}", "/lti_resources/", "/attachments/"].iter().any(|part| path.contains(part));
    match kind {
        Kind::METHOD => false,
        Kind::NOT_FOUND => path.contains('{'),
        Kind::KEY_IN_USE => method == "POST",
        Kind::CONFLICT => method != "GET",
        Kind::PRECONDITION => !matches!(method, "GET" | "POST"),
        Kind::LOCKED => method == "DELETE" && in_use_keeps_it,
        _ => true,
    }
}

fn response(status: u16, problems: &[Problem]) -> Response {
    let kinds = Kind::ALL.iter().filter(|kind| kind.status.as_u16() == status);
    let codes: Vec<String> = kinds.map(|kind| format!("`{}`: {}. {}", kind.code, kind.title, kind.advice)).collect();
    let mut content = ContentBuilder::new().schema(Some(Ref::from_schema_name(ProblemBody::name())));
    for problem in problems.iter().filter(|problem| problem.kind.status.as_u16() == status) {
        let body = serde_json::to_value(problem.body("6f1ed002ab5595859014ebf0951522d9")).ok();
        let example = ExampleBuilder::new().summary(problem.kind.title).value(body).build();
        content = content.examples_from_iter([(problem.kind.code, example)]);
    }
    let description = codes.join("\n\n");
    let builder = ResponseBuilder::new().description(description).content("application/problem+json", content.build());
    let mut response = builder.build();
    let carried = match status {
        401 => Some("WWW-Authenticate"),
        409 | 429 | 503 => Some("Retry-After"),
        _ => None,
    };
    let names = [ALWAYS.0].into_iter().chain(carried);
    response.headers.extend(names.map(|name| (name.to_owned(), header_reference(name))));
    response
}

/// One problem of each kind.
fn problems() -> Vec<Problem> {
    let in_use = InUse { id: 2, name: "Algebra, final".into() };
    let stale = Unauthenticated::Stale { server: 1_795_677_593_143, skew: 420_000, seconds: false };
    vec![
        Problem::at(Kind::MALFORMED, "nonce", "must be a number of 1 to 20 digits"),
        Problem::at(Kind::DUPLICATE, "name", "is given twice"),
        Problem::at(Kind::CONFLICTING, "id", "has different values in path, query and body"),
        Error::Unauthenticated(Unauthenticated::BadSignature).into(),
        Error::Unauthenticated(stale).into(),
        Error::Unauthenticated(Unauthenticated::NonceReused).into(),
        Error::Unauthenticated(Unauthenticated::MessageSignatureRequired).into(),
        Error::Forbidden.into(),
        Error::not_found("exam", 42).into(),
        Problem::method_not_allowed("PATCH", &["GET", "POST"]),
        Problem::new(
            Kind::NOT_ACCEPTABLE,
            "Version 3 is served: accept application/vnd.procwise.v3 or application/json.",
        ),
        Problem::new(Kind::RATE_LIMITED, "This token sends too many requests."),
        Problem::new(Kind::SLOW, "The body did not arrive in time."),
        Error::Conflict("students are taking the exam (3 now); close it first".into()).into(),
        Error::InFlight.into(),
        Problem::new(Kind::TOO_LARGE, "The body is larger than 1048576 bytes."),
        Problem::new(Kind::MEDIA_TYPE, "A body of type \"text/plain\" is not read."),
        Error::Invalid(vec![FieldError::missing("tool_name")]).into(),
        Error::invalid("end_time", "must be after start_time").into(),
        Error::taken("email").into(),
        idempotency::reused().into(),
        Error::PreconditionFailed.into(),
        Problem::at(Kind::AMBIGUOUS, "tool_url", "holds a question mark, a parameter's name and '='"),
        Error::Locked(vec![in_use]).into(),
        Problem::new(Kind::INTERNAL, "This is a fault of the server, which has logged it."),
        Problem::new(Kind::UNAVAILABLE, "The database is away or busy. Nothing is known to be wrong with the request."),
    ]
}
