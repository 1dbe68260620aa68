//! `/institutes/:institute_id/users`

use actix_web::web::Data;
use actix_web::{delete, get, patch, post, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::Validate;

use crate::api::auth::{Auth, Signed};
use crate::api::params::{Accepts, Given, Patch, requires};
use crate::api::problem::Problem;
use crate::api::reply::{Answer, Created, Deleted, List, Listed, Shown, shows};
use crate::app::{App, off_worker};
use crate::clock::Random;
use crate::domain::access::{ManageUsers, ReadUsers, Role};
use crate::domain::id::{IdentityProviderId, InstituteId, UserId};
use crate::domain::text::{Email, Name};
use crate::domain::time::{Hours, Timestamp};
use crate::domain::user::{Credentials, NewUser, Password, PasswordHash, ReportFrequency, User};
use crate::domain::{Error, Result};
use crate::store::{Tx, identity_providers, institutes, users};

/// A user as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = User)]
pub struct UserView {
    pub(in crate::api) id: UserId,
    email: Email,
    name: Name,
    role: Role,
    /// A disabled user keeps its data, and its token opens nothing.
    disabled: bool,
    /// Whether only requests whose whole HTTP message is signed (RFC 9421) open anything.
    require_message_signature: bool,
    institute_id: InstituteId,
    institute_name: Name,
    omniauth_config_id: Option<IdentityProviderId>,
    receives_reports: bool,
    report_frequency: Option<ReportFrequency>,
    /// When its token was last used, to the minute.
    last_used_at: Option<Timestamp>,
    created_at: Timestamp,
    pub(in crate::api) updated_at: Timestamp,
    /// Sent with every request. Only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "f3b1c0a6d0a94e0c8a9c5d6c1e0d7b2af3b1c0a6d0a94e0c8a9c5d6c1e0d7b2a")]
    api_token: Option<String>,
    /// Signs every request and is never sent. Only in the answer that makes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "0b7e4d9f5a6c4b1e9d3f2a8c7b6e5d4c0b7e4d9f5a6c4b1e9d3f2a8c7b6e5d4c")]
    secret_key: Option<String>,
}

impl UserView {
    /// A user without secrets.
    pub fn of(user: User, institute_id: InstituteId, institute_name: Name) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            disabled: user.disabled,
            require_message_signature: user.require_message_signature,
            institute_id,
            institute_name,
            omniauth_config_id: user.omniauth_config_id,
            receives_reports: user.receives_reports,
            report_frequency: user.report_frequency,
            last_used_at: user.last_used_at,
            created_at: user.created_at,
            updated_at: user.updated_at,
            api_token: None,
            secret_key: None,
        }
    }

    /// The one answer that shows new credentials.
    fn with(self, credentials: &Credentials) -> Self {
        Self {
            api_token: Some(credentials.api_token.reveal().to_owned()),
            secret_key: Some(credentials.secret_key.reveal().to_owned()),
            ..self
        }
    }
}

/// One user.
#[derive(Debug, Serialize, ToSchema)]
pub struct UserEnvelope {
    user: UserView,
}

shows!(UserEnvelope, user);

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub struct UsersEnvelope {
    users: Vec<UserView>,
}

/// What an administrator sets of a user.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "email": "tess@example.edu", "name": "Tess Teacher", "password": "Correct-Horse-1", "role": "teacher",
}))]
pub struct UserFields {
    email: Given<Email>,
    name: Given<Name>,
    password: Given<Password>,
    /// The password again, where it is given.
    password_confirmation: Given<Password>,
    /// `teacher` unless given. A superuser is made only on the server itself.
    role: Given<Role>,
    /// Shuts the user out, or lets it in again.
    disabled: Given<bool>,
    /// Whether to refuse requests that are signed over their parameters alone. `false` unless given.
    require_message_signature: Given<bool>,
    /// One of the institute's identity providers.
    omniauth_config_id: Patch<IdentityProviderId>,
    receives_reports: Given<bool>,
    report_frequency: Patch<ReportFrequency>,
}

impl Accepts for UserFields {}

requires! {
    /// A new user.
    NewUserFields(UserFields): "email", "name", "password"
}

/// For how long old credentials go on.
#[derive(Clone, Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({ "grace_hours": 24 }))]
pub struct RotateFields {
    /// Hours during which the old token and secret still open everything; 0 ends them at once.
    grace_hours: Given<Hours>,
}

impl Accepts for RotateFields {}

/// Lists an institute's users, oldest first unless `sort` says otherwise.
#[utoipa::path(tag = "users", params(List), responses((status = OK, body = UsersEnvelope)))]
#[get("/institutes/{institute_id}/users")]
pub async fn list_users(
    Signed { auth, params }: Signed<ReadUsers, List>,
    app: Data<App>,
) -> Result<Listed<UsersEnvelope>, Problem> {
    let place = Place::of(&auth);
    let list = move |tx: &mut Tx<'_>| {
        let name = place.enter(tx)?;
        Ok((users::page(tx, place.institute, &params.listing(users::COLUMNS)?, params.request())?, name))
    };
    let (page, name) = app.store.read(auth.nonce, list).await?;
    let page = page.map(|user| UserView::of(user, place.institute, name.clone()));
    Ok(Listed::page(page, |users| UsersEnvelope { users }))
}

/// Shows a user.
#[utoipa::path(tag = "users", responses((status = OK, body = UserEnvelope)))]
#[get("/institutes/{institute_id}/users/{id}")]
pub async fn show_user(Signed { auth, .. }: Signed<ReadUsers>, app: Data<App>) -> Result<Shown<UserEnvelope>, Problem> {
    let (place, id) = (Place::of(&auth), UserId(auth.path("id")));
    let get = move |tx: &mut Tx<'_>| {
        let name = place.enter(tx)?;
        Ok(UserView::of(users::get(tx, place.institute, id)?, place.institute, name))
    };
    Ok(Shown(UserEnvelope { user: app.store.read(auth.nonce, get).await? }))
}

/// Creates a user. The answer shows its credentials, once.
#[utoipa::path(tag = "users", request_body = NewUserFields, responses((status = CREATED, body = UserEnvelope)))]
#[post("/institutes/{institute_id}/users")]
pub async fn create_user(
    Signed { auth, params: NewUserFields(fields) }: Signed<ManageUsers, NewUserFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (place, now) = (Place::of(&auth), auth.at);
    let credentials = Credentials::random(app.random)?;
    let hash = fields.hash_password(app.random).await;
    let create = move |tx: &mut Tx<'_>| {
        let name = place.enter(tx)?;
        let new = fields.clone().build(place, hash.clone()?, now)?;
        fields.check_identity_provider(tx, place)?;
        let user = users::insert(tx, &new, &credentials)?;
        let user = UserView::of(user, place.institute, name).with(&credentials);
        Ok(Created::at(format!("/api/v3/institutes/{}/users/{}", place.institute, user.id), UserEnvelope { user }))
    };
    Answer::once(&app.store, auth.nonce, create).await
}

/// Changes a user.
#[utoipa::path(tag = "users", request_body = UserFields, responses((status = OK, body = UserEnvelope)))]
#[patch("/institutes/{institute_id}/users/{id}")]
pub async fn update_user(
    signed: Signed<ManageUsers, UserFields>,
    app: Data<App>,
) -> Result<Shown<UserEnvelope>, Problem> {
    update(signed, &app).await
}

/// Changes a user, as PATCH does: what is not sent stays.
#[utoipa::path(tag = "users", request_body = UserFields, responses((status = OK, body = UserEnvelope)))]
#[put("/institutes/{institute_id}/users/{id}")]
pub async fn replace_user(
    signed: Signed<ManageUsers, UserFields>,
    app: Data<App>,
) -> Result<Shown<UserEnvelope>, Problem> {
    update(signed, &app).await
}

async fn update(
    Signed { auth, params: fields }: Signed<ManageUsers, UserFields>,
    app: &App,
) -> Result<Shown<UserEnvelope>, Problem> {
    let (place, id, now, caller) = (Place::of(&auth), UserId(auth.path("id")), auth.at, auth.user.clone());
    let hash = fields.hash_password(app.random).await;
    let change = move |tx: &mut Tx<'_>| {
        let name = place.enter(tx)?;
        let (fields, hash) = (fields.clone(), hash.clone()?);
        let change = |tx: &mut Tx<'_>, user: &mut User| {
            fields.check_identity_provider(tx, place)?;
            fields.change(user, place, &caller, now)
        };
        let user = users::update(tx, place.institute, id, hash.as_ref(), change)?;
        Ok(UserView::of(user, place.institute, name))
    };
    Ok(Shown(UserEnvelope { user: app.store.write(auth.nonce, change).await? }))
}

/// Deletes a user and its credentials. The author of exams stays (409); disable it instead.
#[utoipa::path(tag = "users", responses((status = OK, body = Deleted)))]
#[delete("/institutes/{institute_id}/users/{id}")]
pub async fn delete_user(Signed { auth, .. }: Signed<ManageUsers>, app: Data<App>) -> Result<Shown<Deleted>, Problem> {
    let (place, id, caller, now) = (Place::of(&auth), UserId(auth.path("id")), auth.user.id, auth.at);
    let remove = move |tx: &mut Tx<'_>| {
        place.enter(tx)?;
        if users::get(tx, place.institute, id)?.id == caller {
            return Err(Error::Conflict("You cannot delete yourself; another administrator can.".into()));
        }
        users::remove(tx, place.institute, id, now)
    };
    app.store.write(auth.nonce, remove).await?;
    Ok(Shown(Deleted {}))
}

/// Gives a user a new token and secret. The answer shows them, once; the old ones go on until the grace ends.
#[utoipa::path(tag = "users", request_body = RotateFields, responses((status = OK, body = UserEnvelope)))]
#[post("/institutes/{institute_id}/users/{id}/rotate_credentials")]
pub async fn rotate_user_credentials(
    Signed { auth, params }: Signed<ManageUsers, RotateFields>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (place, id, now) = (Place::of(&auth), UserId(auth.path("id")), auth.at);
    let grace_ends = now + params.grace_hours.get().copied().unwrap_or_default().span();
    let (credentials, caller) = (Credentials::random(app.random)?, auth.user.clone());
    let rotate = move |tx: &mut Tx<'_>| {
        let name = place.enter(tx)?;
        let user = users::get(tx, place.institute, id)?;
        if !caller.governs(&user) {
            return Err(Error::Forbidden);
        }
        users::rotate(tx, &user, &credentials, now, grace_ends)?;
        Ok(Shown(UserEnvelope { user: UserView::of(user, place.institute, name).with(&credentials) }))
    };
    Answer::once(&app.store, auth.nonce, rotate).await
}

/// The institute in the path, and who wants to enter it.
#[derive(Clone, Copy)]
struct Place {
    institute: InstituteId,
    only: Option<InstituteId>,
    /// Whether the caller may hand out the roles that work across institutes.
    superuser: bool,
}

impl Place {
    fn of<P>(auth: &Auth<P>) -> Self {
        let institute = InstituteId(auth.path("institute_id"));
        Self { institute, only: auth.scope.institute, superuser: auth.user.role == Role::Superuser }
    }

    /// The institute's name, where the caller sees the institute.
    fn enter(self, tx: &mut Tx<'_>) -> Result<Name> {
        Ok(institutes::get(tx, self.only, self.institute)?.name)
    }

    fn check_role(self, role: Role) -> Result<()> {
        match role {
            Role::Superuser => Err(Error::invalid("role", "cannot be superuser; one is made on the server itself")),
            Role::GlobalProctor | Role::GlobalReviewer if !self.superuser => {
                Err(Error::invalid("role", "works across institutes; only a superuser gives it"))
            }
            _ => Ok(()),
        }
    }
}

impl UserFields {
    /// Hashing takes long, so it is done before the transaction.
    async fn hash_password(&self, random: Random) -> Result<Option<PasswordHash>> {
        let Some(password) = self.password.get().cloned() else { return Ok(None) };
        off_worker(move || password.hash(random)).await.map(Some)
    }

    fn check(&self, place: Place) -> Result<()> {
        let confirmed = self.password_confirmation.get().is_none_or(|again| self.password.get() == Some(again));
        if !confirmed {
            return Err(Error::invalid("password_confirmation", "differs from password"));
        }
        self.role.get().map_or(Ok(()), |role| place.check_role(*role))
    }

    /// Users sign in with an identity provider of their own institute.
    fn check_identity_provider(&self, tx: &mut Tx<'_>, place: Place) -> Result<()> {
        let Some(id) = self.omniauth_config_id.get() else { return Ok(()) };
        match identity_providers::find(tx, place.institute, *id)? {
            Some(_) => Ok(()),
            None => Err(Error::invalid("omniauth_config_id", "is not an identity provider of the user's institute")),
        }
    }

    /// Whether the request decides who the user is: what it signs in with, and what it may do.
    fn identifies_anew(&self, user: &User) -> bool {
        let identity_provider = match &self.omniauth_config_id {
            Patch::Keep => user.omniauth_config_id,
            Patch::Clear => None,
            Patch::Set(id) => Some(*id),
        };
        self.password.is_given()
            || self.email.get().is_some_and(|email| *email != user.email)
            || self.role.get().is_some_and(|role| *role != user.role)
            || identity_provider != user.omniauth_config_id
    }

    fn build(self, place: Place, password_hash: Option<PasswordHash>, now: Timestamp) -> Result<NewUser> {
        self.check(place)?;
        let role = self.role.get().copied().unwrap_or(Role::Teacher);
        let (email, name) = (self.email.required("email")?, self.name.required("name")?);
        let mut new = NewUser { password_hash, ..NewUser::named(Some(place.institute), email, name, role, now) };
        self.disabled.replace(&mut new.disabled);
        self.require_message_signature.replace(&mut new.require_message_signature);
        self.omniauth_config_id.apply(&mut new.omniauth_config_id);
        self.receives_reports.replace(&mut new.receives_reports);
        self.report_frequency.apply(&mut new.report_frequency);
        Ok(new)
    }

    fn change(self, user: &mut User, place: Place, caller: &User, now: Timestamp) -> Result<()> {
        self.check(place)?;
        if self.identifies_anew(user) && !caller.governs(user) {
            return Err(Error::Forbidden);
        }
        if user.id == caller.id
            && (self.role.get().is_some_and(|role| *role != user.role) || self.disabled.get() == Some(&true))
        {
            return Err(Error::Conflict(
                "You cannot change your own role or shut yourself out; another administrator can.".into(),
            ));
        }
        self.email.replace(&mut user.email);
        self.name.replace(&mut user.name);
        self.role.replace(&mut user.role);
        self.disabled.replace(&mut user.disabled);
        self.require_message_signature.replace(&mut user.require_message_signature);
        self.omniauth_config_id.apply(&mut user.omniauth_config_id);
        self.receives_reports.replace(&mut user.receives_reports);
        self.report_frequency.apply(&mut user.report_frequency);
        user.updated_at = now;
        Ok(())
    }
}
