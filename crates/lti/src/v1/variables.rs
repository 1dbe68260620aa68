//! Variables in custom parameters (LTI 1.2 and 2.0, Custom Parameter Substitution): a value that is `$` and a name, such
//! as `$User.id`, is sent as what the name stands for in this launch.
//!
//! The whole value is a variable or none of it. A name that the platform does not know, or whose value it keeps to
//! itself, is sent as it stands. `\$` at the beginning stands for a dollar sign. What was put in is not read again.
//!
//! The table reads the fields of the message alone: a field that privacy has left empty cannot leak through a variable.

use super::content_item::SelectionRequest;
use super::launch::{Context, DocumentTarget, Launch, OutcomeTarget, Presentation, ResourceLink, ToolConsumer, User};
use super::roles::Role;

/// The variables that stand for a field of the message; whether it has a value is another matter.
pub const OF_THE_MESSAGE: [&str; 21] = [
    "User.id",
    "Membership.role",
    "Person.name.full",
    "Person.name.given",
    "Person.name.family",
    "Person.email.primary",
    "Context.id",
    "Context.type",
    "Context.title",
    "Context.label",
    "CourseSection.title",
    "CourseSection.label",
    "ResourceLink.id",
    "ResourceLink.title",
    "ResourceLink.description",
    "Message.documentTarget",
    "Message.locale",
    "ToolConsumerInstance.guid",
    "Result.sourcedId",
    "BasicOutcome.sourcedId",
    "BasicOutcome.url",
];

/// What a value is sent as; `None` where it stays as it is.
pub(crate) fn expanded(value: &str, known: impl Fn(&str) -> Option<String>) -> Option<String> {
    if let Some(name) = value.strip_prefix('$') {
        return known(name);
    }
    let escaped = value.strip_prefix('\\')?;
    escaped.trim_start_matches('\\').starts_with('$').then(|| escaped.to_owned())
}

impl Launch {
    /// Puts values in the places of variables in the custom parameters: of the fields of this launch, and what
    /// `further` knows beside them.
    pub fn expand(&mut self, further: impl Fn(&str) -> Option<String>) {
        let mut custom = std::mem::take(&mut self.custom);
        custom.expand(|name| self.variable(name).or_else(|| further(name)));
        self.custom = custom;
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.user
            .variable(name)
            .or_else(|| self.context.variable(name))
            .or_else(|| self.resource_link.variable(name))
            .or_else(|| self.presentation.variable(name))
            .or_else(|| self.consumer.variable(name))
            .or_else(|| self.outcome.as_ref()?.variable(name))
    }
}

impl SelectionRequest {
    /// Puts values in the places of variables in the custom parameters, as [`Launch::expand`] does.
    pub fn expand(&mut self, further: impl Fn(&str) -> Option<String>) {
        let mut custom = std::mem::take(&mut self.custom);
        custom.expand(|name| self.variable(name).or_else(|| further(name)));
        self.custom = custom;
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.user
            .variable(name)
            .or_else(|| self.context.variable(name))
            .or_else(|| self.presentation.variable(name))
            .or_else(|| self.consumer.variable(name))
    }
}

impl User {
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        match name {
            "User.id" => self.id.clone(),
            "Membership.role" => Some(self.roles.iter().map(Role::to_string).collect::<Vec<_>>().join(",")),
            "Person.name.full" => self.full_name.clone(),
            "Person.name.given" => self.given_name.clone(),
            "Person.name.family" => self.family_name.clone(),
            "Person.email.primary" => self.email.clone(),
            _ => None,
        }
    }
}

impl Context {
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        match name {
            "Context.id" => self.id.clone(),
            "Context.type" => self.kind.map(|kind| kind.as_str().to_owned()),
            "Context.title" | "CourseSection.title" => self.title.clone(),
            "Context.label" | "CourseSection.label" => self.label.clone(),
            _ => None,
        }
    }
}

impl ResourceLink {
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        match name {
            "ResourceLink.id" => Some(self.id.clone()),
            "ResourceLink.title" => self.title.clone(),
            "ResourceLink.description" => self.description.clone(),
            _ => None,
        }
    }
}

impl Presentation {
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        match name {
            "Message.documentTarget" => self.document_target.map(|target: DocumentTarget| target.as_str().to_owned()),
            "Message.locale" => self.locale.clone(),
            _ => None,
        }
    }
}

impl OutcomeTarget {
    fn variable(&self, name: &str) -> Option<String> {
        match name {
            "Result.sourcedId" | "BasicOutcome.sourcedId" => Some(self.sourcedid.clone()),
            "BasicOutcome.url" => Some(self.service_url.clone()),
            _ => None,
        }
    }
}

impl ToolConsumer {
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        (name == "ToolConsumerInstance.guid").then(|| self.instance_guid.clone()).flatten()
    }
}
