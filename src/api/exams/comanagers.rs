//! Comanagers: those who author an exam beside the one that created it.

use actix_web::web::Data;
use actix_web::{delete, put};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;

use crate::api::auth::Signed;
use crate::api::params::Accepts;
use crate::api::problem::Problem;
use crate::api::reply::{Shown, shows};
use crate::api::users::UserView;
use crate::app::App;
use crate::domain::Result;
use crate::domain::access::AuthorExams;
use crate::domain::id::{ExamId, InstituteId, UserId};
use crate::domain::user::User;
use crate::store::{Tx, comanagers, exams, institutes};

/// Who is meant.
#[derive(Debug, Deserialize, Validate, ToSchema, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "comanager_id": 7 }))]
pub struct ComanagerFields {
    /// A user of the exam's institute whose role may author exams, such as a teacher.
    #[param(value_type = i64, minimum = 1, example = 7)]
    comanager_id: UserId,
}

impl Accepts for ComanagerFields {
    const REQUIRED: &'static [&'static str] = &["comanager_id"];
}

/// A comanager of an exam.
#[derive(Debug, Serialize, ToSchema)]
pub struct ComanagerEnvelope {
    comanager: UserView,
}

shows!(ComanagerEnvelope, comanager);

/// Lets another author see and change the exam, and everything of it. Again is no error.
#[utoipa::path(tag = "exams", request_body = ComanagerFields, responses((status = OK, body = ComanagerEnvelope)))]
#[put("/exams/{id}/add_comanager")]
pub async fn add_comanager(
    Signed { auth, params }: Signed<AuthorExams, ComanagerFields>,
    app: Data<App>,
) -> Result<Shown<ComanagerEnvelope>, Problem> {
    let (scope, id, now) = (auth.scope, ExamId(auth.path("id")), auth.at);
    let add = move |tx: &mut Tx<'_>| {
        let exam = exams::get(tx, scope, id)?;
        let user = comanagers::add(tx, &exam, params.comanager_id, now)?;
        shown(tx, user, exam.institute_id)
    };
    Ok(Shown(app.store.write(auth.nonce, add).await?))
}

/// Takes the exam out of a comanager's sight. The answer shows who it was.
#[utoipa::path(tag = "exams", params(ComanagerFields), responses((status = OK, body = ComanagerEnvelope)))]
#[delete("/exams/{id}/remove_comanager")]
pub async fn remove_comanager(
    Signed { auth, params }: Signed<AuthorExams, ComanagerFields>,
    app: Data<App>,
) -> Result<Shown<ComanagerEnvelope>, Problem> {
    let (scope, id, now) = (auth.scope, ExamId(auth.path("id")), auth.at);
    let remove = move |tx: &mut Tx<'_>| {
        let exam = exams::get(tx, scope, id)?;
        let user = comanagers::remove(tx, exam.id, params.comanager_id, now)?;
        shown(tx, user, exam.institute_id)
    };
    Ok(Shown(app.store.write(auth.nonce, remove).await?))
}

fn shown(tx: &mut Tx<'_>, user: User, institute: InstituteId) -> Result<ComanagerEnvelope> {
    let name = institutes::get(tx, Some(institute), institute)?.name;
    Ok(ComanagerEnvelope { comanager: UserView::of(user, institute, name) })
}
