//! Results for tools (AGS 2.0, result service): what stands in the gradebook, whoever gave it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1p3::ags::{LineItemResult, RESULT_CONTAINER, ResultFilter, results_url};
use serde_json::{Value, json};

use crate::app::App;
use crate::domain::Result;
use crate::domain::id::{ExamId, StudentSessionId};
use crate::domain::line_item::{Item, ItemName};
use crate::domain::line_item_score::{ScoreContent, points_of};
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_urls;
use crate::domain::result::Standing;
use crate::domain::text::Prose;
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Paging, broken, logged, next_page, paged, query_of};
use crate::lti::problem::Problem;
use crate::store::{Tx, line_item_scores, line_items};

/// Lists results.
pub struct ReadResults;

impl Call for ReadResults {
    const SCOPES: &'static [ToolScope] = &[ToolScope::ResultRead];
    const OPERATION: &'static str = "readResults";
}

/// One result before it is written.
struct Found {
    session: StudentSessionId,
    user: String,
    score: Option<f64>,
    comment: Option<Prose>,
    scoring_user: Option<String>,
}

/// Lists the results of a line item, one for each student.
#[get("/lti/1.3/exams/{exam}/line_items/{item}/results")]
pub async fn list_results(
    granted: Granted<ReadResults>,
    request: HttpRequest,
    place: Path<(i64, String)>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let said = json!({ "line_item": place.1, "query": request.query_string() });
    let listed = list(&granted, &request, &place, &app).await;
    logged(&app, &granted, About::exam(ExamId(place.0)), said, listed)
}

async fn list(
    granted: &Granted<ReadResults>,
    request: &HttpRequest,
    place: &(i64, String),
    app: &App,
) -> Result<HttpResponse, Problem> {
    let (exam, reach, name) = (ExamId(place.0), granted.reach, place.1.parse::<ItemName>()?);
    let query = query_of(request);
    let filter = ResultFilter::parse(&query).map_err(broken)?;
    let paging = Paging::read(&query, filter.limit)?;
    let find = move |tx: &mut Tx<'_>| {
        let (_, item) = line_items::get(tx, exam, reach, name)?;
        let found = found(tx, &item, filter.user_id.as_deref(), paging)?;
        Ok((item.maximum(), found))
    };
    let (maximum, mut found) = app.store.query(find).await?;
    let most = usize::try_from(paging.limit()).unwrap_or(usize::MAX);
    let more = found.len() > most;
    found.truncate(most);
    let last = found.last().filter(|_| more).and_then(|last| u32::try_from(last.session.0).ok());
    let item = lti_urls::line_item(app.public_url.as_str(), exam, name);
    let origin = app.public_url.as_str();
    let results: Vec<Value> = found
        .into_iter()
        .map(|found| {
            LineItemResult {
                id: result_url(origin, exam, name, &found.user),
                score_of: item.clone(),
                user_id: found.user,
                score: found.score,
                maximum,
                scoring_user_id: found.scoring_user,
                comment: found.comment.map(|comment| comment.to_string()),
            }
            .to_value()
        })
        .collect();
    let next = next_page(&results_url(&item), &query, last);
    Ok(paged(RESULT_CONTAINER, &json!(results), next.as_deref()))
}

/// One more than a page holds, so that it shows whether there is another.
fn found(tx: &mut Tx<'_>, item: &Item, student: Option<&str>, paging: Paging) -> Result<Vec<Found>> {
    let (after, limit) = (StudentSessionId(paging.after().into()), i64::from(paging.limit()) + 1);
    let maximum = item.maximum();
    match item {
        Item::Link(link) => {
            let rows = line_item_scores::of_link(tx, link.id, student, after, limit)?;
            let of = |standing: &Standing, latest: Option<&ScoreContent>| points_of(standing, latest, maximum);
            Ok(rows
                .into_iter()
                .map(|(result, session, latest)| Found {
                    session: session.id,
                    user: session.student_id,
                    score: of(&result.standing, latest.as_ref()),
                    comment: result.standing.comment,
                    scoring_user: latest.and_then(|latest| latest.scoring_user_id),
                })
                .collect())
        }
        Item::Own(item, _) => {
            let rows = line_item_scores::of_own(tx, item.id, student, after, limit)?;
            Ok(rows
                .into_iter()
                .map(|(score, session)| Found {
                    session: session.id,
                    user: session.student_id,
                    score: score.content.points(maximum),
                    comment: score.content.comment,
                    scoring_user: score.content.scoring_user_id,
                })
                .collect())
        }
    }
}

/// The address of one student's result, which is also its id: the list with this student alone.
pub fn result_url(origin: &str, exam: ExamId, item: ItemName, user: &str) -> String {
    let user: String = url::form_urlencoded::byte_serialize(user.as_bytes()).collect();
    format!("{}?user_id={user}", results_url(&lti_urls::line_item(origin, exam, item)))
}
