//! The parameters that a launch becomes.

use std::borrow::Cow;

use super::fields::{Fields, checked};
use super::{Context, LTI_VERSION, Launch, MESSAGE_TYPE, Presentation, ResourceLink, ToolConsumer, User};
use crate::v1::oauth1::Param;
use crate::v1::roles::Role;
use crate::{Error, Result};

impl Launch {
    /// Every parameter but those of OAuth.
    pub(super) fn fields(self) -> Result<Fields> {
        let mut fields = Fields(Vec::with_capacity(48));
        fields.put("lti_message_type", MESSAGE_TYPE);
        fields.put("lti_version", LTI_VERSION);
        self.resource_link.write(&mut fields)?;
        self.user.write(&mut fields)?;
        self.context.write(&mut fields)?;
        self.presentation.write(&mut fields);
        self.consumer.write(&mut fields)?;
        if let Some(outcome) = self.outcome {
            fields.id("lis_outcome_service_url", Some(outcome.service_url))?;
            fields.id("lis_result_sourcedid", Some(outcome.sourcedid))?;
        }
        self.custom.write(&mut fields);
        if let Some(relaunch) = self.relaunch {
            relaunch.write(&mut fields)?;
        }
        fields.extensions(self.extensions)?;
        Ok(fields)
    }
}

impl ResourceLink {
    fn write(self, fields: &mut Fields) -> Result<()> {
        if self.id.is_empty() {
            return Err(Error::Missing("resource_link_id"));
        }
        fields.id("resource_link_id", Some(self.id))?;
        fields.text("resource_link_title", self.title);
        fields.text("resource_link_description", self.description);
        Ok(())
    }
}

impl User {
    pub(in crate::v1) fn write(self, fields: &mut Fields) -> Result<()> {
        fields.id("user_id", self.id)?;
        // No space after the comma: some tools write the list anew before they check the signature.
        let roles = self.roles.iter().map(Role::to_string).collect::<Vec<_>>().join(",");
        fields.text("roles", Some(roles));
        fields.text("lis_person_name_full", self.full_name);
        fields.text("lis_person_name_given", self.given_name);
        fields.text("lis_person_name_family", self.family_name);
        fields.text("lis_person_contact_email_primary", self.email);
        Ok(())
    }
}

impl Context {
    pub(in crate::v1) fn write(self, fields: &mut Fields) -> Result<()> {
        fields.id("context_id", self.id)?;
        if let Some(kind) = self.kind {
            fields.put("context_type", kind.as_str());
        }
        fields.text("context_title", self.title);
        fields.text("context_label", self.label);
        Ok(())
    }
}

impl Presentation {
    pub(in crate::v1) fn write(self, fields: &mut Fields) {
        fields.text("launch_presentation_locale", self.locale);
        if let Some(target) = self.document_target {
            fields.put("launch_presentation_document_target", target.as_str());
        }
        let sizes = [("launch_presentation_width", self.width), ("launch_presentation_height", self.height)];
        for (name, pixels) in sizes {
            fields.text(name, pixels.map(|pixels| pixels.to_string()));
        }
        fields.text("launch_presentation_return_url", self.return_url);
        fields.text("launch_presentation_css_url", self.css_url);
    }
}

impl ToolConsumer {
    pub(in crate::v1) fn write(self, fields: &mut Fields) -> Result<()> {
        let family = self.product_family_code;
        if let Some(family) = family.as_ref().filter(|family| family.eq_ignore_ascii_case("canvas")) {
            return Err(Error::ProductFamily(family.clone()));
        }
        fields.text("tool_consumer_info_product_family_code", family);
        fields.text("tool_consumer_info_version", self.version);
        fields.id("tool_consumer_instance_guid", self.instance_guid)?;
        fields.text("tool_consumer_instance_name", self.instance_name);
        fields.text("tool_consumer_instance_description", self.instance_description);
        fields.text("tool_consumer_instance_url", self.instance_url);
        fields.text("tool_consumer_instance_contact_email", self.instance_contact_email);
        Ok(())
    }
}

impl Fields {
    /// Parameters of the platform's own.
    pub(in crate::v1) fn extensions(&mut self, extensions: Vec<Param>) -> Result<()> {
        for (name, value) in extensions {
            let name = extension_name(name)?;
            let value = checked(&name, value)?;
            self.put(name, value);
        }
        Ok(())
    }
}

fn extension_name(name: Cow<'static, str>) -> Result<Cow<'static, str>> {
    let plain = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'_'));
    let known = name.strip_prefix("ext_").is_some_and(plain);
    if known { Ok(name) } else { Err(Error::ExtensionName(name.into_owned())) }
}
