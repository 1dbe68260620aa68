//! Users and their credentials.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use crate::domain::access::{Permission, Role};
use crate::domain::exam::Exam;
use crate::domain::id::{CredentialId, InstituteId, UserId};
use crate::domain::secret::{Place, Sealed, Secret, TokenHash};
use crate::domain::time::Timestamp;
use crate::domain::user::{Credentials, NewUser, PasswordHash, StoredCredential, User};
use crate::domain::{Error, Result};
use crate::schema::{credentials, users};
use crate::store::listing::Columns;
use crate::store::tx::OrTaken;
use crate::store::{Listing, Page, PageRequest, Tx, comanagers};

/// Somebody whose token came with a request.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who it is.
    pub user: User,
    /// Which of its tokens came; nonces are unique within it.
    pub credential: CredentialId,
    /// The secret that belongs to the token.
    pub secret: Secret,
    /// From when on the two open nothing.
    pub expires_at: Option<Timestamp>,
}

/// One user of an institute.
pub fn get(tx: &mut Tx<'_>, institute: InstituteId, id: UserId) -> Result<User> {
    find(tx, institute, id)?.ok_or_else(|| Error::not_found("user", id))
}

/// One user of an institute, or none.
pub fn find(tx: &mut Tx<'_>, institute: InstituteId, id: UserId) -> Result<Option<User>> {
    on!(tx, |c| users::table
        .find(id)
        .filter(users::institute_id.eq(institute))
        .select(User::as_select())
        .first(c)
        .optional())
}

/// A user who may watch the students of an exam, of its institute or a global proctor; or none.
pub fn find_watcher(tx: &mut Tx<'_>, exam: &Exam, id: UserId) -> Result<Option<User>> {
    let user: Option<User> = on!(tx, |c| users::table.find(id).select(User::as_select()).first(c).optional())?;
    Ok(user.filter(|user| user.may_watch(exam)))
}

/// A user who may register tools in an institute, or none.
pub fn find_registrar(tx: &mut Tx<'_>, institute: InstituteId, id: UserId) -> Result<Option<User>> {
    let user: Option<User> = on!(tx, |c| users::table.find(id).select(User::as_select()).first(c).optional())?;
    Ok(user.filter(|user| {
        let reaches = user.scope().institute.is_none_or(|own| own == institute);
        !user.disabled && user.role.may(Permission::ManageTools) && reaches
    }))
}

/// A user who may give students grades, or none.
pub fn find_grader(tx: &mut Tx<'_>, id: UserId) -> Result<Option<User>> {
    let user: Option<User> = on!(tx, |c| users::table.find(id).select(User::as_select()).first(c).optional())?;
    Ok(user.filter(|user| !user.disabled && user.role.may(Permission::GradeResults)))
}

/// What lists of users are filtered and sorted by.
pub const COLUMNS: Columns = columns!(users:
    id Number sorted, name Text sorted, email Text sorted, created_at Time sorted, updated_at Time, last_used_at Time,
    role Text, disabled Bool, receives_reports Bool, report_frequency Text,
);

/// One page of an institute's users that `listing` asks for, oldest first unless it says otherwise.
pub fn page(tx: &mut Tx<'_>, institute: InstituteId, listing: &Listing, request: PageRequest) -> Result<Page<User>> {
    page_of!(
        tx, (listing, request), |query| within!(query, users::institute_id => Some(institute)),
        count: users::table.count(), rows: users::table.select(User::as_select()), by: users::id
    )
}

/// Creates a user with its first credentials; its e-mail address is unique.
pub fn insert(tx: &mut Tx<'_>, new: &NewUser, first: &Credentials) -> Result<User> {
    let user: User =
        on!(tx, |c| diesel::insert_into(users::table).values(new).returning(User::as_returning()).get_result(c))
            .or_taken("email")?;
    add_credentials(tx, &user, first, new.created_at)?;
    Ok(user)
}

/// Locks a user, changes it and writes it back, with a new password where one is given.
pub fn update(
    tx: &mut Tx<'_>,
    institute: InstituteId,
    id: UserId,
    password: Option<&PasswordHash>,
    change: impl FnOnce(&mut Tx<'_>, &mut User) -> Result<()>,
) -> Result<User> {
    lock_row!(tx, users, id)?;
    let mut user = get(tx, institute, id)?;
    change(tx, &mut user)?;
    on!(tx, |c| diesel::update(users::table.find(id)).set(&user).execute(c)).or_taken("email")?;
    if let Some(hash) = password {
        on!(tx, |c| diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(c))?;
    }
    tx.callers_changed = true;
    Ok(user)
}

/// Deletes a user and its credentials. One that is the author of exams is kept.
pub fn remove(tx: &mut Tx<'_>, institute: InstituteId, id: UserId, now: Timestamp) -> Result<()> {
    lock_row!(tx, users, id)?;
    get(tx, institute, id)?;
    comanagers::leave_all(tx, id, now)?;
    on!(tx, |c| diesel::delete(users::table.find(id)).execute(c))?;
    tx.callers_changed = true;
    Ok(())
}

/// Gives a user new credentials. The old ones open until `grace_ends`, and not longer than they would have.
pub fn rotate(tx: &mut Tx<'_>, user: &User, new: &Credentials, now: Timestamp, grace_ends: Timestamp) -> Result<()> {
    let lasting = credentials::table
        .filter(credentials::user_id.eq(user.id))
        .filter(credentials::expires_at.is_null().or(credentials::expires_at.gt(grace_ends)));
    on!(tx, |c| diesel::update(lasting).set(credentials::expires_at.eq(grace_ends)).execute(c))?;
    let over = credentials::table.filter(credentials::user_id.eq(user.id)).filter(credentials::expires_at.le(now));
    on!(tx, |c| diesel::delete(over).execute(c))?;
    add_credentials(tx, user, new, now)?;
    tx.callers_changed = true;
    Ok(())
}

/// Who a token belongs to, with everything that verifying a signature needs. A token goes with its own secret only: what
/// an old pair signed cannot be sent again under a new token. Expired tokens are found too: the clock decides where it is
/// asked. An unknown token takes as long as a known one: the oldest credential is read and opened in its place.
pub fn find_caller(tx: &mut Tx<'_>, token: TokenHash) -> Result<Option<Caller>> {
    let hash = token.to_hex();
    let known_or_oldest = sql::<Bool>("credentials.id = COALESCE((SELECT id FROM credentials WHERE token_hash = ")
        .bind::<Text, _>(&hash)
        .sql("), (SELECT MIN(id) FROM credentials))");
    let found: Option<(StoredCredential, User)> = on!(tx, |c| credentials::table
        .inner_join(users::table)
        .filter(known_or_oldest)
        .select((StoredCredential::as_select(), User::as_select()))
        .first(c)
        .optional())?;
    let Some((credential, user)) = found else { return Ok(None) };
    let secret = open_secret(tx, &credential, &user)?;
    let known = credential.token_hash == hash;
    Ok(known.then_some(Caller { credential: credential.id, expires_at: credential.expires_at, secret, user }))
}

/// Notes that a user called.
pub fn touch(tx: &mut Tx<'_>, id: UserId, at: Timestamp) -> Result<()> {
    on!(tx, |c| diesel::update(users::table.find(id)).set(users::last_used_at.eq(at)).execute(c)).map(|_| ())
}

/// How many superusers may call.
pub fn count_superusers(tx: &mut Tx<'_>) -> Result<i64> {
    let query = users::table.filter(users::role.eq(Role::Superuser)).filter(users::disabled.eq(false)).count();
    on!(tx, |c| query.get_result(c))
}

fn add_credentials(tx: &mut Tx<'_>, user: &User, new: &Credentials, now: Timestamp) -> Result<()> {
    let row = (
        credentials::user_id.eq(user.id),
        credentials::token_hash.eq(TokenHash::of(&new.api_token).to_hex()),
        credentials::secret_key.eq(Sealed::pending()),
        credentials::created_at.eq(now),
    );
    let id: CredentialId =
        on!(tx, |c| diesel::insert_into(credentials::table).values(row).returning(credentials::id).get_result(c))?;
    let sealed = tx.keys().seal(&new.secret_key, place(id, user))?;
    on!(tx, |c| diesel::update(credentials::table.find(id)).set(credentials::secret_key.eq(&sealed)).execute(c))
        .map(|_| ())
}

fn open_secret(tx: &Tx<'_>, stored: &StoredCredential, user: &User) -> Result<Secret> {
    tx.keys().open(&stored.secret_key, place(stored.id, user))
}

fn place(id: CredentialId, user: &User) -> Place {
    Place { column: "credentials.secret_key", row: id.0, institute: user.institute_id.map_or(0, |id| id.0) }
}
