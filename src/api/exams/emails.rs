//! E-mails to the students of an exam.

use actix_web::post;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::auth::Signed;
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Shown, shows};
use crate::app::App;
use crate::domain::access::ManageSessions;
use crate::domain::id::{ExamId, StudentSessionId};
use crate::domain::job::{NewJob, Task};
use crate::domain::student_session::SessionStatus;
use crate::domain::{Error, Result};
use crate::store::{Tx, exams, institutes, jobs, student_sessions};

/// A student session and where its e-mail is.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmailedSession {
    id: StudentSessionId,
    status: SessionStatus,
}

/// Whom e-mail is on its way to.
#[derive(Debug, Serialize, ToSchema)]
pub struct EmailedEnvelope {
    students: Vec<EmailedSession>,
}

shows!(EmailedEnvelope);

/// Sends the link to the exam page to every student who has not got it, in the exam's language. The answer lists them;
/// their status becomes `email_sent`, or `email_bounced` when their mail server refuses.
#[utoipa::path(tag = "exams", responses((status = OK, body = EmailedEnvelope)))]
#[post("/exams/{id}/send_emails")]
pub async fn send_exam_emails(Signed { auth, .. }: Signed<ManageSessions>, app: Data<App>) -> Result<Answer, Problem> {
    let (id, scope, now, random, able) = (ExamId(auth.path("id")), auth.scope, auth.at, app.random, app.sends_email);
    let queue = move |tx: &mut Tx<'_>| {
        let institute = exams::get(tx, scope, id)?.institute_id;
        if !able {
            return Err(Error::Conflict("This server has no mail server; its operator sets EXAMLINK_SMTP_URL.".into()));
        }
        if !institutes::get(tx, Some(institute), institute)?.switches.exam_link_emails_enabled {
            return Err(Error::Conflict(
                "The institute has switched these e-mails off; set its exam_link_emails_enabled.".into(),
            ));
        }
        let sessions = student_sessions::uninvited(tx, id)?;
        let job = |session: &StudentSessionId| {
            let task = Task::ExamLink { student_session: *session };
            Ok(NewJob::now(random.hex::<16>()?, task, now))
        };
        jobs::insert(tx, &sessions.iter().map(job).collect::<Result<Vec<_>>>()?)?;
        student_sessions::await_email(tx, &sessions, now)?;
        let status = SessionStatus::BeforeCheckReqMail;
        let students = sessions.into_iter().map(|id| EmailedSession { id, status }).collect();
        Ok(Shown(EmailedEnvelope { students }))
    };
    Answer::once(&app.store, auth.nonce, queue).await
}
