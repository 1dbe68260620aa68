//! The second launch of the LTI Security Update (1.0.1, 1.1.2 and 1.2.1, 22 July 2019).
//!
//! A launch of LTI 1.x can be made by somebody else and put into a victim's browser. A tool that knows the update
//! therefore trusts no first launch: it leaves a `tool_state` in the browser, sends the browser to the `relaunch_url`
//! with it, and trusts the launch that comes back with both states.

use super::launch::Fields;
use super::oauth1::{TimeWindow, UnverifiedRequest, VerifiedRequest};
use crate::{Error, Result, Secret};

/// What a launch says of the second one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Relaunch {
    /// A first launch: where the second is to be had.
    Offered {
        /// `relaunch_url`.
        url: String,
        /// `platform_state`: names the first launch to the platform.
        platform_state: String,
    },
    /// The second launch: the states of both sides.
    Answered(RelaunchStates),
}

/// What ties the two launches together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelaunchStates {
    /// `platform_state`, from the first launch.
    pub platform_state: String,
    /// `tool_state`, from the tool's form.
    pub tool_state: String,
}

impl Relaunch {
    pub(in crate::v1) fn write(self, fields: &mut Fields) -> Result<()> {
        match self {
            Self::Offered { url, platform_state } => {
                fields.id("relaunch_url", Some(url))?;
                fields.id("platform_state", Some(platform_state))
            }
            Self::Answered(states) => {
                fields.id("platform_state", Some(states.platform_state))?;
                fields.id("tool_state", Some(states.tool_state))
            }
        }
    }
}

/// The longest state that is taken: it comes from outside and goes back as it is.
const LONGEST: usize = 2_000;

/// A form that asks for the second launch and that nobody has checked yet. The platform's own state tells which tool it
/// must be from.
#[derive(Debug)]
pub struct UnverifiedRelaunch {
    request: UnverifiedRequest,
    platform_state: String,
}

impl UnverifiedRelaunch {
    /// Reads the POST of a browser; `url` and the failures are those of [`UnverifiedRequest::from_form`], and
    /// [`Error::Missing`].
    pub fn parse(url: &str, body: &[u8]) -> Result<Self> {
        let request = UnverifiedRequest::from_form("POST", url, body)?;
        let platform_state = request.claimed("platform_state").ok_or(Error::Missing("platform_state"))?.to_owned();
        Ok(Self { request, platform_state })
    }

    /// The state that the platform gave to the first launch, if the form is not forged.
    pub fn platform_state(&self) -> &str {
        &self.platform_state
    }

    /// The key that the sender claims to hold the secret of.
    pub fn consumer_key(&self) -> &str {
        self.request.consumer_key()
    }

    /// Checks timestamp, signature and states. The caller spends the nonce and the platform's state afterwards.
    ///
    /// Fails as [`UnverifiedRequest::verify`] does, and with [`Error::Missing`], [`Error::Repeated`] and
    /// [`Error::TooLong`].
    pub fn verify(self, secret: &Secret, window: TimeWindow) -> Result<(VerifiedRequest, RelaunchStates)> {
        let request = self.request.verify(secret, window)?;
        request.refuse_repeated()?;
        let state = |name| match request.required(name)? {
            long if long.len() > LONGEST => Err(Error::TooLong { name, most: LONGEST }),
            state => Ok(state.to_owned()),
        };
        let states = RelaunchStates { platform_state: state("platform_state")?, tool_state: state("tool_state")? };
        Ok((request, states))
    }
}
