//! The LTI protocols, pure: no input or output, no clock, no randomness, no web framework.
//!
//! Time, nonces and secrets are arguments, so every rule can be tested with a fixed message. What arrives from outside
//! is *unverified* first: such a type shows only what is needed to find the secret, and its `verify` gives the type
//! that handlers take.
//!
//! | module | what it holds |
//! |---|---|
//! | [`v1::oauth1`] | OAuth 1.0 (RFC 5849): base string, signing, verifying, comparing |
//! | [`v1::launch`] | LTI 1.0 to 1.2: the launch that a platform sends, and the one that a tool receives |
//! | [`v1::outcomes`] | grades on their way back: the messages of Basic Outcomes in both directions |
//! | [`v1::content_item`] | choosing content in a tool (deep linking): the request, the reply, the items |
//! | [`v1::credentials`] | consumer key and secret, the stamp of one message, what strict tools refuse |
//! | [`v1::variables`] | variables in custom parameters |
//! | [`v1::tool_settings`], [`v1::profile`] | what tools keep at the platform, and what it says of itself |
//! | [`v1::relaunch`] | the second launch of the security update |
//! | [`v1::roles`] | the role vocabulary |
//! | [`v1p3::jwk`], [`v1p3::jwt`] | LTI 1.3: keys, and the signed tokens that messages are |
//! | [`v1p3::login`] | the steps of OpenID Connect before a message |
//! | [`v1p3::id_token`], [`v1p3::variables`] | messages to a tool, and variables in their custom parameters |
//! | [`v1p3::tool_message`] | messages of a tool to the platform |
//! | [`v1p3::token`] | access tokens for services |
//! | [`v1p3::migration`] | what things were called in LTI 1.1 |
//! | [`v1p3::claims`] | names of claims and scopes |
//! | [`v1p3::Error`] | every rule that these can break |
//! | [`v1p3::deep_linking`] | choosing content in a tool |
//! | [`v1p3::ags`] | line items, scores and results (Assignment and Grade Services) |
//! | [`v1p3::nrps`], [`v1p3::groups`] | who belongs to a context, and to its groups |
//! | [`v1p3::proctoring`] | proctored assessments, and their control |
//! | [`v1p3::submission_review`] | looking at what somebody handed in |
//! | [`v1p3::notices`] | what a platform tells a tool unasked |
//! | [`v1p3::registration`] | how a tool and a platform make each other known |
//! | [`v1p3::link_header`] | paging |
//! | [`v1p3::ServiceError`] | every rule that these messages and services can break |
//! | [`media_type`] | media types in `Content-Type` headers |
//! | [`Error`] | every rule that a message or a setting can break |

mod error;
mod json;
pub mod media_type;
mod secret;
pub mod v1;
pub mod v1p3;
mod web_url;

pub use error::{Error, Result};
pub use secret::Secret;
