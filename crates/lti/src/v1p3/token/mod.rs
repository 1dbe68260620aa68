//! Access tokens for services (LTI Security Framework, section 4.1; RFC 6749, section 4.4; RFC 7523).
//!
//! Platform: [`TokenRequest::parse`], look up client and key, [`TokenRequest::verify`], spend the `jti`, cut the scopes
//! down to what is [`granted`](ClientAssertion::granted), give a [`TokenResponse`]; or a [`TokenRefusal`]. Both answers
//! go out with `Cache-Control: no-store` and `Pragma: no-cache`.
//!
//! Tool: sign a [`client_assertion`], send a [`request_form`], read the [`TokenResponse`].

mod request;
mod response;

pub use request::{ClientAssertion, ExpectAssertion, TokenRequest, client_assertion, request_form};
pub use response::{TokenError, TokenRefusal, TokenResponse};
