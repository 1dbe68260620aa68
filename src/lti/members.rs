//! Who takes an exam and who teaches it, for tools (NRPS 2.0). Names and addresses are told where the tool's privacy
//! switches allow it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::nrps::{MEMBERSHIP_CONTAINER, Member, Membership, MembershipFilter};
use serde_json::json;

use crate::app::App;
use crate::domain::Result;
use crate::domain::exam::Exam;
use crate::domain::id::{ExamId, StudentSessionId};
use crate::domain::launch::context_of;
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_resource::LtiResource;
use crate::domain::lti_urls;
use crate::domain::member::{learner, link_message, staff};
use crate::domain::student_session::StudentSession;
use crate::domain::tool_provider::ToolProvider;
use crate::domain::user::User;
use crate::lti::bearer::{Call, Granted};
use crate::lti::exchange::{About, Paging, broken, logged, next_page, paged, query_of};
use crate::lti::problem::Problem;
use crate::store::{Tx, exams, line_item_scores, line_items};

/// Lists members.
pub struct ReadMembers;

impl Call for ReadMembers {
    const SCOPES: &'static [ToolScope] = &[ToolScope::MembershipRead];
    const OPERATION: &'static str = "readMembers";
}

/// What a page is made from.
struct Found {
    exam: Exam,
    /// On the first page alone.
    staff: Vec<User>,
    students: Vec<StudentSession>,
    /// The attempt that the page ends with, where another page follows.
    last: Option<StudentSessionId>,
}

/// Lists the members of an exam.
#[get("/lti/1.3/exams/{exam}/members")]
pub async fn list_members(
    granted: Granted<ReadMembers>,
    request: HttpRequest,
    exam: Path<i64>,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let exam = ExamId(*exam);
    let listed = list(&granted, &request, exam, &app).await;
    logged(&app, &granted, About::exam(exam), json!({ "query": request.query_string() }), listed)
}

async fn list(
    granted: &Granted<ReadMembers>,
    request: &HttpRequest,
    exam: ExamId,
    app: &App,
) -> Result<HttpResponse, Problem> {
    let query = query_of(request);
    let filter = MembershipFilter::parse(&query).map_err(broken)?;
    let paging = Paging::read(&query, filter.limit)?;
    let (tool, link) = (granted.tool.clone(), filter.resource_link_id.clone());
    let find = move |tx: &mut Tx<'_>| {
        let link = match &link {
            Some(id) => Some(line_items::link_by_id(tx, exam, tool.id, id)?),
            None => None,
        };
        Ok((link, found(tx, exam, &tool, &filter, paging)?))
    };
    let (link, found) = app.store.query(find).await?;
    let link = match link {
        Some(None) => return Err(foreign_link()),
        link => link.flatten(),
    };
    let origin = app.public_url.as_str();
    let url = lti_urls::members(origin, exam);
    let next = next_page(&url, &query, found.last.and_then(|last| u32::try_from(last.0).ok()));
    let members = members(app, granted, &found, link.as_ref());
    let membership = Membership { id: url, context: context_of(&found.exam), members };
    Ok(paged(MEMBERSHIP_CONTAINER, &membership.to_value(), next.as_deref()))
}

fn found(tx: &mut Tx<'_>, id: ExamId, tool: &ToolProvider, filter: &MembershipFilter, paging: Paging) -> Result<Found> {
    let exam = line_items::exam_of_tool(tx, id, tool.id)?;
    let wants = |roles: &[Role]| filter.role.is_none_or(|role| role.takes(roles));
    let is_first = paging.after() == 0;
    let staff = if is_first && wants(&[Role::INSTRUCTOR]) { exams::authors(tx, &exam)? } else { Vec::new() };
    let mut students = Vec::new();
    let mut last = None;
    if wants(&[Role::LEARNER]) {
        let (after, limit) = (StudentSessionId(paging.after().into()), paging.limit());
        students = line_item_scores::members(tx, id, after, i64::from(limit) + 1)?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = students.len() > most;
        students.truncate(most);
        last = students.last().filter(|_| more).map(|last| last.id);
    }
    Ok(Found { exam, staff, students, last })
}

fn members(
    app: &App,
    Granted { tool, registration, .. }: &Granted<ReadMembers>,
    found: &Found,
    link: Option<&LtiResource>,
) -> Vec<Member> {
    let with_groups = registration.settings.granted().contains(&ToolScope::GroupRead);
    let staff = found.staff.iter().map(|user| staff(&app.keys, tool, user));
    let students = found.students.iter().map(|session| {
        let mut member = learner(tool, session);
        member.groups = session.group_id.iter().filter(|_| with_groups).map(ToString::to_string).collect();
        member.message = link.map(|link| link_message(tool, link, &found.exam, session));
        member
    });
    staff.chain(students).collect()
}

fn foreign_link() -> Problem {
    let detail = "rlid is no link of this tool in this exam; send the resource_link.id of a launch from it.";
    Problem::new(StatusCode::FORBIDDEN, "foreign_link", detail)
}
