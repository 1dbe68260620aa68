//! LTI consumers: learning management systems that launch into exams. Here this server is the tool.

use diesel::prelude::*;
use url::Url;

use crate::clock::Random;
use crate::domain::Result;
use crate::domain::id::{ExamId, InstituteId, LtiConsumerId, LtiConsumerSecretId};
use crate::domain::secret::{Place, Secret, random_secret};
use crate::domain::text::{Host, Name, Origin, ParameterName};
use crate::domain::time::Timestamp;
use crate::domain::tool_provider::LtiVersion;
use crate::schema::lti_consumers;

names! {
    /// Which learning management system it is: what it understands of the protocol follows from it.
    Lms {
        /// Open edX takes grades, and never takes them back.
        OpenEdx = "open_edx",
        /// Moodle.
        Moodle = "moodle",
        /// Canvas.
        Canvas = "canvas",
        /// Sakai.
        Sakai = "sakai",
        /// Snapplify Engage.
        Engage = "engage",
        /// Blackboard.
        Blackboard = "blackboard",
        /// Brightspace.
        Brightspace = "brightspace",
        /// ILIAS.
        Ilias = "ilias",
        /// Any other.
        Other = "other",
    }
}

/// A learning management system, as one institute registered it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Identifiable, AsChangeset)]
#[diesel(table_name = lti_consumers, treat_none_as_null = true)]
pub struct LtiConsumer {
    /// Its number.
    pub id: LtiConsumerId,
    /// Whose it is.
    pub institute_id: InstituteId,
    /// The key that it was given; it names the consumer in every launch.
    pub consumer_key: String,
    /// What its administrator sets.
    #[diesel(embed)]
    pub settings: ConsumerSettings,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How it launches. By LTI 1.3 it is a [platform](crate::domain::lti_platform::LtiPlatform), and its key opens
    /// nothing.
    pub lti_version: LtiVersion,
}

/// What an administrator sets of a consumer.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = lti_consumers, treat_none_as_null = true, treat_none_as_default_value = false)]
pub struct ConsumerSettings {
    /// What people call it.
    pub name: Name,
    /// Which system it is.
    pub lms: Lms,
    /// The one exam that it reaches; `None` for any of the institute's.
    pub exam_id: Option<ExamId>,
    /// Where people may be sent back to.
    pub return_hosts: Hosts,
    /// Whose pages may show ours in a frame.
    pub frame_origins: Origins,
    /// Parameters of the launch that hold the number of a group; the first that has a value counts.
    pub group_parameters: ParameterNames,
    /// Whether `user_id` is an e-mail address.
    pub user_id_is_email: bool,
    /// A disabled consumer keeps its data and opens nothing.
    pub disabled: bool,
}

/// A consumer that is about to be created.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = lti_consumers, treat_none_as_default_value = false)]
pub struct NewLtiConsumer {
    /// Whose it is.
    pub institute_id: InstituteId,
    /// A new random key.
    pub consumer_key: String,
    /// What its administrator set.
    #[diesel(embed)]
    pub settings: ConsumerSettings,
    /// Now.
    pub created_at: Timestamp,
    /// Now.
    pub updated_at: Timestamp,
    /// How it launches.
    pub lti_version: LtiVersion,
}

list! {
    /// Hosts, each with its port where that is not the usual one.
    Hosts(Host)
}
list! {
    /// Origins of pages.
    Origins(Origin)
}
list! {
    /// Names of launch parameters.
    ParameterNames(ParameterName)
}

/// A key and a secret for a new consumer. The key is 24 and the secret 64 letters and digits: what strict systems take.
#[derive(Clone, Debug)]
pub struct ConsumerCredentials {
    /// Names the consumer in every launch.
    pub key: String,
    /// Signs every launch; never sent.
    pub secret: Secret,
}

impl ConsumerCredentials {
    /// A new random key and secret.
    pub fn random(random: Random) -> Result<Self> {
        Ok(Self { key: random.hex::<12>()?, secret: random_secret(random)? })
    }
}

impl ConsumerSettings {
    /// The settings of a new consumer: any exam of the institute, and nobody is sent back or shown in a frame.
    pub fn named(name: Name) -> Self {
        Self {
            name,
            lms: Lms::Other,
            exam_id: None,
            return_hosts: Hosts::default(),
            frame_origins: Origins::default(),
            group_parameters: ParameterNames::default(),
            user_id_is_email: false,
            disabled: false,
        }
    }

    /// The address that a launch asks to send the person back to, where that is a page of one of the allowed hosts. A
    /// text that browsers and servers might read in two ways is none: control characters and blanks, which browsers
    /// drop, backslashes, which they take for slashes, and user names, which look like hosts.
    pub fn return_url(&self, asked: &str) -> Option<Url> {
        let plain = asked.starts_with("https://") || asked.starts_with("http://");
        if !plain || asked.contains(|c: char| c.is_control() || c.is_whitespace() || c == '\\') {
            return None;
        }
        let url = Url::parse(asked).ok()?;
        let nobody = url.username().is_empty() && url.password().is_none();
        let host = Host::of(&url)?;
        (nobody && self.return_hosts.0.contains(&host)).then_some(url)
    }
}

impl Origins {
    /// The origins as they stand in a content security policy.
    pub fn texts(self) -> impl Iterator<Item = String> {
        self.0.into_iter().map(|origin| origin.as_str().to_owned())
    }
}

impl Lms {
    /// The system of a product family, as it names itself.
    pub fn of_product(code: &str) -> Self {
        let code = code.to_lowercase();
        let known = [
            ("edx", Self::OpenEdx),
            ("moodle", Self::Moodle),
            ("canvas", Self::Canvas),
            ("sakai", Self::Sakai),
            ("engage", Self::Engage),
            ("blackboard", Self::Blackboard),
            ("desire2learn", Self::Brightspace),
            ("brightspace", Self::Brightspace),
            ("ilias", Self::Ilias),
        ];
        known.into_iter().find(|(name, _)| code.contains(name)).map_or(Self::Other, |(_, lms)| lms)
    }

    /// Whether it takes a result back (`deleteResult`).
    pub const fn deletes_results(self) -> bool {
        !matches!(self, Self::OpenEdx)
    }
}

/// Where a secret of a consumer is sealed.
pub fn secret_place(id: LtiConsumerSecretId, institute: InstituteId) -> Place {
    Place { column: "lti_consumer_secrets.secret", row: id.0, institute: institute.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(hosts: &[&str]) -> ConsumerSettings {
        let hosts = hosts.iter().map(|host| Host::try_from((*host).to_owned()).unwrap()).collect();
        let name = Name::try_from("Campus Moodle".to_owned()).unwrap();
        ConsumerSettings { return_hosts: Hosts(hosts), ..ConsumerSettings::named(name) }
    }

    #[test]
    fn web_04_people_go_back_to_allowed_hosts_only() {
        let settings = settings(&["lms.example.edu", "lms.example.edu:8443"]);
        for good in [
            "https://lms.example.edu/back?course=1&x=%0d%0a",
            "http://lms.example.edu",
            "https://LMS.example.edu:443/",
            "https://lms.example.edu:8443/mod/lti/return.php",
        ] {
            assert!(settings.return_url(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "/back",
            "//lms.example.edu/",
            "\\\\lms.example.edu/",
            "//evil.example/",
            "\\evil.example",
            "https:lms.example.edu",
            "https:evil.example",
            "https:///evil.example",
            "https://evil.example/",
            "https://evil.example/?lms.example.edu",
            "https://lms.example.edu.evil.example/",
            "https://lms.example.edu@evil.example/",
            "https://user:word@lms.example.edu/",
            "https://evil.example\\@lms.example.edu/",
            "https://lms.example.edu\\.evil.example/",
            "https://lms.example.edu:8444/",
            "https://lms.example.edu/\r\nSet-Cookie: a=b",
            "https://lms.example.edu/\nX",
            "ht\ttps://lms.example.edu/",
            " https://lms.example.edu/",
            "javascript:alert(1)//lms.example.edu",
            "data:text/html,lms.example.edu",
        ] {
            assert!(settings.return_url(bad).is_none(), "{bad:?}");
        }
    }
}
