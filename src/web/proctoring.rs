//! A student's way to the proctoring tool and back (Proctoring Services 1.0), by the same login as a launch. The tool's
//! leave to begin comes to `lti`, which verifies it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::launch::{LaunchUrl, SignedForm};
use examlink_lti::v1p3::login::{AuthenticationError, CheckedRequest, LoginInitiation};

use crate::app::{App, seconds};
use crate::browser::{is_marked, mark_browser};
use crate::domain::launch::check::MessageCheck;
use crate::domain::launch::id_token::LIFE;
use crate::domain::launch::record::ToolReturn;
use crate::domain::launch::shown::claims as shown_claims;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::proctoring::{Candidate, ProctoringFacts, Purpose, Step};
use crate::domain::secret::{Secret, TokenHash};
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::domain::{Error, Result};
use crate::page::{Policy, html, see_other};
use crate::store::launches::log::Named;
use crate::store::proctorings::{self, Found};
use crate::store::{Sender, student_sessions};
use crate::web::launch::{note_return, why};
use crate::web::login::{Answered, Begun, Refused, Stop, check_student, login_hint, note_sent};
use crate::web::page::{failed, launch_page, message, message_within, shown};
use crate::web::started::was_spent;
use crate::web::views::{Message, ReturnPage};

/// A student under way, and for which message.
pub(super) type UnderWay = (Candidate, Step, String);

/// Sends a student's browser from the page that `token` opens to the proctoring tool's login.
pub(super) async fn begin(
    request: &HttpRequest,
    app: &App,
    session: &StudentSession,
    token: &str,
    step: Step,
) -> HttpResponse {
    let (id, now) = (session.id, app.clock.now());
    let Found { facts, ancestors } = match app.store.query(move |tx| proctorings::facts(tx, id, step)).await {
        Ok(Some(found)) => found,
        Ok(None) => return message(request, Message::NoProctor),
        Err(error) => return failed(request, &error),
    };
    let candidate = Candidate::new(&facts.session, facts.tool.id, Secret::new(token), now);
    match initiation(app, &facts, (step, &candidate)) {
        Ok(form) => {
            let policy = Policy { framed: true, ancestors, ..Policy::default() };
            let mut page = launch_page(facts.tool.tool_name.as_str(), &form, policy);
            mark_browser(&mut page, app, id, Candidate::UNDER_WAY);
            page
        }
        Err(error) => {
            tracing::error!(%error, tool = %facts.tool.id, "a student could not be sent to the proctoring tool");
            message_within(request, Message::NoProctor, ancestors)
        }
    }
}

fn initiation(app: &App, facts: &ProctoringFacts, (step, candidate): (Step, &Candidate)) -> Result<SignedForm> {
    let (url, registration) = (facts.tool.tool_url.as_str(), &facts.registration);
    LaunchUrl::parse(url, app.allow_http_tools).map_err(|error| Error::Internal(error.to_string()))?;
    let login = LoginInitiation {
        issuer: app.public_url.as_str().to_owned(),
        login_hint: login_hint(app, candidate.session),
        target_link_uri: url.to_owned(),
        message_hint: candidate.seal(Purpose::Login(step), &app.keys)?,
        deployment_id: registration.deployment_id.clone(),
        client_id: registration.client_id.clone(),
        storage_target: None,
    };
    Ok(SignedForm { action: registration.settings.login_url.to_string(), fields: login.fields() })
}

/// The student whom a tool asks about, if these are words of ours and recent.
pub(super) fn under_way(app: &App, words: &str, now: Timestamp) -> Option<UnderWay> {
    let open = |step| Candidate::open(words, Purpose::Login(step), &app.keys, now);
    Step::ALL.into_iter().find_map(|step| Some((open(step)?, step, words.to_owned())))
}

/// The same, however old, for the log.
pub(super) fn begun_by(app: &App, words: &str) -> Option<UnderWay> {
    let parse = |step| Candidate::parse(words, Purpose::Login(step), &app.keys);
    Step::ALL.into_iter().find_map(|step| Some((parse(step)?, step, words.to_owned())))
}

/// The message that a student has begun, for the log.
pub(super) async fn begun(app: &App, (candidate, step, words): UnderWay) -> Result<Option<Begun>> {
    let session = candidate.session;
    let found = app.store.query(move |tx| proctorings::facts(tx, session, step)).await?;
    Ok(found.map(|Found { facts, .. }| Begun {
        about: facts.about(),
        kind: step.message(),
        url: facts.tool.tool_url.clone(),
        tool: facts.tool.id,
        at: candidate.at,
        nonce: words,
    }))
}

/// Answers a proctoring tool that asks who the student is.
pub(super) async fn answer(
    request: &HttpRequest,
    app: &App,
    asked: &CheckedRequest,
    (candidate, step, words): UnderWay,
    registration: &LtiRegistration,
) -> Result<Answered, Refused> {
    let (session, now) = (candidate.session, app.clock.now());
    if candidate.tool != registration.tool_provider_id {
        let why = "the student is on the way to another tool";
        return Err(Refused::at(MessageCheck::Tool, asked.refuse(AuthenticationError::AccessDenied, why)));
    }
    check_student(request, app, asked, session)?;
    let refuse = |check, told, why: &str| Err(Refused::at(check, Stop::Page(told, why.into())));
    let found = app.store.query(move |tx| proctorings::facts(tx, session, step)).await?;
    let Some(Found { facts, ancestors }) = found.filter(|found| found.facts.tool.id == candidate.tool) else {
        return refuse(MessageCheck::Exam, Message::NoProctor, "the exam has another proctoring tool");
    };
    let door = facts.session.door(&facts.exam, now);
    if !step.is_due(door) {
        return refuse(MessageCheck::Exam, why(door), "it is not the time for this message");
    }
    match spend(app, &candidate, &words).await {
        Err(error) if was_spent(&error) => {
            return refuse(MessageCheck::Once, Message::NoRelaunch, "the login was used before");
        }
        spent => spent?,
    }
    let form = token(app, &facts, (step, &candidate), asked, now).await?;
    Ok(Answered { name: facts.tool.tool_name.to_string(), form, ancestors })
}

async fn spend(app: &App, candidate: &Candidate, words: &str) -> Result<()> {
    let words = format!("proctoring {words}");
    let nonce = app.store.nonces().admit(Sender::Tool(candidate.tool), &words, candidate.at);
    app.store.spend(nonce.map_err(Error::Unauthenticated)?).await
}

async fn token(
    app: &App,
    facts: &ProctoringFacts,
    way: (Step, &Candidate),
    asked: &CheckedRequest,
    now: Timestamp,
) -> Result<SignedForm> {
    let kind = way.0.message();
    let message = facts.id_token(app.consumer(), way)?;
    let claims = message.claims(asked.nonce(), seconds(now), LIFE);
    let claims = claims.map_err(|error| Error::Internal(error.to_string()))?;
    let said = shown_claims(&claims);
    let token = app.platform.sign(claims).await?;
    note_sent(app, asked, (facts.about(), kind, way.1.nonce()), (said, &token), now);
    Ok(asked.answer(&token, None))
}

/// Leads a student who has ended the exam to the proctoring tool, where that asked for it.
#[get("/sessions/{token}/proctoring/end")]
pub async fn end_proctoring(request: HttpRequest, token: Path<String>, app: Data<App>) -> HttpResponse {
    let (hash, now) = (TokenHash::of(&Secret::new(token.as_str())), app.clock.now());
    match app.store.query(move |tx| student_sessions::by_token(tx, (hash, now))).await {
        Ok(Some((session, exam))) if Step::End.is_due(session.door(&exam, now)) => {
            begin(&request, &app, &session, &token, Step::End).await
        }
        Ok(Some(_)) => see_other(&format!("/sessions/{token}")),
        Ok(None) => message(&request, Message::WrongLink),
        Err(error) => failed(&request, &error),
    }
}

/// Receives a student whom the proctoring tool sends back, and leads home whose browser it is. What the tool says is noted
/// in the log, and shown as text, because nobody signed it.
#[get("/proctoring/{candidate}")]
pub async fn return_from_proctoring(
    request: HttpRequest,
    words: Path<String>,
    said: Query<ToolReturn>,
    app: Data<App>,
) -> HttpResponse {
    let candidate = Candidate::open(&words, Purpose::Return, &app.keys, app.clock.now());
    let Some(candidate) = candidate else { return message(&request, Message::WrongLink) };
    let (said, session) = (said.into_inner().cut(), candidate.session);
    if let Some(lti_log) = &said.lti_log {
        tracing::info!(%session, lti_log, "a proctoring tool sent a student back");
    }
    if let Some(lti_errorlog) = &said.lti_errorlog {
        tracing::warn!(%session, lti_errorlog, "a proctoring tool sent a student back with an error");
    }
    note_return(&app, Named { session, resource: None, nonce: candidate.nonce() }, said.clone()).await;
    let (told, error) = (shown(said.lti_msg.as_deref()), shown(said.lti_errormsg.as_deref()));
    let home = is_marked(&request, &app, session).then(|| candidate.home());
    if let (None, None, Some(home)) = (&told, &error, &home) {
        return see_other(home);
    }
    let page = ReturnPage { message: told.as_deref(), error: error.as_deref(), home: home.as_deref() };
    html(StatusCode::OK, &Policy { framed: true, ..Policy::default() }, &page)
}
