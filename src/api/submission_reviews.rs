//! `/results/:id/submission_reviews`: who grades looks at what a student handed in, inside the tool.

use actix_web::post;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown, shows};
use crate::app::App;
use crate::domain::access::GradeResults;
use crate::domain::id::ResultId;
use crate::domain::submission_review::{ReviewLeave, ShownTo};
use crate::domain::time::Timestamp;
use crate::domain::{Error, lti_urls};
use crate::store::{Tx, submission_reviews};

/// Leave to look at one result in its tool.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = SubmissionReview)]
pub struct SubmissionReviewView {
    result_id: ResultId,
    /// To be opened in the grader's browser: it leads into the tool. Only in this answer; whoever has it can look once, as
    /// the caller, until `expires_at`.
    #[schema(example = "https://exams.example.edu/submission_reviews/1-2-…")]
    url: String,
    /// The grader must be in the tool before this time.
    expires_at: Timestamp,
}

/// Leave to look at one result in its tool.
#[derive(Debug, Serialize, ToSchema)]
pub struct SubmissionReviewEnvelope {
    submission_review: SubmissionReviewView,
}

shows!(SubmissionReviewEnvelope);

/// Lets the caller look at what a student handed in, inside a tool of LTI 1.3 (Submission Review 1.0): open `url` in a
/// browser within ten minutes. Where the tool said at which progress it has something to show, and the student's work is
/// not so far, the answer is 409 and says so.
#[utoipa::path(tag = "results", responses((status = OK, body = SubmissionReviewEnvelope)))]
#[post("/results/{id}/submission_reviews")]
pub async fn create_submission_review(
    Signed { auth, .. }: Signed<GradeResults>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, result, allow_http) = (auth.scope, ResultId(auth.path("id")), app.allow_http_tools);
    let nonce = app.random.hex::<16>().map_err(Error::from)?;
    let leave = ReviewLeave { result, user: auth.user.id, at: auth.at, nonce };
    let words = leave.write(ShownTo::Grader, &app.keys);
    let url = lti_urls::submission_review(app.public_url.as_str(), &words);
    let submission_review = SubmissionReviewView { result_id: result, url, expires_at: leave.ends() };
    let give = move |tx: &mut Tx<'_>| {
        submission_reviews::find(tx, scope, result)?.reviewable(allow_http)?;
        Ok(Shown(SubmissionReviewEnvelope { submission_review: submission_review.clone() }))
    };
    Answer::once(&app.store, auth.nonce, give).await
}
