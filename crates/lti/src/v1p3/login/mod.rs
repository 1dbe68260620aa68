//! The login before a message (LTI Security Framework, section 5.1.1; OpenID Connect Core, section 3.1.2).
//!
//! Platform: send a [`LoginInitiation`]; read an [`AuthenticationRequest`], look up its client,
//! [`check`](AuthenticationRequest::check) it, find the launch by its hints, then
//! [`answer`](CheckedRequest::answer) or [`refuse`](CheckedRequest::refuse).
//!
//! Tool: read a [`ReceivedLogin`], send the browser to its
//! [`authentication_url`](ReceivedLogin::authentication_url), read the [`AuthenticationResponse`].

mod initiation;
mod refusal;
mod request;
mod response;

pub use initiation::{AuthenticationStart, LoginInitiation, ReceivedLogin};
pub use refusal::{AuthenticationError, Refusal, RefusedRequest};
pub use request::{AuthenticationRequest, CheckedRequest, Registration};
pub use response::AuthenticationResponse;
