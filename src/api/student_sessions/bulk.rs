//! Many registrations in one call: all of them or none.

use actix_web::post;
use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::{Accepts, in_item, objects};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, shows};
use crate::api::student_sessions::fields::{Made, NewStudentSessionFields, StudentSessionFields};
use crate::api::student_sessions::view::{StudentSessionView, Viewer};
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::ManageSessions;
use crate::domain::id::ExamId;
use crate::store::{Tx, exams, student_sessions};

/// Students in one call at most.
const MOST: usize = 1_000;
const FIELD: &str = "students";

/// Students who are registered together.
#[derive(Debug, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "students": "[{\"name\":\"Sam Student\",\"email\":\"sam@example.edu\"},{\"name\":\"Kim\",\"email\":\"kim@example.edu\"}]",
}))]
pub struct BulkFields {
    /// A JSON array as text, of 1 to 1,000 objects with the fields of a single registration. It is signed as it is sent.
    students: Students,
}

impl Accepts for BulkFields {
    const REQUIRED: &'static [&'static str] = &[FIELD];
}

/// A JSON array as text.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String)]
pub struct Students(String);

/// The new student sessions, in the order of the call.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegisteredEnvelope {
    students: Vec<StudentSessionView>,
}

shows!(RegisteredEnvelope);

/// Registers up to 1,000 students for an exam: all of them, or none where one cannot be. Errors name the place in the
/// list, from 0, and the field: `students[3].email`.
#[utoipa::path(tag = "student_sessions", request_body = BulkFields, responses((status = CREATED, body = RegisteredEnvelope)))]
#[post("/exams/{exam_id}/student_sessions/bulk")]
pub async fn create_student_sessions(
    Signed { auth, params }: Signed<ManageSessions, BulkFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (scope, exam, now) = (auth.scope, ExamId(auth.path("exam_id")), auth.at);
    let viewer = Viewer::new(auth.user.role, &app);
    let students = read(&params.students.0, &app);
    let create = move |tx: &mut Tx<'_>| {
        let institute = exams::get(tx, scope, exam)?.institute_id;
        let students = students.as_ref().map_err(Clone::clone)?;
        let register = |(index, (fields, made)): (usize, &(StudentSessionFields, Made))| {
            let new = fields.clone().build(tx, (institute, exam), made, now);
            let session = new.and_then(|new| student_sessions::insert(tx, &new, &made.token));
            viewer.view(tx, session.map_err(|error| in_item(FIELD, index, error))?)
        };
        let students = students.iter().enumerate().map(register).collect::<Result<_>>()?;
        Ok(Created::at(format!("/api/v3/exams/{exam}/student_sessions"), RegisteredEnvelope { students }))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// The students of the text, each with what is random about it.
fn read(text: &str, app: &App) -> Result<Vec<(StudentSessionFields, Made)>> {
    let students: Vec<NewStudentSessionFields> = objects(FIELD, text, MOST)?;
    students.into_iter().map(|NewStudentSessionFields(fields)| Ok((fields, Made::random(app.random)?))).collect()
}
