//! What a platform asks a tool for: Content-Item Message 1.0, section 4.1.

use super::REQUEST_TYPE;
use crate::v1::credentials::{Credentials, Stamp};
use crate::v1::launch::{
    Context, CustomParameters, DocumentTarget, Fields, LTI_VERSION, LaunchUrl, Presentation, SignedForm, ToolConsumer,
    User,
};
use crate::v1::oauth1::{Param, VerifiedRequest};
use crate::web_url::is_web;
use crate::{Error, Result};

/// The request for content. It names no resource link, no return URL of a launch and no result, because there is no
/// link yet: strict tools refuse it otherwise.
#[derive(Clone, Debug, Default)]
pub struct SelectionRequest {
    /// What the platform can take.
    pub accepts: Acceptance,
    /// `content_item_return_url`: where the reply goes.
    pub return_url: String,
    /// `title`: what the content is for.
    pub title: Option<String>,
    /// `text`: a description of it.
    pub text: Option<String>,
    /// `data`: comes back unchanged.
    pub data: Option<String>,
    /// Who chooses.
    pub user: User,
    /// What the content becomes a part of, such as an exam.
    pub context: Context,
    /// How the tool will be shown; a return URL is not sent.
    pub presentation: Presentation,
    /// The platform itself.
    pub consumer: ToolConsumer,
    /// What the author lets the tool know.
    pub custom: CustomParameters,
    /// Parameters of the platform's own, each named `ext_` and then `a-z`, `0-9` or `_`.
    pub extensions: Vec<Param>,
}

/// What a platform can take.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // as the message has them
pub struct Acceptance {
    /// `accept_media_types`: media types, possibly with `*` and with `;q=`.
    pub media_types: Vec<String>,
    /// `accept_presentation_document_targets`.
    pub targets: Vec<DocumentTarget>,
    /// `accept_unsigned`: the reply may come without a signature.
    pub unsigned: bool,
    /// `accept_multiple`: more than one item.
    pub multiple: bool,
    /// `accept_copy_advice`: files that the platform copies.
    pub copy_advice: bool,
    /// `auto_create`: the items are stored without asking.
    pub auto_create: bool,
    /// `can_confirm`: the platform tells the tool afterwards which items it stored.
    pub can_confirm: bool,
}

impl SelectionRequest {
    /// Signs the request for one click, as [`Launch::sign`](crate::v1::launch::Launch::sign) does.
    ///
    /// Fails with [`Error::Missing`] (media types, targets, return URL, consumer key), and as a launch does.
    pub fn sign(self, url: &LaunchUrl, credentials: &Credentials, stamp: &Stamp) -> Result<SignedForm> {
        let mut fields = Fields::default();
        fields.put("lti_message_type", REQUEST_TYPE);
        fields.put("lti_version", LTI_VERSION);
        self.accepts.write(&mut fields)?;
        required(&mut fields, "content_item_return_url", self.return_url)?;
        fields.text("title", self.title);
        fields.text("text", self.text);
        fields.id("data", self.data)?;
        self.user.write(&mut fields)?;
        self.context.write(&mut fields)?;
        Presentation { return_url: None, ..self.presentation }.write(&mut fields);
        self.consumer.write(&mut fields)?;
        self.custom.write(&mut fields);
        fields.extensions(self.extensions)?;
        fields.sign(url, credentials, stamp)
    }
}

fn required(fields: &mut Fields, name: &'static str, value: String) -> Result<()> {
    if value.is_empty() { Err(Error::Missing(name)) } else { fields.id(name, Some(value)) }
}

impl Acceptance {
    fn write(self, fields: &mut Fields) -> Result<()> {
        // No space after the comma: some tools write the list anew before they check the signature.
        let targets = self.targets.iter().map(|target| target.as_str()).collect::<Vec<_>>().join(",");
        required(fields, "accept_media_types", self.media_types.join(","))?;
        required(fields, "accept_presentation_document_targets", targets)?;
        for (name, flag) in self.flags() {
            fields.put(name, if flag { "true" } else { "false" });
        }
        Ok(())
    }

    fn flags(&self) -> [(&'static str, bool); 5] {
        [
            ("accept_unsigned", self.unsigned),
            ("accept_multiple", self.multiple),
            ("accept_copy_advice", self.copy_advice),
            ("auto_create", self.auto_create),
            ("can_confirm", self.can_confirm),
        ]
    }

    fn read(request: &VerifiedRequest) -> Result<Self> {
        let list = |name| Ok::<_, Error>(request.required(name)?.split(',').map(str::trim));
        let flag = |name: &str| request.said(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        Ok(Self {
            media_types: list("accept_media_types")?.filter(|range| !range.is_empty()).map(str::to_owned).collect(),
            targets: list("accept_presentation_document_targets")?.filter_map(DocumentTarget::parse).collect(),
            unsigned: flag("accept_unsigned"),
            multiple: flag("accept_multiple"),
            copy_advice: flag("accept_copy_advice"),
            auto_create: flag("auto_create"),
            can_confirm: flag("can_confirm"),
        })
    }

    /// Whether the platform takes this media type, by the rules of HTTP's `Accept` (RFC 9110 section 12.5.1): the most
    /// specific range decides, and `q=0` refuses.
    pub fn takes(&self, media_type: &str) -> bool {
        let (family, _) = media_type.split_once('/').unwrap_or((media_type, ""));
        let ranges = [media_type.to_owned(), format!("{family}/*"), "*/*".to_owned()];
        let quality =
            ranges.iter().find_map(|range| self.media_types.iter().find_map(|given| quality_of(given, range)));
        quality.is_some_and(|quality| quality > 0.0)
    }
}

/// The quality of `given` where it is this very range.
fn quality_of(given: &str, range: &str) -> Option<f32> {
    let mut parts = given.split(';').map(str::trim);
    let same = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(range));
    let quality = parts.find_map(|part| part.strip_prefix("q=")?.parse().ok());
    same.then(|| quality.unwrap_or(1.0))
}

/// A request for content by the holder of the secret. Whether it came before is for the caller to say.
#[derive(Debug)]
pub struct VerifiedSelectionRequest {
    request: VerifiedRequest,
    accepts: Acceptance,
}

impl TryFrom<VerifiedRequest> for VerifiedSelectionRequest {
    type Error = Error;

    /// Fails with [`Error::Repeated`], [`Error::Missing`], [`Error::MessageType`], [`Error::LtiVersion`] and
    /// [`Error::UrlSyntax`] (the return URL).
    fn try_from(request: VerifiedRequest) -> Result<Self> {
        request.check_message(&[REQUEST_TYPE])?;
        let accepts = Acceptance::read(&request)?;
        if !is_web(request.required("content_item_return_url")?) {
            return Err(Error::UrlSyntax("content_item_return_url is no web address".into()));
        }
        Ok(Self { request, accepts })
    }
}

impl VerifiedSelectionRequest {
    /// The verified form: consumer key, nonce, timestamp and every parameter.
    pub fn request(&self) -> &VerifiedRequest {
        &self.request
    }

    /// What the platform can take.
    pub fn accepts(&self) -> &Acceptance {
        &self.accepts
    }

    /// Where the reply goes: an absolute http(s) URL.
    pub fn return_url(&self) -> &str {
        self.get("content_item_return_url").unwrap_or_default()
    }

    /// What the reply must bring back unchanged.
    pub fn data(&self) -> Option<&str> {
        self.get("data")
    }

    /// The value of a parameter; an empty one is as good as none.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.request.said(name)
    }
}
