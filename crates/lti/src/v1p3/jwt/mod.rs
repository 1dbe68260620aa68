//! JSON Web Tokens (RFC 7519) as LTI uses them: signed, never encrypted, in the compact form.
//!
//! Out: [`sign`]. In: [`UnverifiedJwt::parse`], look up the registration by [`issuer`](UnverifiedJwt::issuer) and the key
//! by [`kid`](UnverifiedJwt::kid), [`UnverifiedJwt::verify`].

mod check;
mod payload;
mod token;

pub use check::Expect;
pub use payload::Claims;
pub use token::{LONGEST, UnverifiedJwt, header_of, sign};

pub(in crate::v1p3) use check::audiences;
