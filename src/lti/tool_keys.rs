//! The public keys of tools and platforms that speak LTI 1.3 (LTI Security Framework, section 6.3).
//!
//! A token names its key by `kid`. Where its sender publishes its keys, they are fetched from the address that an
//! administrator registered, and kept in memory: for a minute, so that a key that was withdrawn soon opens nothing. A
//! key that is not among them may be a new one, or made up: for such a one the set is fetched once in five minutes, so
//! that nobody can make this server knock at the sender's. While the sender's server is away, the old keys count.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use examlink_lti::v1p3::Error as Broken;
use examlink_lti::v1p3::jwk::{KeySet, PublicKey};

use crate::domain::id::{LtiConsumerId, ToolProviderId};
use crate::domain::lti_platform::LtiPlatform;
use crate::domain::lti_registration::LtiRegistration;
use crate::domain::text::{KeyText, WebUrl};
use crate::domain::time::{Span, Timestamp};
use crate::lti::fetch::{FetchError, Fetcher, Request};

/// How long a key set is believed.
const BELIEVED: Span = Span::minutes(1);
/// How often a set is fetched for a key that it does not hold.
const FOR_UNKNOWN: Span = Span::minutes(5);
/// How often it is tried to fetch a set that never came.
const FOR_FIRST: Span = Span::seconds(10);
/// Senders whose keys are kept. The one that was fetched longest ago goes first.
const MOST_SENDERS: usize = 1_000;

/// Why there is no key to check a token with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Nobody registered one.
    #[error("the sender is registered without a key; have an administrator set its jwks_url or public_key")]
    None,
    /// The registered key cannot be read, or the sender's set has none by this id.
    #[error("{0}")]
    Unusable(#[from] Broken),
    /// The key set is not to be had. Why, the log tells: the caller has proved nothing yet.
    #[error("the key set at the sender's jwks_url could not be read; an administrator finds the reason in the log")]
    Away(Away),
}

/// What came instead of a key set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Away {
    /// Nothing.
    #[error("{0}")]
    Fetch(#[from] FetchError),
    /// Another status than 200.
    #[error("the server answers {0}")]
    Status(u16),
    /// Something else.
    #[error("{0}")]
    Document(#[from] Broken),
}

/// Finds the keys of tools and platforms, and remembers them. Each server remembers for itself.
pub struct ToolKeys {
    fetcher: Fetcher,
    known: Mutex<HashMap<Sender, Arc<Known>>>,
}

/// Whose keys they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Sender {
    Tool(ToolProviderId),
    Platform(LtiConsumerId),
}

/// What is known of one sender's keys.
struct Known {
    url: WebUrl,
    state: Mutex<State>,
    /// Held while its set is on the way: who comes meanwhile waits for that one.
    fetching: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    keys: Option<KeySet>,
    /// Why the latest try came to nothing.
    away: Option<Away>,
    /// When it was last tried to fetch the set.
    tried: Option<Timestamp>,
    /// When that was last done for a key that it did not hold.
    tried_for_unknown: Option<Timestamp>,
}

/// What is to be done for a key.
enum Next {
    Use(Box<Result<PublicKey, KeyError>>),
    Fetch,
}

impl fmt::Debug for ToolKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ToolKeys")
    }
}

impl ToolKeys {
    /// Knows no keys yet, and fetches them so.
    pub fn new(fetcher: Fetcher) -> Self {
        Self { fetcher, known: Mutex::default() }
    }

    /// The key that a token of this tool names. The registered one goes by any id, because in PEM it has none; it counts
    /// where the tool publishes no key set.
    pub async fn find(&self, tool: &LtiRegistration, kid: &str, now: Timestamp) -> Result<PublicKey, KeyError> {
        let registered = (tool.settings.jwks_url.as_ref(), tool.settings.public_key.as_ref());
        self.find_of(Sender::Tool(tool.tool_provider_id), registered, kid, now).await
    }

    /// The key that a token of this platform names, by the same rule.
    pub async fn find_of_platform(
        &self,
        platform: &LtiPlatform,
        kid: &str,
        now: Timestamp,
    ) -> Result<PublicKey, KeyError> {
        let registered = (platform.jwks_url.as_ref(), platform.public_key.as_ref());
        self.find_of(Sender::Platform(platform.lti_consumer_id), registered, kid, now).await
    }

    async fn find_of(
        &self,
        sender: Sender,
        registered: (Option<&WebUrl>, Option<&KeyText>),
        kid: &str,
        now: Timestamp,
    ) -> Result<PublicKey, KeyError> {
        match registered {
            (Some(url), _) => self.published(sender, url, kid, now).await,
            (None, Some(key)) => Ok(PublicKey::from_pem(key.as_str())?),
            (None, None) => Err(KeyError::None),
        }
    }

    async fn published(&self, sender: Sender, url: &WebUrl, kid: &str, now: Timestamp) -> Result<PublicKey, KeyError> {
        let known = self.known(sender, url);
        if let Next::Use(found) = known.state().look(kid, now)
            && found.is_ok()
        {
            return *found;
        }
        let _fetching = known.fetching.lock().await;
        if let Next::Use(found) = known.state().look(kid, now) {
            return *found;
        }
        known.state().note_try(kid, now);
        let fetched = self.fetch(url).await;
        known.state().take(fetched, sender, kid)
    }

    /// What is known of a sender's keys: nothing, where it publishes them elsewhere now.
    fn known(&self, sender: Sender, url: &WebUrl) -> Arc<Known> {
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(&sender).filter(|known| known.url == *url) {
            return known.clone();
        }
        if all.len() >= MOST_SENDERS {
            let oldest = all.iter().min_by_key(|(_, known)| known.state().tried).map(|(sender, _)| *sender);
            oldest.map(|oldest| all.remove(&oldest));
        }
        let known =
            Arc::new(Known { url: url.clone(), state: Mutex::default(), fetching: tokio::sync::Mutex::new(()) });
        all.insert(sender, known.clone());
        known
    }

    async fn fetch(&self, url: &WebUrl) -> Result<KeySet, Away> {
        let reply = self.fetcher.send(Request::key_set(url.as_str())).await?;
        match reply.status {
            200 => Ok(KeySet::from_json(&reply.body)?),
            status => Err(Away::Status(status)),
        }
    }
}

impl Known {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn look(&self, kid: &str, now: Timestamp) -> Next {
        let lately = |at: Option<Timestamp>, span: Span| at.is_some_and(|at| at <= now && now < at + span);
        let wait = match &self.keys {
            Some(keys) if keys.knows(kid) => lately(self.tried, BELIEVED),
            Some(_) => lately(self.tried_for_unknown, FOR_UNKNOWN),
            None => lately(self.tried, FOR_FIRST),
        };
        if wait { Next::Use(Box::new(self.find(kid))) } else { Next::Fetch }
    }

    fn find(&self, kid: &str) -> Result<PublicKey, KeyError> {
        match (&self.keys, &self.away) {
            (Some(keys), _) => Ok(keys.find(kid).cloned()?),
            (None, Some(away)) => Err(KeyError::Away(away.clone())),
            (None, None) => Err(Broken::KeyUnknown.into()),
        }
    }

    fn note_try(&mut self, kid: &str, now: Timestamp) {
        self.tried = Some(now);
        if self.keys.as_ref().is_some_and(|keys| !keys.knows(kid)) {
            self.tried_for_unknown = Some(now);
        }
    }

    fn take(&mut self, fetched: Result<KeySet, Away>, sender: Sender, kid: &str) -> Result<PublicKey, KeyError> {
        match fetched {
            Ok(keys) => (self.keys, self.away) = (Some(keys), None),
            Err(away) => {
                tracing::warn!(?sender, error = %away, "a key set could not be read");
                self.away = Some(away);
            }
        }
        self.find(kid)
    }
}
