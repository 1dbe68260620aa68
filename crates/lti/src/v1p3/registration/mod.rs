//! How a tool and a platform make each other known: LTI Dynamic Registration 1.0, both sides.
//!
//! 1. The platform opens the tool's registration page: [`Initiation`].
//! 2. The tool reads the [`PlatformConfiguration`] from there.
//! 3. The tool posts its [`Registration`], with the token of the first step.
//! 4. The platform answers with what it granted, [`Registered`], or with a [`Refusal`].

mod configuration;
mod initiation;
mod refusal;
mod registered;
mod request;
mod tool;

pub use configuration::{PlatformConfiguration, SupportedMessage};
pub use initiation::Initiation;
pub use refusal::Refusal;
pub use registered::{Management, Registered};
pub use request::Registration;
pub use tool::{ToolConfiguration, ToolMessage};

/// What the tool's page posts to the window that opened it when it is done; the sender is to be checked.
pub const CLOSE_SUBJECT: &str = "org.imsglobal.lti.close";
