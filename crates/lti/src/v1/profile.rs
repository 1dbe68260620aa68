//! What a platform says of itself: LTI 1.2 and 2.0, Tool Consumer Profile. It holds what is served and nothing else.

use serde_json::{Value, json};

use super::oauth1::SignatureMethod;
use super::tool_settings::{FULL, SIMPLE};

/// The media type of a profile.
pub const MEDIA_TYPE: &str = "application/vnd.ims.lti.v2.toolconsumerprofile+json";

/// A platform.
#[derive(Clone, Debug)]
pub struct Profile<'a> {
    /// Where the profile is served.
    pub url: &'a str,
    /// What launches say in `tool_consumer_instance_guid`.
    pub guid: &'a str,
    /// The product, as launches say in `tool_consumer_info_product_family_code`.
    pub product: &'a str,
    /// Its version.
    pub version: &'a str,
    /// Who runs it.
    pub owner: &'a str,
    /// Message types that are sent and variables that are known.
    pub capabilities: Vec<&'a str>,
    /// Where tools keep their settings, with names in braces: of the tool, of a context, of a link.
    pub settings: [&'a str; 3],
}

/// The names of the settings' levels as services.
const SETTINGS: [&str; 3] = ["ToolProxySettings", "ToolProxyBindingSettings", "LtiLinkSettings"];

impl Profile<'_> {
    /// The profile as JSON-LD.
    pub fn to_json(&self) -> String {
        let services: Vec<Value> =
            SETTINGS.iter().zip(self.settings).map(|(name, endpoint)| self.offered(name, endpoint)).collect();
        json!({
            "@context": ["http://purl.imsglobal.org/ctx/lti/v2/ToolConsumerProfile"],
            "@type": "ToolConsumerProfile",
            "@id": self.url,
            "lti_version": super::launch::LTI_VERSION,
            "guid": self.guid,
            "product_instance": self.product_instance(),
            "capability_offered": self.capabilities,
            "service_offered": services,
            "security_profile": [{
                "security_profile_name": "lti_oauth_hash_message_security",
                "digest_algorithm": [SignatureMethod::HmacSha1.as_str(), SignatureMethod::HmacSha256.as_str()],
            }],
        })
        .to_string()
    }

    fn product_instance(&self) -> Value {
        json!({
            "guid": self.guid,
            "product_info": {
                "product_name": named(self.product, "product.name"),
                "product_version": self.version,
                "product_family": {
                    "code": self.product,
                    "vendor": { "code": self.product, "vendor_name": named(self.product, "product.vendor.name") },
                },
            },
            "service_owner": { "service_owner_name": named(self.owner, "service_owner.name") },
        })
    }

    fn offered(&self, name: &str, endpoint: &str) -> Value {
        json!({
            "@type": "RestService",
            "@id": format!("{}#{name}", self.url),
            "endpoint": endpoint,
            "format": [FULL, SIMPLE],
            "action": ["GET", "PUT"],
        })
    }
}

fn named(text: &str, key: &str) -> Value {
    json!({ "default_value": text, "key": key })
}
