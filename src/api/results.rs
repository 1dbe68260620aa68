//! `/results`, and the results of a student session and of an exam

mod csv;
mod line_item_scores;
mod view;

use actix_web::body::BoxBody;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder, get, patch, post, put};
use serde::Deserialize;
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Listed, Shown, list};
use crate::app::App;
use crate::domain::access::{GradeResults, ReadResults};
use crate::domain::id::{ExamId, LtiResourceId, ResultId, StudentSessionId, UserId};
use crate::domain::outcome::Place;
use crate::domain::result::{Change, Points, ResultFormat, Score, Standing};
use crate::domain::text::Prose;
use crate::domain::{Error, Result};
use crate::store::results::Of;
use crate::store::{Tx, exams, results, student_sessions};

pub use line_item_scores::ResultsEnvelope;
pub use view::ResultEnvelope;

use line_item_scores::LineItemScoreView;
use view::ResultView;

list! {
    /// Which results are wanted.
    ListResults {}
}

list! {
    /// Which results of an exam are wanted, and in which form.
    ListExamResults {
        /// `csv` gives all rows that `filter` leaves, in the order of `sort`, as a file for spreadsheets, without pages
        /// and without history, and below them every score in line items that tools made; otherwise JSON.
        #[param(inline, example = "csv")]
        format: Option<ResultFormat>,
    }
}

/// What a grader sets of a result.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "lti_resource_id": 1, "score": 0.83, "comment": "A fine proof.", "needs_review": false,
}))]
pub struct ResultFields {
    /// The grade; empty takes it away.
    score: Patch<Score>,
    /// The grade in points.
    total_score: Patch<Points>,
    comment: Patch<Prose>,
    needs_review: Given<bool>,
    /// The link into the tool, of the session's exam. It says which result is meant, so it cannot change.
    lti_resource_id: Given<LtiResourceId>,
}

impl Accepts for ResultFields {}

requires! {
    /// The grade of a student in one tool.
    NewResultFields(ResultFields): "lti_resource_id"
}

impl ResultFields {
    /// Writes what was given over the result; the grade is the user's then. Nothing given changes nothing.
    fn apply(self, standing: &mut Standing, user: UserId) -> Option<Change> {
        let graded = self.score.is_given() || self.total_score.is_given();
        if !graded && !self.comment.is_given() && !self.needs_review.is_given() {
            return None;
        }
        self.score.apply(&mut standing.score);
        self.total_score.apply(&mut standing.total_score);
        self.comment.apply(&mut standing.comment);
        self.needs_review.replace(&mut standing.needs_review);
        Some(if graded { standing.graded(user) } else { standing.annotated(user) })
    }
}

/// A page of results, or all of them as a file.
pub enum Results {
    /// As JSON.
    Page(Listed<ResultsEnvelope>),
    /// As CSV, with the exam that it is of.
    Csv(ExamId, String),
}

impl Responder for Results {
    type Body = BoxBody;
    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        match self {
            Self::Page(page) => page.respond_to(request),
            Self::Csv(exam, text) => HttpResponse::Ok()
                .content_type("text/csv; charset=utf-8")
                .insert_header(("Cache-Control", "no-store"))
                .insert_header(("Content-Disposition", format!("attachment; filename=\"exam-{exam}-results.csv\"")))
                .body(text),
        }
    }
}

/// Lists what the students of an exam reached in its tools, oldest first unless `sort` says otherwise, and beside it what
/// tools scored in line items of their own. With `format=csv` as a file, where all of these scores stand below the results.
#[utoipa::path(tag = "results", params(ListExamResults), responses((status = OK, content(
    (ResultsEnvelope = "application/json"),
    (String = "text/csv", example = json!("result_id,student_session_id,name,score\r\n1,1,Sam Student,0.83\r\n")),
))))]
#[get("/exams/{exam_id}/results")]
pub async fn list_exam_results(
    Signed { auth, params }: Signed<ReadResults, ListExamResults>,
    app: Data<App>,
) -> Result<Results, Problem> {
    let (scope, exam) = (auth.scope, ExamId(auth.path("exam_id")));
    let list = move |tx: &mut Tx<'_>| {
        exams::get(tx, scope, exam)?;
        let listing = params.listing(results::COLUMNS)?;
        if params.format == Some(ResultFormat::Csv) {
            return csv::file(tx, scope, exam, &listing).map(|text| Results::Csv(exam, text));
        }
        let page = results::page(tx, scope, Of::Exam(exam), &listing, params.request())?;
        let page = ResultView::page(tx, page)?;
        let students: Vec<StudentSessionId> = page.rows.iter().map(|result| result.student_session_id).collect();
        let line_item_scores = LineItemScoreView::of(tx, &students)?;
        Ok(Results::Page(Listed::page(page, |results| ResultsEnvelope { results, line_item_scores })))
    };
    Ok(app.store.read(auth.nonce, list).await?)
}

/// Lists what a student reached in the tools of the exam, oldest first unless `sort` says otherwise, and beside it what
/// tools scored in line items of their own.
#[utoipa::path(tag = "student_sessions", params(ListResults), responses((status = OK, body = ResultsEnvelope)))]
#[get("/student_sessions/{id}/results")]
pub async fn list_student_session_results(
    Signed { auth, params }: Signed<ReadResults, ListResults>,
    app: Data<App>,
) -> Result<Listed<ResultsEnvelope>, Problem> {
    let (scope, session) = (auth.scope, StudentSessionId(auth.path("id")));
    let list = move |tx: &mut Tx<'_>| {
        student_sessions::get(tx, scope, session)?;
        let page =
            results::page(tx, scope, Of::Session(session), &params.listing(results::COLUMNS)?, params.request())?;
        Ok((ResultView::page(tx, page)?, LineItemScoreView::of(tx, &[session])?))
    };
    let (page, line_item_scores) = app.store.read(auth.nonce, list).await?;
    Ok(Listed::page(page, |results| ResultsEnvelope { results, line_item_scores }))
}

/// Shows a result with all that it was.
#[utoipa::path(tag = "results", responses((status = OK, body = ResultEnvelope)))]
#[get("/results/{id}")]
pub async fn show_result(
    Signed { auth, .. }: Signed<ReadResults>,
    app: Data<App>,
) -> Result<Shown<ResultEnvelope>, Problem> {
    let (scope, id) = (auth.scope, ResultId(auth.path("id")));
    let get = move |tx: &mut Tx<'_>| {
        let named = results::get(tx, scope, id)?;
        ResultEnvelope::of(tx, named)
    };
    Ok(Shown(app.store.read(auth.nonce, get).await?))
}

/// Grades a student in one tool, whether or not the tool has handed back a grade.
#[utoipa::path(tag = "student_sessions", request_body = NewResultFields, responses((status = CREATED, body = ResultEnvelope)))]
#[post("/student_sessions/{id}/results")]
pub async fn create_result(
    Signed { auth, params: NewResultFields(fields) }: Signed<GradeResults, NewResultFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, user, now) = (auth.scope, auth.user.id, auth.at);
    let session = StudentSessionId(auth.path("id"));
    let create = move |tx: &mut Tx<'_>| {
        student_sessions::get(tx, scope, session)?;
        let resource = fields.lti_resource_id.clone().required("lti_resource_id")?;
        let place: Option<Place> = results::place(tx, session, resource)?;
        let place =
            place.ok_or_else(|| Error::invalid("lti_resource_id", "is not an LTI resource of the session's exam"))?;
        let fields = fields.clone();
        let change = |standing: &mut Standing| {
            let unchanged = standing.clone();
            fields.apply(standing, user).unwrap_or_else(|| unchanged.annotated(user))
        };
        let id = results::put(tx, &place, now, change)?.id;
        let named = results::get(tx, scope, id)?;
        Ok(Created::at(format!("/api/v3/results/{id}"), ResultEnvelope::of(tx, named)?))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes a result: its grade is the caller's then. A tool may replace it, unless it asks for it to stay.
#[utoipa::path(tag = "results", request_body = ResultFields, responses((status = OK, body = ResultEnvelope)))]
#[patch("/results/{id}")]
pub async fn update_result(
    signed: Signed<GradeResults, ResultFields>,
    app: Data<App>,
) -> Result<Shown<ResultEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes a result, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "results", request_body = ResultFields, responses((status = OK, body = ResultEnvelope)))]
#[put("/results/{id}")]
pub async fn replace_result(
    signed: Signed<GradeResults, ResultFields>,
    app: Data<App>,
) -> Result<Shown<ResultEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<GradeResults, ResultFields>,
    app: &App,
) -> Result<Shown<ResultEnvelope>, Problem> {
    let (scope, id, user, now) = (auth.scope, ResultId(auth.path("id")), auth.user.id, auth.at);
    let change = move |tx: &mut Tx<'_>| {
        let named = results::update(tx, scope, id, now, |result| {
            if fields.lti_resource_id.get().is_some_and(|given| *given != result.lti_resource_id) {
                return Err(Error::invalid("lti_resource_id", "cannot change: grade the other link instead"));
            }
            Ok(fields.clone().apply(&mut result.standing, user))
        })?;
        ResultEnvelope::of(tx, named)
    };
    Ok(Shown(app.store.write(auth.nonce, change).await?))
}
