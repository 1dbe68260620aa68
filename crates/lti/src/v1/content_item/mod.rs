//! Choosing content in a tool: LTI Content-Item Message 1.0 (IMS, 24 May 2016), the deep linking of LTI 1.x.
//!
//! Platform: fill a [`SelectionRequest`], [`sign`](SelectionRequest::sign) it, put the form into a page. What the tool
//! posts back is a [`VerifiedSelection`] once its signature is checked.
//!
//! Tool: [`VerifiedSelectionRequest`] is what the platform asks for; fill a [`Selection`] with [`ContentItem`]s and
//! [`sign`](Selection::sign) it for the return URL of the request.

mod item;
mod json;
mod read;
mod request;
mod selection;
mod write;

pub use item::{ContentItem, Image, ItemType, LineItem, Placement};
pub use json::{items_from_json, items_to_json};
pub use request::{Acceptance, SelectionRequest, VerifiedSelectionRequest};
pub use selection::{Selection, VerifiedSelection};

/// The message type of the request.
pub const REQUEST_TYPE: &str = "ContentItemSelectionRequest";

/// The message type of the reply.
pub const REPLY_TYPE: &str = "ContentItemSelection";

/// The message type of the reply in drafts of the specification, which tools still send.
pub const DRAFT_REPLY_TYPE: &str = "ContentItemSelectionResponse";

/// The media type of a link that is launched.
pub const LTI_LINK: &str = "application/vnd.ims.lti.v1.ltilink";
