//! Scores from tools (AGS 2.0, score service). One of a link becomes the student's result, by the same rules as those of
//! LTI 1.1; one of a line item that the tool made is kept with that. A score that is older than the last one changes
//! nothing.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse, post};
use examlink_lti::v1::outcomes::CodeMinor;
use examlink_lti::v1p3::ags::{Order, SCORE, Score};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::Result;
use crate::domain::id::ExamId;
use crate::domain::line_item::{Item, ItemName};
use crate::domain::line_item_score::{ReceivedScore, wire};
use crate::domain::lti_registration::ToolScope;
use crate::domain::outcome::{Refusal, admits_writing};
use crate::domain::student_session::StudentSession;
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Stop, broken, json_body, logged, record, shown};
use crate::lti::line_item_results::result_url;
use crate::lti::problem::Problem;
use crate::store::{Tx, line_item_scores, line_items};

/// How far a tool's clock may be ahead, in seconds.
const SKEW: i64 = 60;

/// Says what a student reached.
pub struct WriteScore;

impl Call for WriteScore {
    const SCOPES: &'static [ToolScope] = &[ToolScope::Score];
    const OPERATION: &'static str = "score";
}

/// One score, read.
struct Asked {
    exam: ExamId,
    name: ItemName,
    score: ReceivedScore,
}

/// Takes a score of a student in a line item.
#[post("/lti/1.3/exams/{exam}/line_items/{item}/scores")]
pub async fn receive_score(
    granted: Granted<WriteScore>,
    request: HttpRequest,
    place: Path<(i64, String)>,
    payload: Payload,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let exam = ExamId(place.0);
    let asked = match read(&granted, &request, &place, payload).await {
        Ok(asked) => asked,
        Err(problem) => {
            return logged(&app, &granted, About::exam(exam), json!({ "line_item": place.1 }), Err(problem));
        }
    };
    let user = asked.score.score.user_id.clone();
    let (url, said) = (result_url(app.public_url.as_str(), exam, asked.name, &user), said(&place.1, &asked));
    // Which row the commit locks must be known before it begins; whether it still is the one, the commit asks again.
    let locks = app.store.query(move |tx| line_item_scores::session(tx, exam, &user)).await?;
    let locks = locks.map(|session| session.id);
    let write = move |tx: &mut Tx<'_>| {
        let mut about = About::exam(exam);
        let done = carry_out(tx, &granted, &asked, &mut about);
        record(tx, &granted, about, (&said, StatusCode::OK), done)
    };
    app.store.apply_locking(locks, write).await??;
    Ok(shown(StatusCode::OK, "application/json", &json!({ "resultUrl": url })))
}

async fn read(
    granted: &Granted<WriteScore>,
    request: &HttpRequest,
    place: &(i64, String),
    payload: Payload,
) -> Result<Asked, Problem> {
    let name = place.1.parse()?;
    let body = json_body(request, payload, SCORE).await?;
    let score = Score::read(&body, wire(granted.at), SKEW).map_err(broken)?;
    Ok(Asked { exam: ExamId(place.0), name, score: ReceivedScore::new(score, &body)? })
}

/// For the log: what was said, without the comment, which may be long.
fn said(item: &str, asked: &Asked) -> Value {
    let score = &asked.score.score;
    json!({
        "line_item": item,
        "userId": score.user_id,
        "timestamp": score.timestamp.to_string(),
        "activityProgress": score.activity_progress.as_str(),
        "gradingProgress": score.grading_progress.as_str(),
        "scoreGiven": score.grade.map(|grade| grade.given),
        "scoreMaximum": score.grade.map(|grade| grade.maximum),
    })
}

fn carry_out(tx: &mut Tx<'_>, granted: &Granted<WriteScore>, asked: &Asked, about: &mut About) -> Result<(), Stop> {
    let score = &asked.score;
    let (exam, item): (_, Item) = line_items::get(tx, asked.exam, granted.reach, asked.name)?;
    about.resource = item.resource();
    let session: Option<StudentSession> = line_item_scores::session(tx, exam.id, &score.score.user_id)?;
    let session = session.ok_or_else(unknown_user)?;
    about.session = Some(session.id);
    let before = line_item_scores::lock(tx, session.id, asked.name)?;
    let late = admits_writing(&exam, &session, item.times(), granted.at).map_err(refused)?;
    match score.order(before.as_ref()) {
        Order::Apply => {}
        Order::AlreadyApplied => return Ok(()),
        Order::Older => return Err(conflict("is older than that of the last score; send a later one").into()),
        Order::Conflict => return Err(conflict("is that of the last score, which says something else").into()),
    }
    line_item_scores::put(tx, (&item, &exam, &session), (score, before.as_ref(), late), granted.at)?;
    Ok(())
}

fn unknown_user() -> Problem {
    let detail = "userId is nobody who takes this exam; send the sub of a launch from it.";
    Problem::new(StatusCode::NOT_FOUND, "unknown_user", detail)
}

fn conflict(why: &str) -> Problem {
    Problem::new(StatusCode::CONFLICT, "score_order", format!("timestamp {why}."))
}

fn refused(refusal: Refusal) -> Problem {
    let status = match refusal.minor {
        CodeMinor::UnknownObject => StatusCode::NOT_FOUND,
        _ => StatusCode::FORBIDDEN,
    };
    Problem::new(status, refusal.code, refusal.detail)
}
