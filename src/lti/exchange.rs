//! What the services of LTI 1.3 have in common: how a body is read, how an answer is written and paged, and how a call is
//! kept in the log.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, LINK};
use actix_web::web::{Bytes, Payload};
use actix_web::{HttpRequest, HttpResponse};
use examlink_lti::v1p3::{LARGEST_PAGE, ServiceError, link_header};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::id::{ExamId, LtiResourceId, StudentSessionId};
use crate::domain::service_call::{CallOutcome, NewServiceCall};
use crate::domain::{Error, Result};
use crate::lti::bearer::{Call, Granted};
use crate::lti::call_log;
use crate::lti::problem::Problem;
use crate::lti::signed::body;
use crate::store::{Tx, service_calls};

/// The name of a page's beginning in the address of the next one.
pub const AFTER: &str = "after";

/// What a call is about, for the log.
#[derive(Clone, Copy, Debug, Default)]
pub struct About {
    /// The exam.
    pub exam: Option<ExamId>,
    /// The link.
    pub resource: Option<LtiResourceId>,
    /// The student's attempt.
    pub session: Option<StudentSessionId>,
}

impl About {
    /// An exam as a whole.
    pub fn exam(exam: ExamId) -> Self {
        Self { exam: Some(exam), ..Self::default() }
    }
}

/// Why a call stops within its transaction: it is refused, or the database failed.
#[derive(Debug)]
pub enum Stop {
    /// The tool is told why; its call is kept in the log.
    Refused(Problem),
    /// Nothing is kept.
    Failed(Error),
}

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound { .. } | Error::Invalid(_) | Error::Conflict(_) => Self::Refused(error.into()),
            error => Self::Failed(error),
        }
    }
}

/// What breaks a rule of the protocol.
#[allow(clippy::needless_pass_by_value)] // it is handed to `map_err`
pub fn broken(error: ServiceError) -> Problem {
    Problem::new(StatusCode::BAD_REQUEST, "invalid", error.to_string())
}

/// The body of a request of this media type; plain JSON is taken for it.
pub async fn json_body(request: &HttpRequest, payload: Payload, media_type: &str) -> Result<Bytes, Problem> {
    let header = request.headers().get(CONTENT_TYPE).and_then(|header| header.to_str().ok()).unwrap_or_default();
    let given = header.split(';').next().unwrap_or_default().trim();
    if ![media_type, "application/json"].iter().any(|taken| given.eq_ignore_ascii_case(taken)) {
        let detail = format!("Send the body as {media_type}.");
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", detail));
    }
    body(payload).await.ok_or_else(Problem::too_large)
}

/// The decoded pairs of a query.
pub fn query_of(request: &HttpRequest) -> Vec<(String, String)> {
    url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect()
}

/// Which page of a container is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Paging {
    after: u32,
    limit: u32,
}

impl Paging {
    /// Reads where the page begins; `limit` is how many the tool wants, if it says so.
    pub fn read(query: &[(String, String)], limit: Option<u32>) -> Result<Self, Problem> {
        let mut given = query.iter().filter(|(name, _)| name == AFTER).map(|(_, value)| value);
        let after = match (given.next(), given.next()) {
            (None, _) => Some(0),
            (Some(one), None) => one.parse().ok(),
            _ => None,
        };
        let wrong = || {
            let detail = "after is not one that this server gave out; follow the link to the next page as it is.";
            Problem::new(StatusCode::BAD_REQUEST, "invalid", detail)
        };
        Ok(Self { after: after.ok_or_else(wrong)?, limit: limit.unwrap_or(LARGEST_PAGE) })
    }

    /// What came before the page.
    pub const fn after(self) -> u32 {
        self.after
    }

    /// How many are on it at most.
    pub const fn limit(self) -> u32 {
        self.limit
    }
}

/// The address of the page after a page, where there is one: with all that this one was asked with.
pub fn next_page(url: &str, query: &[(String, String)], after: Option<u32>) -> Option<String> {
    let kept = query.iter().filter(|(name, _)| name != AFTER);
    let mut pairs = url::form_urlencoded::Serializer::new(String::new());
    let pairs = pairs.extend_pairs(kept).append_pair(AFTER, &after?.to_string());
    Some(format!("{url}?{}", pairs.finish()))
}

/// An answer of this media type, which is for this tool alone.
pub fn shown(status: StatusCode, media_type: &str, body: &Value) -> HttpResponse {
    let mut reply = HttpResponse::build(status);
    reply.content_type(media_type).insert_header((CACHE_CONTROL, "no-store")).body(body.to_string())
}

/// One page of a container, and where the next one is.
pub fn paged(media_type: &str, body: &Value, next: Option<&str>) -> HttpResponse {
    linked(media_type, body, next.map(|next| (link_header::NEXT, next)).as_slice())
}

/// One page of a container, and where what belongs to it is: relations and addresses.
pub fn linked(media_type: &str, body: &Value, links: &[(&str, &str)]) -> HttpResponse {
    let mut reply = HttpResponse::Ok();
    reply.content_type(media_type).insert_header((CACHE_CONTROL, "no-store"));
    if let Some(link) = link_header::write(links) {
        reply.insert_header((LINK, link));
    }
    reply.body(body.to_string())
}

/// Keeps a call that wrote nothing, after its answer.
pub fn logged<C: Call>(
    app: &App,
    granted: &Granted<C>,
    about: About,
    said: Value,
    answer: Result<HttpResponse, Problem>,
) -> Result<HttpResponse, Problem> {
    let refused = answer.as_ref().err();
    let status = answer.as_ref().map_or(StatusCode::OK, HttpResponse::status);
    call_log::keep(app, vec![call(granted, about, said, status, refused)]);
    answer
}

/// Keeps a call in the commit of what it wrote. What the database failed at leaves nothing, not even this.
pub fn record<C: Call, T>(
    tx: &mut Tx<'_>,
    granted: &Granted<C>,
    about: About,
    (said, status): (&Value, StatusCode),
    done: Result<T, Stop>,
) -> Result<Result<T, Problem>> {
    let done = match done {
        Ok(done) => Ok(done),
        Err(Stop::Refused(problem)) => Err(problem),
        Err(Stop::Failed(error)) => return Err(error),
    };
    service_calls::insert(tx, &call(granted, about, said.clone(), status, done.as_ref().err()))?;
    Ok(done)
}

fn call<C: Call>(
    granted: &Granted<C>,
    about: About,
    mut said: Value,
    status: StatusCode,
    refused: Option<&Problem>,
) -> NewServiceCall {
    if said.is_null() {
        said = json!({});
    }
    if let Value::Object(members) = &mut said {
        members.insert("client_id".into(), granted.registration.client_id.as_str().into());
        if let Some(refused) = refused {
            members.insert("detail".into(), refused.to_string().into());
        }
    }
    let (code, status) = refused.map_or((None, status.as_u16()), |refused| {
        let (code, status) = refused.for_log();
        (Some(code), status)
    });
    NewServiceCall {
        institute_id: granted.tool.institute_id,
        tool_provider_id: Some(granted.tool.id),
        exam_id: about.exam,
        lti_resource_id: about.resource,
        student_session_id: about.session,
        operation: C::OPERATION.into(),
        outcome: if refused.is_none() { CallOutcome::Success } else { CallOutcome::Failure },
        status: status.into(),
        code: code.map(str::to_owned),
        request: said.to_string(),
        created_at: granted.at,
    }
}
