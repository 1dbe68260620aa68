//! Variables in custom parameters (LTI 1.3 core, appendix B).
//!
//! A value that is `$` and a name is sent as what the name stands for. As in [LTI 1.1](crate::v1::variables) the table
//! reads the fields of the very message: what privacy has taken out of it cannot leak through a variable. A name that is
//! not known, or that stands for something withheld, is sent as it is; what is told and has no value is empty.

use serde_json::Value;

use super::claims::AGS_ENDPOINT;
use super::id_token::{IdToken, Lis, Profile};
use crate::v1::launch::{ContextType, Presentation, ToolConsumer};
use crate::v1::roles::Role;
use crate::v1::variables::expanded;

/// The variables that stand for a field of the message; whether it has a value is another matter.
pub const OF_THE_MESSAGE: [&str; 39] = [
    "User.id",
    "User.image",
    "User.scope.mentor",
    "Membership.role",
    "Person.sourcedId",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.name.middle",
    "Person.email.primary",
    "Person.address.timezone",
    "Person.phone.primary",
    "Person.gender",
    "Context.id",
    "Context.type",
    "Context.title",
    "Context.label",
    "CourseSection.title",
    "CourseSection.label",
    "CourseSection.sourcedId",
    "CourseOffering.sourcedId",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.description",
    "Message.returnUrl",
    "Message.documentTarget",
    "Message.height",
    "Message.width",
    "Message.locale",
    "ToolPlatform.productFamilyCode",
    "ToolPlatform.version",
    "ToolPlatformInstance.guid",
    "ToolPlatformInstance.name",
    "ToolPlatformInstance.description",
    "ToolPlatformInstance.url",
    "ToolPlatformInstance.contactEmail",
    "LineItem.url",
    "LineItems.url",
    "ToolConsumerInstance.guid",
];

impl IdToken {
    /// Puts values in the places of variables in the custom parameters: of the fields of this message, and what `further`
    /// knows beside them. `further` gives an empty text for what is known and has no value, such as a date of a person
    /// for whom the general date counts.
    pub fn expand(&mut self, further: impl Fn(&str) -> Option<String>) {
        let mut custom = std::mem::take(&mut self.custom);
        for (_, value) in &mut custom {
            let known = |name: &str| self.variable(name).or_else(|| further(name));
            if let Some(expanded) = expanded(value, known) {
                *value = expanded;
            }
        }
        self.custom = custom;
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.of_the_person(name)
            .or_else(|| self.of_the_context(name))
            .or_else(|| self.resource_link.as_ref()?.variable(name))
            .or_else(|| in_message(&self.presentation, name))
            .or_else(|| of_the_platform(&self.platform, name))
            .or_else(|| self.of_the_line_items(name))
            .filter(|value| !value.is_empty())
            .or_else(|| self.tells(name).then(String::new))
    }

    /// Whether messages like this one tell it, value or not. Of a person nobody could tell what has no value from what is
    /// withheld.
    fn tells(&self, name: &str) -> bool {
        let told = match name.split_once('.') {
            Some(("Context" | "Message" | "ToolPlatform" | "ToolPlatformInstance", _)) => true,
            Some(("ResourceLink", _)) => self.resource_link.is_some(),
            Some(("LineItem" | "LineItems", _)) => self.services.iter().any(|(claim, _)| *claim == AGS_ENDPOINT),
            _ => false,
        };
        told && OF_THE_MESSAGE.contains(&name)
    }

    /// Without an id the message is anonymous: then nothing of the person is told here either.
    fn of_the_person(&self, name: &str) -> Option<String> {
        if name == "Membership.role" {
            return Some(self.user.roles.iter().copied().map(Role::uri).collect::<Vec<_>>().join(","));
        }
        self.user.id.as_ref()?;
        match name {
            "User.scope.mentor" => Some(self.mentor_of.join(",")),
            "Person.sourcedId" => self.lis.person.clone(),
            _ => self.user.variable(name).or_else(|| self.profile.variable(name)),
        }
    }

    fn of_the_context(&self, name: &str) -> Option<String> {
        match name {
            "Context.type" => self.context.kind.map(ContextType::uri),
            _ => self.context.variable(name).or_else(|| self.lis.variable(name)),
        }
    }

    fn of_the_line_items(&self, name: &str) -> Option<String> {
        let member = match name {
            "LineItem.url" => "lineitem",
            "LineItems.url" => "lineitems",
            _ => return None,
        };
        let (_, endpoint) = self.services.iter().find(|(claim, _)| *claim == AGS_ENDPOINT)?;
        endpoint.get(member).and_then(Value::as_str).map(str::to_owned)
    }
}

impl Profile {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "User.image" => self.picture.clone(),
            "Person.name.middle" => self.middle_name.clone(),
            "Person.address.timezone" => self.zoneinfo.clone(),
            "Person.phone.primary" => self.phone_number.clone(),
            "Person.gender" => self.gender.clone(),
            _ => None,
        }
    }
}

impl Lis {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "CourseSection.sourcedId" => self.course_section.clone(),
            "CourseOffering.sourcedId" => self.course_offering.clone(),
            _ => None,
        }
    }
}

fn in_message(shown: &Presentation, name: &str) -> Option<String> {
    match name {
        "Message.returnUrl" => shown.return_url.clone(),
        "Message.height" => shown.height.map(|pixels| pixels.to_string()),
        "Message.width" => shown.width.map(|pixels| pixels.to_string()),
        _ => shown.variable(name),
    }
}

fn of_the_platform(platform: &ToolConsumer, name: &str) -> Option<String> {
    match name {
        "ToolPlatform.productFamilyCode" => platform.product_family_code.clone(),
        "ToolPlatform.version" => platform.version.clone(),
        "ToolPlatformInstance.guid" => platform.instance_guid.clone(),
        "ToolPlatformInstance.name" => platform.instance_name.clone(),
        "ToolPlatformInstance.description" => platform.instance_description.clone(),
        "ToolPlatformInstance.url" => platform.instance_url.clone(),
        "ToolPlatformInstance.contactEmail" => platform.instance_contact_email.clone(),
        _ => platform.variable(name),
    }
}
