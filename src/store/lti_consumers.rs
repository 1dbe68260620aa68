//! LTI consumers and their secrets.

use diesel::prelude::*;

use crate::domain::id::{InstituteId, LtiConsumerId, LtiConsumerSecretId};
use crate::domain::lti_consumer::{LtiConsumer, NewLtiConsumer, secret_place};
use crate::domain::secret::{Sealed, Secret};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::LtiVersion;
use crate::domain::{Error, Result};
use crate::schema::{lti_consumer_secrets, lti_consumers};
use crate::store::listing::Columns;
use crate::store::{Listing, Page, PageRequest, Tx};

/// One consumer that launches by LTI 1.1. `only` is the caller's own institute.
pub fn get(tx: &mut Tx<'_>, only: Option<InstituteId>, id: LtiConsumerId) -> Result<LtiConsumer> {
    let found = on!(tx, |c| within!(
        lti_consumers::table
            .find(id)
            .filter(lti_consumers::lti_version.eq(LtiVersion::V1p1))
            .select(LtiConsumer::as_select()),
        lti_consumers::institute_id => only
    )
    .first(c)
    .optional())?;
    found.ok_or_else(|| Error::not_found("LTI consumer", id))
}

/// An LMS, by whatever version it launches, where it is not shut out.
pub fn find_open(tx: &mut Tx<'_>, id: LtiConsumerId) -> Result<Option<LtiConsumer>> {
    let found = lti_consumers::table.find(id).filter(lti_consumers::disabled.eq(false));
    on!(tx, |c| found.select(LtiConsumer::as_select()).first(c).optional())
}

/// What lists of consumers are filtered and sorted by.
pub const COLUMNS: Columns = columns!(lti_consumers:
    id Number sorted, name Text sorted, created_at Time sorted, updated_at Time, lms Text, consumer_key Text,
    exam_id Number, user_id_is_email Bool, disabled Bool, institute_id Number,
);

/// One page of the consumers of LTI 1.1 that `listing` asks for, oldest first unless it says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<LtiConsumer>> {
    page_of!(
        tx, (listing, request),
        |query| within!(
            query.filter(lti_consumers::lti_version.eq(LtiVersion::V1p1)), lti_consumers::institute_id => only
        ),
        count: lti_consumers::table.count(),
        rows: lti_consumers::table.select(LtiConsumer::as_select()),
        by: lti_consumers::id
    )
}

/// Creates a consumer with its first secret.
pub fn insert(tx: &mut Tx<'_>, new: &NewLtiConsumer, secret: &Secret) -> Result<LtiConsumer> {
    let consumer = on!(tx, |c| diesel::insert_into(lti_consumers::table)
        .values(new)
        .returning(LtiConsumer::as_returning())
        .get_result(c))?;
    add_secret(tx, &consumer, secret, new.created_at)?;
    Ok(consumer)
}

/// Locks a consumer, changes it and writes it back.
pub fn update(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    id: LtiConsumerId,
    change: impl FnOnce(&mut Tx<'_>, &mut LtiConsumer) -> Result<()>,
) -> Result<LtiConsumer> {
    lock_row!(tx, lti_consumers, id)?;
    let mut consumer = get(tx, only, id)?;
    change(tx, &mut consumer)?;
    on!(tx, |c| diesel::update(lti_consumers::table.find(id)).set(&consumer).execute(c))?;
    Ok(consumer)
}

/// Gives a consumer a new secret. The old ones open until the grace ends, and not longer than they would have.
pub fn rotate(
    tx: &mut Tx<'_>,
    consumer: &LtiConsumer,
    secret: &Secret,
    now: Timestamp,
    grace_ends: Timestamp,
) -> Result<()> {
    let own = || lti_consumer_secrets::table.filter(lti_consumer_secrets::lti_consumer_id.eq(consumer.id));
    let lasting =
        own().filter(lti_consumer_secrets::expires_at.is_null().or(lti_consumer_secrets::expires_at.gt(grace_ends)));
    on!(tx, |c| diesel::update(lasting).set(lti_consumer_secrets::expires_at.eq(grace_ends)).execute(c))?;
    let over = own().filter(lti_consumer_secrets::expires_at.le(now));
    on!(tx, |c| diesel::delete(over).execute(c))?;
    add_secret(tx, consumer, secret, now)
}

/// Deletes a consumer. Its launches, the visits that they began, and grades on their way end with it.
pub fn remove(tx: &mut Tx<'_>, only: Option<InstituteId>, id: LtiConsumerId) -> Result<()> {
    lock_row!(tx, lti_consumers, id)?;
    get(tx, only, id)?;
    on!(tx, |c| diesel::delete(lti_consumers::table.find(id)).execute(c)).map(|_| ())
}

/// The consumer of LTI 1.1 with a key.
pub fn by_key(tx: &mut Tx<'_>, key: &str) -> Result<Option<LtiConsumer>> {
    on!(tx, |c| lti_consumers::table
        .filter(lti_consumers::consumer_key.eq(key))
        .filter(lti_consumers::lti_version.eq(LtiVersion::V1p1))
        .select(LtiConsumer::as_select())
        .first(c)
        .optional())
}

/// The secrets of a consumer that open at `now`, the newest first.
pub fn secrets(tx: &mut Tx<'_>, consumer: &LtiConsumer, now: Timestamp) -> Result<Vec<Secret>> {
    let query = lti_consumer_secrets::table
        .filter(lti_consumer_secrets::lti_consumer_id.eq(consumer.id))
        .filter(lti_consumer_secrets::expires_at.is_null().or(lti_consumer_secrets::expires_at.gt(now)))
        .order(lti_consumer_secrets::id.desc())
        .select((lti_consumer_secrets::id, lti_consumer_secrets::secret));
    let sealed: Vec<(LtiConsumerSecretId, Sealed)> = on!(tx, |c| query.load(c))?;
    sealed.iter().map(|(id, sealed)| tx.keys().open(sealed, secret_place(*id, consumer.institute_id))).collect()
}

fn add_secret(tx: &mut Tx<'_>, consumer: &LtiConsumer, secret: &Secret, now: Timestamp) -> Result<()> {
    let row = (
        lti_consumer_secrets::lti_consumer_id.eq(consumer.id),
        lti_consumer_secrets::secret.eq(Sealed::pending()),
        lti_consumer_secrets::created_at.eq(now),
    );
    let id: LtiConsumerSecretId = on!(tx, |c| diesel::insert_into(lti_consumer_secrets::table)
        .values(row)
        .returning(lti_consumer_secrets::id)
        .get_result(c))?;
    let sealed = tx.keys().seal(secret, secret_place(id, consumer.institute_id))?;
    let place = lti_consumer_secrets::table.find(id);
    on!(tx, |c| diesel::update(place).set(lti_consumer_secrets::secret.eq(&sealed)).execute(c)).map(|_| ())
}
