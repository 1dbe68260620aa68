//! Who belongs to a context: LTI Names and Role Provisioning Services 2.0 (NRPS), both sides.
//!
//! Platform: write the [`MembershipsClaim`] claim; read [`MembershipFilter`]; write a [`Membership`], and page it by
//! [`link_header`](crate::v1p3::link_header). Tool: read the claim, ask for its
//! [first page](MembershipsClaim::first_page), read the memberships, and go to the
//! [next page](crate::v1p3::link_header::next_page).

mod filter;
mod member;

use serde_json::{Value, json};
use url::Url;

pub use filter::{MembershipFilter, RoleFilter};
pub use member::{LinkMessage, Member, Status};

use crate::json::{object, text};
use crate::v1::launch::Context;
use crate::v1::roles::Role;
use crate::v1p3::reader::{ID, LINE, Object, URL, parse};
use crate::v1p3::service_error::{Result, ServiceError};
use crate::web_url;

/// The media type of a list of members.
pub const MEMBERSHIP_CONTAINER: &str = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json";

/// The most members of one container that is read.
const CONTAINER: usize = 10_000;

/// The claim [`NAMES_ROLE_SERVICE`](crate::v1p3::claims::NAMES_ROLE_SERVICE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembershipsClaim {
    /// `context_memberships_url`
    pub url: String,
}

impl MembershipsClaim {
    /// Writes the claim.
    pub fn to_value(&self) -> Value {
        json!({ "context_memberships_url": self.url, "service_versions": ["2.0"] })
    }

    /// Where to ask for the members with a role, so many to a page, as a tool. A platform may pass over both: NRPS 2.0,
    /// role and limit query parameters.
    ///
    /// Fails with [`ServiceError::Url`] where the claim holds none.
    pub fn first_page(&self, role: Role, limit: u32) -> Result<Url> {
        let refused = |reason| ServiceError::Url { at: "context_memberships_url".into(), reason };
        let mut page = web_url::open(&self.url).map_err(refused)?;
        page.query_pairs_mut().append_pair("role", &role.uri()).append_pair("limit", &limit.to_string());
        Ok(page)
    }

    /// Reads the claim of a verified message, as a tool; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`].
    pub fn read(claim: &Value, allow_http: bool) -> Result<Self> {
        let claim = Object::read(claim, "namesroleservice".into())?;
        Ok(Self { url: claim.required_secure_url("context_memberships_url", allow_http)? })
    }
}

/// One page of the members of a context.
#[derive(Clone, Debug, Default)]
pub struct Membership {
    /// `id`: the URL that was asked.
    pub id: String,
    /// `context`; its id is required.
    pub context: Context,
    /// `members`, in an order that stays the same from page to page.
    pub members: Vec<Member>,
}

impl Membership {
    /// Writes the container.
    pub fn to_value(&self) -> Value {
        let context = object([
            ("id", text(self.context.id.as_ref())),
            ("label", text(self.context.label.as_ref())),
            ("title", text(self.context.title.as_ref())),
        ]);
        let members: Vec<Value> = self.members.iter().map(Member::to_value).collect();
        json!({ "id": self.id, "context": context, "members": members })
    }

    /// Reads a container, as a tool.
    ///
    /// Fails with the shape variants of [`ServiceError`].
    pub fn read(body: &[u8]) -> Result<Self> {
        let document = parse(body)?;
        let container = Object::read(&document, String::new())?;
        let context = container.required("context", container.object("context")?)?;
        let members = container.objects("members", CONTAINER)?;
        Ok(Self {
            id: container.text("id", URL)?.unwrap_or_default(),
            context: Context {
                id: Some(context.required_text("id", ID)?),
                kind: None,
                title: context.text("title", LINE)?,
                label: context.text("label", LINE)?,
            },
            members: members.iter().map(Member::read).collect::<Result<_>>()?,
        })
    }
}
