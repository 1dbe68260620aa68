//! What a message or a setting can break: one variant per rule, its first line names where the rule stands.

/// A result of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The rule that was broken. The text names the parameter and the way out, and never holds a secret or a signature.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// RFC 3986 section 3: a URL is `scheme://host[:port]/path`.
    #[error("the URL is not valid: {0}; write it as https://host/path")]
    UrlSyntax(String),
    /// RFC 5849 section 3.4.1.2: only `http` and `https` requests are signed.
    #[error("the URL begins with \"{0}:\"; only https is launched to")]
    UrlScheme(String),
    /// Observed: oauthlib refuses plain http unless told otherwise; a launch carries personal data.
    #[error("the URL of {0} begins with http:; use https, or allow http tools in the configuration")]
    UrlPlainHttp(String),
    /// RFC 3986 section 3.2.1: a password in a URL is deprecated; a browser would show it to the tool's users.
    #[error("the URL holds a user name or password; remove the part before the @")]
    UrlUserinfo,
    /// RFC 3986 section 3.5: a fragment never reaches the server.
    #[error("the URL holds a fragment, which no tool ever receives; remove the part from the # on")]
    UrlFragment,
    /// RFC 5849 section 3.2: each `oauth_` parameter appears once, and the launch itself sends them.
    #[error("the query of the URL holds {0}, which every launch sends itself; remove it from the URL")]
    UrlOauthParameter(String),
    /// HTML, `application/x-www-form-urlencoded` parsing: `%` is followed by two hex digits.
    #[error("\"{0}\" holds a % that is not followed by two hex digits; write %25 for the sign itself")]
    PercentEscape(String),
    /// RFC 5849 section 3.6: text is UTF-8 before it is percent-encoded.
    #[error("\"{0}\" is not UTF-8 text")]
    NotUtf8(String),

    /// RFC 5849 section 3.1: key, method, timestamp, nonce and signature are required.
    #[error("{0} is missing or empty; an OAuth 1.0 request must have it")]
    OauthMissing(&'static str),
    /// RFC 5849 section 3.1: no `oauth_` parameter appears more than once.
    #[error("{0} is given more than once")]
    OauthRepeated(String),
    /// RFC 5849 section 3.1: the version, where given, is `1.0`.
    #[error("oauth_version is \"{0}\"; it must be 1.0 or absent")]
    OauthVersion(String),
    /// RFC 5849 section 3.4: the signature method is one that both sides know.
    #[error("oauth_signature_method is \"{0}\"; use HMAC-SHA1, HMAC-SHA256 or HMAC-SHA512")]
    OauthSignatureMethod(String),
    /// RFC 5849 section 3.3: the timestamp is the number of seconds since 1970.
    #[error("oauth_timestamp is \"{0}\"; it must be whole seconds since 1970-01-01 00:00 UTC")]
    OauthTimestamp(String),
    /// RFC 5849 section 3.3: old messages are refused, so that nonces need not be kept for ever.
    #[error("oauth_timestamp {timestamp} is more than {seconds} s away from the time here, {now}; set the clock")]
    OauthTimestampWindow {
        /// What the message says, in seconds since 1970.
        timestamp: u64,
        /// The time here, in seconds since 1970.
        now: u64,
        /// How far the two may be apart, in seconds.
        seconds: u64,
    },
    /// RFC 5849 section 3.4.2: the signature is base64.
    #[error("oauth_signature is not base64")]
    OauthSignatureEncoding,
    /// RFC 5849 section 3.2: the signature is that of this request under the shared secret.
    #[error("oauth_signature does not match; compare the base strings, the secret and the URL of both sides")]
    OauthSignature,

    /// RFC 5849 section 3.5.1: the header is `OAuth name="value", …`.
    #[error("the header Authorization {0}; write it as OAuth oauth_consumer_key=\"…\", …")]
    OauthHeader(&'static str),
    /// OAuth Request Body Hash section 3.2: the hash is that of the body as it was sent.
    #[error(
        "oauth_body_hash is not the hash of the body; hash the very bytes that are sent, by SHA-1 where the method is HMAC-SHA1"
    )]
    OauthBodyHash,

    /// XML 1.0: the body is a document.
    #[error("the body is not well-formed XML: {0}")]
    XmlSyntax(String),
    /// Observed: document type declarations read files and grow without end (XML external entities, billion laughs).
    #[error("the XML holds a document type declaration, an entity or a processing instruction of its own; remove it")]
    XmlDeclaration,
    /// No message of the specification comes near these limits.
    #[error("the XML {0}")]
    XmlLimit(&'static str),
    /// LTI 1.1 guide, Basic Outcomes: an element that the message must have.
    #[error("the XML has no {0} where the message needs one")]
    XmlMissing(&'static str),
    /// LTI 1.1 guide, Basic Outcomes: an element that the message has once.
    #[error("the XML has more than one {0}, or one in another place")]
    XmlRepeated(&'static str),
    /// LTI 1.1 guide, Basic Outcomes: replaceResult, readResult and deleteResult.
    #[error("\"{0}\" is no operation that is carried out here; replaceResult, readResult and deleteResult are")]
    OutcomeOperation(String),
    /// LTI 1.1 guide, Basic Outcomes: a score is a decimal number from 0.0 to 1.0.
    #[error("the score is \"{0}\"; it must be a decimal number from 0.0 to 1.0, such as 0.83")]
    Score(String),
    /// Canvas, `resultTotalScore`: a number of points.
    #[error("the total score is \"{0}\"; it must be a decimal number from 0 to 1000000000, such as 17.5")]
    TotalScore(String),
    /// LTI 2.0, Result: a JSON object with `resultScore` and `comment`.
    #[error("the body is no result: {0}; send {{\"@type\":\"Result\",\"resultScore\":0.83}}")]
    ResultJson(String),

    /// LTI 1.1 guide, Basic Launch Data: a launch is an HTTP POST.
    #[error("the launch came by {0}; it must be a POST")]
    NotPost(String),
    /// LTI 1.1 guide, Basic Launch Data: `lti_message_type` is `basic-lti-launch-request`.
    #[error("lti_message_type is \"{said}\"; this message says {expected}")]
    MessageType {
        /// The type that belongs here.
        expected: &'static str,
        /// What the message says.
        said: String,
    },
    /// LTI 1.1 guide, Basic Launch Data: `lti_version` is `LTI-1p0` for 1.0, 1.1 and 1.2.
    #[error("lti_version is \"{0}\"; LTI 1.0, 1.1 and 1.2 say LTI-1p0")]
    LtiVersion(String),
    /// LTI 1.1 guide, Basic Launch Data: a required parameter.
    #[error("{0} is missing or empty")]
    Missing(&'static str),
    /// LTI 1.1 guide, Basic Launch Data: a parameter has one value.
    #[error("{0} is given more than once")]
    Repeated(String),

    /// LTI Security Update: the states are opaque; what is echoed has an end.
    #[error("{name} is longer than {most} bytes")]
    TooLong {
        /// The parameter.
        name: &'static str,
        /// How many bytes it may have.
        most: usize,
    },
    /// LTI 2.0, Tool Settings: the body and the query of a request.
    #[error("the request {0}")]
    ToolSettings(String),
    /// LTI Content-Item Message 1.0, sections 3 and 4: the items are a JSON-LD document.
    #[error("{at} {why}")]
    ContentItems {
        /// Where it is, such as `content_items[0].lineItem`.
        at: String,
        /// What is wrong with it.
        why: String,
    },

    /// HTML, attribute values and form submission: control characters do not survive the browser unchanged.
    #[error("{name} holds the control character U+{:04X}; remove it", u32::from(*.character))]
    ControlCharacter {
        /// The parameter, as the caller named it.
        name: String,
        /// What it holds.
        character: char,
    },
    /// LTI 1.1 guide, Basic Launch Data, custom parameters: a parameter has a name.
    #[error("a custom parameter has no name")]
    CustomNameEmpty,
    /// LTI 1.1 guide, Basic Launch Data, custom parameters: names are lower-cased and cut down to `a-z`, `0-9` and `_`.
    #[error("the custom parameters \"{first}\" and \"{second}\" would both be sent as {sent}; rename one")]
    CustomNamesCollide {
        /// The name that came first.
        first: String,
        /// The name that came later.
        second: String,
        /// The one name that they share on the wire.
        sent: String,
    },
    /// LTI 1.1 guide, Basic Launch Data, extensions: what is neither standard nor custom begins with `ext_`.
    #[error("\"{0}\" is no extension parameter; name it ext_ and then a-z, 0-9 or _")]
    ExtensionName(String),
    /// Observed: tools on node ims-lti drop the query of the URL when the platform says that it is Canvas.
    #[error("tool_consumer_info_product_family_code must not be \"{0}\": some tools then sign without the query")]
    ProductFamily(String),
    /// Observed: tools on oauthlib and django-blti accept only nonces of 20 to 30 letters and digits.
    #[error("oauth_nonce must be 20 to 30 characters of A-Z, a-z and 0-9")]
    Nonce,
}
