//! Platforms: the LMSs that launch by LTI 1.3. Each is an LMS as those of LTI 1.1 are, with what both sides agreed on.

use diesel::prelude::*;

use crate::domain::id::{InstituteId, LtiConsumerId};
use crate::domain::lti_consumer::{LtiConsumer, NewLtiConsumer};
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::tool_provider::LtiVersion;
use crate::domain::{Error, Result};
use crate::schema::{lti_consumers, lti_platforms};
use crate::store::listing::Columns;
use crate::store::tx::OrTaken as _;
use crate::store::{Listing, Page, PageRequest, Tx};

/// An LMS with what both sides agreed on.
pub type Agreed = (LtiConsumer, LtiPlatform);

macro_rules! agreed {
    () => {
        lti_consumers::table
            .inner_join(lti_platforms::table)
            .filter(lti_consumers::lti_version.eq(LtiVersion::V1p3))
            .select((LtiConsumer::as_select(), LtiPlatform::as_select()))
    };
}

/// One platform. `only` is the caller's own institute.
pub fn get(tx: &mut Tx<'_>, only: Option<InstituteId>, id: LtiConsumerId) -> Result<Agreed> {
    let found = on!(tx, |c| within!(
        agreed!().filter(lti_consumers::id.eq(id)),
        lti_consumers::institute_id => only
    )
    .first(c)
    .optional())?;
    found.ok_or_else(|| Error::not_found("LTI platform", id))
}

/// What lists of platforms are filtered and sorted by.
pub const COLUMNS: Columns = columns!(lti_consumers:
    id Number sorted, name Text sorted, created_at Time sorted, updated_at Time, lms Text, exam_id Number,
    user_id_is_email Bool, disabled Bool, institute_id Number,
);

/// One page of the platforms that `listing` asks for, oldest first unless it says otherwise.
pub fn page(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    listing: &Listing,
    request: PageRequest,
) -> Result<Page<Agreed>> {
    page_of!(
        tx, (listing, request),
        |query| within!(
            query.filter(lti_consumers::lti_version.eq(LtiVersion::V1p3)), lti_consumers::institute_id => only
        ),
        count: lti_consumers::table.count(),
        rows: lti_consumers::table
            .inner_join(lti_platforms::table)
            .select((LtiConsumer::as_select(), LtiPlatform::as_select())),
        by: lti_consumers::id
    )
}

/// Creates a platform; the number in what was agreed on is set here.
///
/// Fails with [`Error::Invalid`] on `client_id`, where another one has the same issuer and client id.
pub fn insert(tx: &mut Tx<'_>, new: &NewLtiConsumer, platform: LtiPlatform) -> Result<Agreed> {
    let consumer = on!(tx, |c| diesel::insert_into(lti_consumers::table)
        .values(new)
        .returning(LtiConsumer::as_returning())
        .get_result(c))?;
    let platform = LtiPlatform { lti_consumer_id: consumer.id, ..platform };
    on!(tx, |c| diesel::insert_into(lti_platforms::table).values(&platform).execute(c)).or_taken("client_id")?;
    Ok((consumer, platform))
}

/// Locks a platform, changes it and writes it back. Fails as [`insert`] does.
pub fn update(
    tx: &mut Tx<'_>,
    only: Option<InstituteId>,
    id: LtiConsumerId,
    change: impl FnOnce(&mut Tx<'_>, &mut Agreed) -> Result<()>,
) -> Result<Agreed> {
    lock_row!(tx, lti_consumers, id)?;
    let mut agreed = get(tx, only, id)?;
    change(tx, &mut agreed)?;
    let (consumer, platform) = &agreed;
    on!(tx, |c| diesel::update(lti_consumers::table.find(id)).set(consumer).execute(c))?;
    on!(tx, |c| diesel::update(lti_platforms::table.find(id)).set(platform).execute(c)).or_taken("client_id")?;
    Ok(agreed)
}

/// Deletes a platform. Its launches, the visits that they began, and grades on their way end with it.
pub fn remove(tx: &mut Tx<'_>, only: Option<InstituteId>, id: LtiConsumerId) -> Result<()> {
    lock_row!(tx, lti_consumers, id)?;
    get(tx, only, id)?;
    on!(tx, |c| diesel::delete(lti_consumers::table.find(id)).execute(c)).map(|_| ())
}

/// The platform that a login names. Without a client id it is the only one with this issuer; none where there are more.
pub fn by_issuer(tx: &mut Tx<'_>, issuer: &str, client_id: Option<&str>) -> Result<Option<Agreed>> {
    let mut found: Vec<Agreed> = on!(tx, |c| within!(
        agreed!().filter(lti_platforms::issuer.eq(issuer)),
        lti_platforms::client_id => client_id
    )
    .limit(2)
    .load(c))?;
    Ok(if found.len() == 1 { found.pop() } else { None })
}

/// One platform, whoever asks.
pub fn find(tx: &mut Tx<'_>, id: LtiConsumerId) -> Result<Option<Agreed>> {
    on!(tx, |c| agreed!().filter(lti_consumers::id.eq(id)).first(c).optional())
}
