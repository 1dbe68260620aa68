//! The roster of a course, which its platform lists while an instructor waits for a page (NRPS 2.0, tool). It is kept in
//! memory for a minute, so that pages can be opened again at ease, and stored nowhere.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::claims::scope;
use examlink_lti::v1p3::nrps::{MEMBERSHIP_CONTAINER, Membership, MembershipsClaim};
use url::Url;

use crate::domain::id::LtiConsumerId;
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::roster::Roster;
use crate::domain::text::WebUrl;
use crate::domain::time::{Span, Timestamp};
use crate::lti::fetch::{ACCEPT, Reply, Request};
use crate::lti::platform_services::{CallError, PlatformServices};

/// What our access tokens are for.
const SCOPES: [&str; 1] = [scope::MEMBERSHIP_READ];
/// The members that a page is asked to hold.
const PAGE: u32 = 200;
/// Pages that are read at most: platforms make them smaller.
const PAGES: usize = 40;
/// The time for all pages.
const WITHIN: Duration = Duration::from_secs(5);
/// How long is kept what came, also where nothing did.
const KEPT: Span = Span::minutes(1);

/// Why there is no roster.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0}")]
    Call(#[from] CallError),
    #[error("the platform answered {0}")]
    Status(u16),
    #[error("{0}")]
    Document(#[from] ServiceError),
    #[error("its pages took longer than {} seconds", WITHIN.as_secs())]
    Slow,
}

/// A list of members of a platform.
type Key = (LtiConsumerId, WebUrl);

/// Held while it is read: who comes meanwhile waits for that.
type Slot = Arc<tokio::sync::Mutex<Option<Kept>>>;

struct Kept {
    roster: Option<Arc<Roster>>,
    at: Timestamp,
}

/// Reads rosters.
pub struct Rosters {
    services: PlatformServices,
    kept: Mutex<HashMap<Key, Slot>>,
}

impl fmt::Debug for Rosters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rosters")
    }
}

impl Rosters {
    /// Calls platforms so.
    pub fn new(services: PlatformServices) -> Self {
        Self { services, kept: Mutex::default() }
    }

    /// The roster that a platform lists at an address; nothing where it cannot be read now. Why, the log tells.
    pub async fn read(&self, platform: &LtiPlatform, url: &WebUrl, now: Timestamp) -> Option<Arc<Roster>> {
        let slot = self.slot((platform.lti_consumer_id, url.clone()), now);
        let mut slot = slot.lock().await;
        if let Some(kept) = slot.as_ref().filter(|kept| kept.counts(now)) {
            return kept.roster.clone();
        }
        let read = tokio::time::timeout(WITHIN, self.fetch(platform, url)).await;
        let read = read.unwrap_or(Err(Unreadable::Slow)).map(Arc::new);
        let read = read.inspect_err(|error| {
            tracing::warn!(lms = %platform.lti_consumer_id, %error, "a roster could not be read");
        });
        let roster = read.ok();
        *slot = Some(Kept { roster: roster.clone(), at: now });
        roster
    }

    /// The place of a roster. Those that are too old are forgotten.
    fn slot(&self, key: Key, now: Timestamp) -> Slot {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|_, slot| {
            slot.try_lock().ok().is_none_or(|slot| slot.as_ref().is_some_and(|kept| kept.counts(now)))
        });
        kept.entry(key).or_default().clone()
    }

    async fn fetch(&self, platform: &LtiPlatform, url: &WebUrl) -> Result<Roster, Unreadable> {
        let mut roster = Roster::default();
        let first = MembershipsClaim { url: url.as_str().to_owned() }.first_page(Role::LEARNER, PAGE)?;
        let mut next = Some(first);
        for _ in 0..PAGES {
            let Some(page) = next else { return Ok(roster) };
            let reply = self.page(platform, &page).await?;
            next = reply.next_page(&page)?;
            if !roster.add(Membership::read(&reply.body)?.members) {
                break;
            }
        }
        roster.cut |= next.is_some();
        Ok(roster)
    }

    async fn page(&self, platform: &LtiPlatform, page: &Url) -> Result<Reply, Unreadable> {
        let request = || Request::page(page.as_str()).header(ACCEPT, MEMBERSHIP_CONTAINER);
        let reply = self.services.call(platform, &SCOPES, request).await?;
        if (200..300).contains(&reply.status) { Ok(reply) } else { Err(Unreadable::Status(reply.status)) }
    }
}

impl Kept {
    fn counts(&self, now: Timestamp) -> bool {
        self.at <= now && now < self.at + KEPT
    }
}
