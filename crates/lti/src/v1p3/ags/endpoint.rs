//! The claim that says where grades go, and the URLs of its services (AGS 2.0, endpoint claim).

use serde_json::{Value, json};

use crate::json::{object, text};
use crate::v1p3::reader::{LINE, Object};
use crate::v1p3::service_error::Result;

/// The claim [`AGS_ENDPOINT`](crate::v1p3::claims::AGS_ENDPOINT).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// `scope`: what the tool may ask a token for.
    pub scopes: Vec<String>,
    /// `lineitems`: the container of the context.
    pub line_items: Option<String>,
    /// `lineitem`: the one line item of the link, where there is exactly one. Without a query: some tools append to it.
    pub line_item: Option<String>,
}

impl Endpoint {
    /// Writes the claim.
    pub fn to_value(&self) -> Value {
        object([
            ("scope", Some(json!(self.scopes))),
            ("lineitems", text(self.line_items.as_ref())),
            ("lineitem", text(self.line_item.as_ref())),
        ])
    }

    /// Reads the claim of a verified message, as a tool; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`](crate::v1p3::ServiceError).
    pub fn read(claim: &Value, allow_http: bool) -> Result<Self> {
        let claim = Object::read(claim, "endpoint".into())?;
        Ok(Self {
            scopes: claim.texts("scope", 20, LINE)?,
            line_items: claim.secure_url("lineitems", allow_http)?,
            line_item: claim.secure_url("lineitem", allow_http)?,
        })
    }
}

/// Where scores of a line item are posted: `/scores` behind the path, before any query.
pub fn scores_url(line_item: &str) -> String {
    under(line_item, "/scores")
}

/// Where results of a line item are listed: `/results` behind the path, before any query.
pub fn results_url(line_item: &str) -> String {
    under(line_item, "/results")
}

fn under(line_item: &str, service: &str) -> String {
    let (path, query) = line_item.split_at(line_item.find('?').unwrap_or(line_item.len()));
    format!("{}{service}{query}", path.trim_end_matches('/'))
}
