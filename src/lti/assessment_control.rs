//! Proctoring tools stop, resume, extend and end attempts, and flag incidents (Assessment Control 1.0). A tool reaches the
//! attempts that it proctors, and no others.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1p3::proctoring::{CONTROL, ControlRequest, ControlResponse};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::assessment_control::ControlContent;
use crate::domain::line_item_score::wire;
use crate::domain::lti_registration::ToolScope;
use crate::domain::{Error, Result};
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Stop, broken, json_body, logged, record, shown};
use crate::lti::problem::Problem;
use crate::store::{Tx, assessment_controls, proctorings};

/// How far a tool's clock may be ahead, in seconds.
const SKEW: i64 = 60;

/// Controls an attempt.
pub struct ControlAssessment;

impl Call for ControlAssessment {
    const SCOPES: &'static [ToolScope] = &[ToolScope::AssessmentControl];
    const OPERATION: &'static str = "controlAssessment";
}

/// A request and its body.
struct Asked {
    request: ControlRequest,
    body: Vec<u8>,
}

impl Asked {
    /// What names the attempt.
    fn place(&self) -> (&str, &str, u32) {
        (&self.request.resource_link_id, &self.request.user_id, self.request.attempt_number)
    }
}

/// Does to an attempt what the tool asks for, once, and says how it stands.
#[post("/lti/1.3/assessment_control")]
pub async fn control_assessment(
    granted: Granted<ControlAssessment>,
    request: HttpRequest,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let asked = match read(&granted, &request, payload, &app).await {
        Ok(asked) => asked,
        Err(problem) => return logged(&app, &granted, About::default(), json!({}), Err(problem)),
    };
    let (tool, reach, place) = (granted.tool.clone(), granted.reach, asked.request.clone());
    let said = said(&asked.request);
    // Which row the commit locks must be known before it begins; whether it still is the one, the commit asks again.
    let meant = move |tx: &mut Tx<'_>| {
        proctorings::meant(tx, &tool, reach, (&place.resource_link_id, &place.user_id, place.attempt_number))
    };
    let locks = app.store.query(meant).await?;
    let write = move |tx: &mut Tx<'_>| {
        let mut about = About::default();
        let done = carry_out(tx, &granted, &asked, &mut about);
        record(tx, &granted, about, (&said, StatusCode::OK), done)
    };
    let stands = app.store.apply_locking(locks, write).await??;
    Ok(shown(StatusCode::OK, CONTROL, &stands.to_value()))
}

async fn read(
    granted: &Granted<ControlAssessment>,
    request: &HttpRequest,
    payload: Payload,
    app: &App,
) -> Result<Asked, Problem> {
    let body = json_body(request, payload, CONTROL).await?;
    let request = ControlRequest::read(&body, app.public_url.as_str(), wire(granted.at), SKEW).map_err(broken)?;
    Ok(Asked { request, body: body.to_vec() })
}

/// For the log: what was said, without the message for people, which may be long.
fn said(request: &ControlRequest) -> Value {
    json!({
        "user": request.user_id,
        "resource_link": request.resource_link_id,
        "attempt_number": request.attempt_number,
        "action": request.action.as_str(),
        "extra_time": request.extra_time,
        "incident_time": request.incident_time.to_string(),
        "incident_severity": request.severity,
        "reason_code": request.reason_code,
    })
}

fn carry_out(
    tx: &mut Tx<'_>,
    granted: &Granted<ControlAssessment>,
    asked: &Asked,
    about: &mut About,
) -> Result<ControlResponse, Stop> {
    let (tool, now) = (&granted.tool, granted.at);
    let session = proctorings::meant(tx, tool, granted.reach, asked.place())?.ok_or_else(unknown_attempt)?;
    let mut attempt = proctorings::lock(tx, session, tool.id, now)?.ok_or_else(unknown_attempt)?;
    *about = About { exam: Some(attempt.exam.id), session: Some(session), ..About::default() };
    let control = ControlContent::new(&asked.request, &asked.body, (session, tool.id), now)?;
    if assessment_controls::is_known(tx, &control)? {
        return Ok(attempt.stands(now));
    }
    attempt.carry_out(&asked.request, now).map_err(refused)?;
    proctorings::write(tx, &attempt)?;
    assessment_controls::insert(tx, &control)?;
    Ok(attempt.stands(now))
}

fn unknown_attempt() -> Problem {
    let detail = "There is no such attempt that this tool proctors; send user.sub, resource_link.id and attempt_number \
                  of the message LtiStartProctoring.";
    Problem::new(StatusCode::NOT_FOUND, "unknown_attempt", detail)
}

/// What the attempt is in no state for.
fn refused(error: Error) -> Stop {
    match error {
        Error::Conflict(why) => Problem::new(StatusCode::CONFLICT, "attempt_state", why).into(),
        other => other.into(),
    }
}
