//! Groups of a context: LTI Course Groups 1.0, both sides.

use serde_json::{Value, json};

use super::claims::scope;
use super::query::Query;
use super::reader::{ID, LINE, Object, parse};
use super::service_error::Result;
use crate::json::{object, text};

/// The media type of a list of groups, and of a list of group sets.
pub const GROUP_CONTAINER: &str = "application/vnd.ims.lti-gs.v1.contextgroupcontainer+json";

/// The most groups of one container that is read.
const CONTAINER: usize = 10_000;

/// The claim [`GROUPS_SERVICE`](super::claims::GROUPS_SERVICE).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupsClaim {
    /// `context_groups_url`
    pub groups_url: String,
    /// `context_group_sets_url`
    pub sets_url: Option<String>,
}

impl GroupsClaim {
    /// Writes the claim.
    pub fn to_value(&self) -> Value {
        object([
            ("context_groups_url", Some(json!(self.groups_url))),
            ("context_group_sets_url", text(self.sets_url.as_ref())),
            ("scope", Some(json!([scope::GROUP_READ]))),
            ("service_versions", Some(json!(["1.0"]))),
        ])
    }

    /// Reads the claim of a verified message, as a tool; http only to this machine, or where `allow_http`.
    ///
    /// Fails with the shape variants of [`ServiceError`](super::ServiceError).
    pub fn read(claim: &Value, allow_http: bool) -> Result<Self> {
        let claim = Object::read(claim, "groupsservice".into())?;
        Ok(Self {
            groups_url: claim.required_secure_url("context_groups_url", allow_http)?,
            sets_url: claim.secure_url("context_group_sets_url", allow_http)?,
        })
    }
}

/// A group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// `id`
    pub id: String,
    /// `name`
    pub name: String,
    /// `tag`: what it is for.
    pub tag: Option<String>,
    /// `set_id`: the set that it is of.
    pub set_id: Option<String>,
}

/// Groups that divide a context for one purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupSet {
    /// `id`
    pub id: String,
    /// `name`
    pub name: String,
    /// `groups`
    pub groups: Vec<Group>,
}

/// Which groups.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupFilter {
    /// `user_id`: those of this member.
    pub user_id: Option<String>,
    /// `limit`: how many to a page at most.
    pub limit: Option<u32>,
}

impl GroupFilter {
    /// Reads the decoded pairs of a query.
    ///
    /// Fails with [`ServiceError::Repeated`](super::ServiceError::Repeated), `TooLong` and `Limit`.
    pub fn parse(query: &[(String, String)]) -> Result<Self> {
        let query = Query(query);
        Ok(Self { user_id: query.text("user_id")?, limit: query.limit()? })
    }
}

/// Writes one page of groups; `id` is the URL that was asked.
pub fn groups_to_value(id: &str, groups: &[Group]) -> Value {
    json!({ "id": id, "groups": groups.iter().map(Group::to_value).collect::<Vec<_>>() })
}

/// Writes one page of group sets; `id` is the URL that was asked.
pub fn sets_to_value(id: &str, sets: &[GroupSet]) -> Value {
    json!({ "id": id, "sets": sets.iter().map(GroupSet::to_value).collect::<Vec<_>>() })
}

/// Reads a page of groups, as a tool. Fails with the shape variants of [`ServiceError`](super::ServiceError).
pub fn read_groups(body: &[u8]) -> Result<Vec<Group>> {
    Object::read(&parse(body)?, String::new())?.objects("groups", CONTAINER)?.iter().map(Group::read).collect()
}

/// Reads a page of group sets, as a tool. Fails with the shape variants of [`ServiceError`](super::ServiceError).
pub fn read_sets(body: &[u8]) -> Result<Vec<GroupSet>> {
    Object::read(&parse(body)?, String::new())?.objects("sets", CONTAINER)?.iter().map(GroupSet::read).collect()
}

impl Group {
    fn to_value(&self) -> Value {
        object([
            ("id", Some(json!(self.id))),
            ("name", Some(json!(self.name))),
            ("tag", text(self.tag.as_ref())),
            ("set_id", text(self.set_id.as_ref())),
        ])
    }

    fn read(group: &Object<'_>) -> Result<Self> {
        Ok(Self {
            id: group.required_text("id", ID)?,
            name: group.required_text("name", LINE)?,
            tag: group.text("tag", LINE)?,
            set_id: group.text("set_id", ID)?,
        })
    }
}

impl GroupSet {
    fn to_value(&self) -> Value {
        let groups: Vec<Value> = self.groups.iter().map(Group::to_value).collect();
        object([
            ("id", Some(json!(self.id))),
            ("name", Some(json!(self.name))),
            ("groups", (!groups.is_empty()).then(|| json!(groups))),
        ])
    }

    fn read(set: &Object<'_>) -> Result<Self> {
        Ok(Self {
            id: set.required_text("id", ID)?,
            name: set.required_text("name", LINE)?,
            groups: set.objects("groups", CONTAINER)?.iter().map(Group::read).collect::<Result<_>>()?,
        })
    }
}
