//! The groups that the students of an exam are in, for tools (LTI Course Groups 1.0). A group is known by the name that
//! the institute, or the LMS that sent the student, gave it.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1p3::groups::{GROUP_CONTAINER, Group, GroupFilter, groups_to_value};
use serde_json::json;

use crate::app::App;
use crate::domain::id::ExamId;
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_urls;
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Paging, broken, logged, next_page, paged, query_of};
use crate::lti::problem::Problem;
use crate::store::{Tx, groups, line_items};

/// Lists groups.
pub struct ReadGroups;

impl Call for ReadGroups {
    const SCOPES: &'static [ToolScope] = &[ToolScope::GroupRead];
    const OPERATION: &'static str = "readGroups";
}

/// Lists the groups of an exam, or those of one student, in the order of their names.
#[get("/lti/1.3/exams/{exam}/groups")]
pub async fn list_groups(
    granted: Granted<ReadGroups>,
    request: HttpRequest,
    exam: Path<i64>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let exam = ExamId(*exam);
    let listed = list(&granted, &request, exam, &app).await;
    logged(&app, &granted, About::exam(exam), json!({ "query": request.query_string() }), listed)
}

async fn list(
    granted: &Granted<ReadGroups>,
    request: &HttpRequest,
    exam: ExamId,
    app: &App,
) -> Result<HttpResponse, Problem> {
    let query = query_of(request);
    let filter = GroupFilter::parse(&query).map_err(broken)?;
    let paging = Paging::read(&query, filter.limit)?;
    let (reach, student, before, limit) = (granted.reach, filter.user_id, paging.after(), paging.limit());
    let find = move |tx: &mut Tx<'_>| {
        line_items::exam_within(tx, exam, reach)?;
        groups::names(tx, exam, student.as_deref(), (i64::from(before), i64::from(limit) + 1))
    };
    let mut names = app.store.query(find).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = names.len() > most;
    names.truncate(most);
    let url = lti_urls::groups(app.public_url.as_str(), exam);
    let next = next_page(&url, &query, more.then(|| before.saturating_add(limit)));
    let group = |name: String| Group { id: name.clone(), name, ..Group::default() };
    let listed: Vec<Group> = names.into_iter().map(|name| group(name.to_string())).collect();
    Ok(paged(GROUP_CONTAINER, &groups_to_value(&url, &listed), next.as_deref()))
}
