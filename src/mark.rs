//! Cookies by which a browser is known again when another site's form or page brings it back.

use actix_web::http::header::{COOKIE, HeaderValue, SET_COOKIE};
use actix_web::{HttpRequest, HttpResponse};
use subtle::ConstantTimeEq as _;

use crate::domain::time::Span;

/// What a browser is marked with.
#[derive(Clone, Debug)]
pub struct Mark {
    /// The cookie's name, and the name of the one beside it for a browser that keeps cookies of frames apart for each
    /// page around them.
    names: [String; 2],
    value: String,
}

impl Mark {
    /// A mark of this kind for one of its `subject`s. The prefix keeps other hosts of the same domain from setting it
    /// (RFC 6265bis, cookie name prefixes).
    pub fn new(kind: &str, framed: &str, subject: &str, value: String) -> Self {
        Self { names: [kind, framed].map(|kind| format!("__Host-{kind}-{subject}")), value }
    }

    /// Leaves it in the browser that gets a page. The other site's form must bring it along, so it is of no one site.
    pub fn leave(&self, page: &mut HttpResponse, lasts: Span) {
        let seconds = lasts.micros() / 1_000_000;
        for (name, further) in self.names.iter().zip(["", "; Partitioned"]) {
            let value = &self.value;
            let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=None{further}");
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                page.headers_mut().append(SET_COOKIE, cookie);
            }
        }
    }

    /// What it is, for who keeps it elsewhere.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether this is it.
    pub fn is(&self, value: &str) -> bool {
        value.as_bytes().ct_eq(self.value.as_bytes()).into()
    }

    /// Whether the browser brings it.
    pub fn is_brought(&self, request: &HttpRequest) -> bool {
        let headers = request.headers().get_all(COOKIE).filter_map(|header| header.to_str().ok());
        let mut cookies =
            headers.flat_map(|header| header.split(';')).filter_map(|cookie| cookie.trim().split_once('='));
        cookies.any(|(name, value)| self.names.iter().any(|known| known == name) && self.is(value))
    }
}
