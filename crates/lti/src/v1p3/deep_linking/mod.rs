//! Choosing content in a tool: LTI Deep Linking 2.0, both sides.
//!
//! Platform: put the [`Settings`] into an `id_token` of the type `LtiDeepLinkingRequest`; read what the tool posts back,
//! once it is a [`ToolMessage`](crate::v1p3::tool_message::ToolMessage), by [`Response::read`].
//!
//! Tool: [`Settings::read`] says what may be chosen; [`Response::claims`] is what is signed and posted back.

mod item;
mod read;
mod response;
mod settings;
mod write;

pub use item::{ContentItem, Frame, ItemType, Kind, ResourceLink, Window};
pub use response::{Asked, Response};
pub use settings::Settings;

/// The type of the response.
pub const RESPONSE_TYPE: &str = "LtiDeepLinkingResponse";
