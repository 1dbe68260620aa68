//! Who takes an exam and who teaches it, for tools (NRPS 2.0), and what has changed since a tool asked last. Names and
//! addresses are told where the tool's privacy switches allow it.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::link_header;
use examlink_lti::v1p3::nrps::{MEMBERSHIP_CONTAINER, Membership, MembershipFilter};
use serde_json::json;

use crate::app::App;
use crate::domain::Result;
use crate::domain::departure::Departure;
use crate::domain::exam::{Exam, ToldExam};
use crate::domain::id::{ExamId, StudentSessionId};
use crate::domain::lti_registration::ToolScope;
use crate::domain::lti_resource::LtiResource;
use crate::domain::lti_urls;
use crate::domain::member::{departed, learner, link_message, role_of, staff};
use crate::domain::selection::author_id;
use crate::domain::student_session::StudentSession;
use crate::domain::time::Timestamp;
use crate::domain::tool_deployment::Reach;
use crate::domain::user::User;
use crate::lti::bearer::{Call, Granted};
use crate::lti::differences::{AS_OF, SINCE, Times};
use crate::lti::exchange::{About, Paging, broken, linked, logged, next_page, query_of};
use crate::lti::problem::Problem;
use crate::store::{Tx, comanagers, departures, exams, line_item_scores, line_items};

/// Lists members.
pub struct ReadMembers;

impl Call for ReadMembers {
    const SCOPES: &'static [ToolScope] = &[ToolScope::MembershipRead];
    const OPERATION: &'static str = "readMembers";
}

/// What is asked for.
struct Asked {
    exam: ExamId,
    filter: MembershipFilter,
    paging: Paging,
    /// From when on, where it is what has changed.
    since: Option<Timestamp>,
}

/// What a page is made from.
struct Found {
    exam: Exam,
    /// On the first page alone.
    staff: Vec<User>,
    /// The same.
    departed: Vec<Departure>,
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
    let mut query = query_of(request);
    let filter = MembershipFilter::parse(&query).map_err(broken)?;
    let paging = Paging::read(&query, filter.limit)?;
    let times = Times { keys: &app.keys, tool: granted.tool.id, exam };
    let since = times.read(&query, SINCE, granted.at)?;
    let read_at = times.read(&query, AS_OF, granted.at)?.unwrap_or(granted.at);
    let (reach, link) = (granted.reach, filter.resource_link_id.clone());
    let asked = Asked { exam, filter, paging, since };
    let find = move |tx: &mut Tx<'_>| {
        let link = match &link {
            Some(id) => Some(line_items::link_by_id(tx, exam, reach, id)?),
            None => None,
        };
        Ok((link, found(tx, reach, &asked)?))
    };
    let (link, found) = app.store.query(find).await?;
    let link = match link {
        Some(None) => return Err(foreign_link()),
        link => link.flatten(),
    };
    let origin = app.public_url.as_str();
    let url = lti_urls::members(origin, exam);
    // Every page leads to the same differences: those since the first one was read.
    query.retain(|(name, _)| name != AS_OF);
    query.push((AS_OF.to_owned(), times.write(read_at)));
    let next = next_page(&url, &query, found.last.and_then(|last| u32::try_from(last.0).ok()));
    let differences = times.url(&url, &query, read_at);
    let links = next.iter().map(|next| (link_header::NEXT, next.as_str()));
    let links: Vec<(&str, &str)> = links.chain([(link_header::DIFFERENCES, differences.as_str())]).collect();
    let members = members(app, granted, found, link.as_ref());
    Ok(linked(MEMBERSHIP_CONTAINER, &members.to_value(), &links))
}

fn found(tx: &mut Tx<'_>, reach: Reach, asked: &Asked) -> Result<Found> {
    let exam = line_items::exam_within(tx, asked.exam, reach)?;
    let (paging, since) = (asked.paging, asked.since);
    let wants = |roles: &[Role]| asked.filter.role.is_none_or(|role| role.takes(roles));
    let (mut staff, mut departed) = (Vec::new(), Vec::new());
    if paging.after() == 0 {
        (staff, departed) = staff_and_departed(tx, &exam, since)?;
        staff.retain(|_| wants(&[Role::INSTRUCTOR]));
        departed.retain(|gone| wants(&[role_of(gone)]));
    }
    let mut students = Vec::new();
    let mut last = None;
    if wants(&[Role::LEARNER]) {
        let (after, limit) = (StudentSessionId(paging.after().into()), paging.limit());
        students = line_item_scores::members(tx, exam.id, since, (after, i64::from(limit) + 1))?;
        let most = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = students.len() > most;
        students.truncate(most);
        last = students.last().filter(|_| more).map(|last| last.id);
    }
    Ok(Found { exam, staff, departed, students, last })
}

/// Who teaches, or has come to or changed since then; and who was taken out since then.
fn staff_and_departed(tx: &mut Tx<'_>, exam: &Exam, since: Option<Timestamp>) -> Result<(Vec<User>, Vec<Departure>)> {
    let mut staff = exams::authors(tx, exam)?;
    let Some(since) = since else { return Ok((staff, Vec::new())) };
    let mut departed = departures::since(tx, exam.id, since)?;
    departed.retain(|gone| !staff.iter().any(|user| author_id(tx.keys(), user.id) == gone.member_id));
    let new = comanagers::since(tx, exam.id, since)?;
    staff.retain(|user| user.updated_at >= since || new.contains(&user.id));
    Ok((staff, departed))
}

fn members(
    app: &App,
    Granted { tool, registration, at, .. }: &Granted<ReadMembers>,
    found: Found,
    link: Option<&LtiResource>,
) -> Membership {
    let with_groups = registration.settings.granted().contains(&ToolScope::GroupRead);
    let staff = found.staff.iter().map(|user| staff(&app.keys, tool, user));
    let students = found.students.iter().map(|session| {
        let mut member = learner(tool, session);
        member.groups = session.group_id.iter().filter(|_| with_groups).map(ToString::to_string).collect();
        member.message = link.map(|link| link_message(tool, link, (&found.exam, session), *at));
        member
    });
    let members = staff.chain(found.departed.into_iter().map(departed)).chain(students).collect();
    let id = lti_urls::members(app.public_url.as_str(), found.exam.id);
    Membership { id, context: ToldExam::from(&found.exam).context(), members }
}

fn foreign_link() -> Problem {
    let detail = "rlid is no link of this tool in this exam; send the resource_link.id of a launch from it.";
    Problem::new(StatusCode::FORBIDDEN, "foreign_link", detail)
}
