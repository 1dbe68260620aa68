//! The launch (`basic-lti-launch-request`): the form that sends a person from the platform into a tool.
//!
//! Platform: fill a [`Launch`], [`sign`](Launch::sign) it for a [`LaunchUrl`], put the [`SignedForm`] into a page. A
//! launch holds names of the specification, `custom_` and `ext_` only, because some tools refuse any other.
//!
//! Tool: [`UnverifiedLaunch::parse`], look up the secret of its key, [`UnverifiedLaunch::verify`].

mod custom;
mod fields;
mod inbound;
mod message;
mod parameters;
mod signed_form;
mod url;

pub use custom::CustomParameters;
pub use inbound::{UnverifiedLaunch, VerifiedLaunch};
pub use message::{
    Context, ContextType, DocumentTarget, Launch, OutcomeTarget, Presentation, ResourceLink, ToolConsumer, User,
};
pub use signed_form::SignedForm;
pub use url::LaunchUrl;

pub(in crate::v1) use fields::Fields;

/// The message type of a launch.
pub const MESSAGE_TYPE: &str = "basic-lti-launch-request";

/// The version that LTI 1.0, 1.1 and 1.2 all give.
pub const LTI_VERSION: &str = "LTI-1p0";
