//! Texts that people write, checked once where they enter.

use examlink_lti::v1::launch::CustomParameters;
use examlink_lti::v1p3::jwk::PublicKey;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::domain::id::LtiConsumerId;

/// Declares a checked text: stored as Unicode NFC, read from the wire through its rule. The document shows the example.
macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $(min $min:tt,)? max $max:tt, $(format $format:tt,)? example $example:tt, $rule:expr) => {
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, Deserialize, utoipa::ToSchema,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        #[serde(try_from = "String")]
        #[schema(value_type = String, $(min_length = $min,)? max_length = $max, $(format = $format,)? example = $example)]
        pub struct $name(String);

        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(text: String) -> Result<Self, String> {
                let text: String = text.nfc().collect();
                if text.chars().count() > $max {
                    return Err(format!("is longer than {} characters", $max));
                }
                let rule: fn(&str) -> Result<(), String> = $rule;
                rule(&text).map(|()| Self(text))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        column!($name, diesel::sql_types::Text, str, |text| Ok(Self(text)), |text| text.as_str());
    };
}

text! {
    /// A name on one line: 1 to 255 characters, no control, zero-width or direction-changing character.
    Name, min 1, max 255, example "Example University", |text| not_empty(text).and_then(|()| one_line(text))
}

text! {
    /// A key, a code or an identifier that another system gave: like a name, and it may be empty.
    Label, max 255, example "A-1024", one_line
}

text! {
    /// An e-mail address.
    Email, max 254, format "email", example "sam@example.edu", |text| {
        one_line(text)?;
        if validator::ValidateEmail::validate_email(&text) { Ok(()) } else { Err("is not an e-mail address".into()) }
    }
}

text! {
    /// Running text of up to 20,000 characters; line breaks and tabs are allowed, NUL is not.
    Prose, max 20_000, example "Write in full sentences.", no_nul
}

text! {
    /// What a student handed in at a tool, in words: as much as a tool's message can hold.
    Work, max 65_536, example "Let x be a prime.", no_nul
}

/// The instructions of an exam: HTML or text of up to 500,000 characters, kept to the byte as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(try_from = "String")]
#[schema(value_type = String, max_length = 500_000, example = "<p>Read the questions first.</p>\n{LTI_EXAM_1}")]
pub struct Instructions(String);

impl Instructions {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Instructions {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        match text.chars().count() {
            0..=500_000 => no_nul(&text).map(|()| Self(text)),
            _ => Err("is longer than 500000 characters".into()),
        }
    }
}

text! {
    /// A language tag of BCP 47, such as `en` or `en-GB`.
    Language, min 2, max 35, example "en", |text| {
        let tag = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let (primary, mut rest) = text.split_once('-').map_or((text, "".split('-')), |(p, r)| (p, r.split('-')));
        let primary_fits = (2..=8).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        if primary_fits && (!text.contains('-') || rest.all(tag)) { Ok(()) } else { Err("is not a language tag such as en or en-GB".into()) }
    }
}

text! {
    /// A time zone of the IANA database, such as `Europe/Amsterdam`.
    TimeZone, max 64, example "Europe/Amsterdam", |text| {
        text.parse::<chrono_tz::Tz>().map(|_| ()).map_err(|_| "is not a time zone such as Europe/Amsterdam".into())
    }
}

text! {
    /// A JSON object as text, each value a text, a number or a boolean: the custom data of a launch.
    CustomData, max 20_000, example "{\"course\":\"A1\"}", |text| {
        let pairs = custom_parameters(text)?;
        CustomParameters::new(pairs).map(|_| ()).map_err(|error| error.to_string())
    }
}

text! {
    /// An address on the web: absolute, http or https, no user name in it.
    WebUrl, max 2_000, format "uri", example "https://sis.example.edu/events", |text| {
        one_line(text)?;
        let url = url::Url::parse(text).map_err(|error| format!("is not a web address: {error}"))?;
        match url.scheme() {
            "http" | "https" if url.username().is_empty() && url.password().is_none() => Ok(()),
            "http" | "https" => Err("must not hold a user name or password".into()),
            _ => Err("must begin with https://".into()),
        }
    }
}

text! {
    /// What a platform of LTI 1.3 calls itself: an address on the web without query and fragment, kept to the letter.
    Issuer, max 2_000, format "uri", example "https://moodle.example.edu", |text| {
        WebUrl::try_from(text.to_owned())?;
        if text.contains(['?', '#']) { Err("must have no query and no fragment".into()) } else { Ok(()) }
    }
}

text! {
    /// An identifier of LTI 1.3: 1 to 255 printable characters of ASCII, kept to the letter.
    ProtocolId, min 1, max 255, example "10000000000003", |text| {
        let printable = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        if printable { Ok(()) } else { Err("must be 1 to 255 printable characters of ASCII".into()) }
    }
}

text! {
    /// A public key in PEM: RSA of 2048 bits or more, or P-256.
    KeyText, max 10_000, example "-----BEGIN PUBLIC KEY-----\n…\n-----END PUBLIC KEY-----", |text| {
        PublicKey::from_pem(text).map(|_| ()).map_err(|error| error.to_string())
    }
}

text! {
    /// What a tool says of itself, as JSON: the registration request of LTI Dynamic Registration 1.0.
    ToolConfigurationText, min 2, max 65_536, example "{\"client_name\":\"Maths tool\",\"initiate_login_uri\":\"https://tool.example/login\"}", no_nul
}

text! {
    /// A host on the web, such as `lms.example.edu`, in lower case, with its port where that is not the usual one.
    Host, max 255, example "lms.example.edu", |text| {
        let url = url::Url::parse(&format!("https://{text}/")).ok().filter(names_one_host);
        let same = url.as_ref().and_then(Host::of).is_some_and(|host| host.as_str() == text);
        if same { Ok(()) } else { Err("is not a host such as lms.example.edu or lms.example.edu:8443".into()) }
    }
}

/// Whether the host is a name or an address. URLs allow a `*` in it, which stands for many hosts in a page's policy.
fn names_one_host(url: &url::Url) -> bool {
    url.host_str().is_some_and(|host| host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c)))
}

text! {
    /// The origin of a page: scheme, host and, where it is not the usual one, port.
    Origin, max 255, example "https://lms.example.edu", |text| {
        let url = url::Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        let url = url.filter(names_one_host);
        let same = url.is_some_and(|url| url.origin().ascii_serialization() == text);
        if same { Ok(()) } else { Err("is not an origin such as https://lms.example.edu".into()) }
    }
}

text! {
    /// The name of a parameter of a launch, in lower case: `custom_` and what the LMS calls it, for those that an LMS adds.
    ParameterName, max 100, example "custom_group_id", |text| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
        if !text.is_empty() && text.bytes().all(plain) { Ok(()) } else { Err("has other characters than a-z, 0-9 and _".into()) }
    }
}

impl Email {
    /// What stands for the address of somebody whose LMS keeps it back: always the same, and nobody's (RFC 2606).
    pub fn stand_in(consumer: LtiConsumerId, user_id: &str) -> Self {
        let hash = Sha256::new().chain_update(consumer.0.to_be_bytes()).chain_update(user_id).finalize();
        Self(format!("{}@lms-{consumer}.invalid", hex::encode(&hash[..16])))
    }

    /// Whether mail can reach anybody there.
    pub fn is_stand_in(&self) -> bool {
        self.0.ends_with(".invalid")
    }
}

impl Name {
    /// A name as another system wrote it, made to fit: what is invisible is left out, what is too long is cut. Nothing
    /// where nothing is left.
    pub fn fitting(text: &str) -> Option<Self> {
        let visible: String = text.nfc().filter(|c| !c.is_control() && !is_invisible(*c)).take(255).collect();
        Self::try_from(visible.trim().to_owned()).ok()
    }
}

impl Host {
    /// The host of an address; the scheme's usual port is left out.
    pub fn of(url: &url::Url) -> Option<Self> {
        let host = url.host_str()?;
        Some(Self(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))))
    }
}

impl TimeZone {
    /// The zone's rules; UTC for a row older than a zone's renaming.
    pub fn rules(&self) -> chrono_tz::Tz {
        self.0.parse().unwrap_or(chrono_tz::UTC)
    }

    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self("UTC".into())
    }
}

impl Language {
    /// English, the language when nobody chose one.
    pub fn english() -> Self {
        Self("en".into())
    }
}

impl CustomData {
    /// No custom data.
    pub fn none() -> Self {
        Self("{}".into())
    }

    /// The pairs in the order of the text.
    pub fn pairs(&self) -> Vec<(String, String)> {
        custom_parameters(&self.0).unwrap_or_default()
    }
}

fn not_empty(text: &str) -> Result<(), String> {
    if text.trim().is_empty() { Err("is empty".into()) } else { Ok(()) }
}

fn no_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') { Err("holds a NUL character".into()) } else { Ok(()) }
}

/// Refuses what makes two names look alike or a log line break: controls, zero-width and bidirectional marks.
fn one_line(text: &str) -> Result<(), String> {
    match text.chars().find(|c| c.is_control() || is_invisible(*c)) {
        Some(c) => Err(format!("holds the invisible character U+{:04X}; remove it", u32::from(c))),
        None => Ok(()),
    }
}

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{00AD}' | '\u{061C}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}'
        | '\u{2060}'..='\u{2069}' | '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}')
}

/// Reads custom data.
fn custom_parameters(text: &str) -> Result<Vec<(String, String)>, String> {
    const FORM: &str = "must be a JSON object as text, such as {\"course\":\"A1\"}";
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| FORM.to_owned())?;
    let pairs = object.into_iter().map(|(name, value)| Ok((name.clone(), custom_value(&name, value)?)));
    pairs.collect()
}

fn custom_value(name: &str, value: serde_json::Value) -> Result<String, String> {
    match value {
        serde_json::Value::String(text) => no_nul(&text).map(|()| text),
        serde_json::Value::Number(number) => Ok(number.to_string()),
        serde_json::Value::Bool(flag) => Ok(flag.to_string()),
        _ => Err(format!("the value of \"{name}\" must be a text, a number or a boolean")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: TryFrom<String, Error = String>>(text: &str) -> Result<T, String> {
        T::try_from(text.to_owned())
    }

    #[test]
    fn names_are_composed_and_visible() {
        assert_eq!(read::<Name>("e\u{301}").unwrap().as_str(), "é");
        for bad in ["", "  ", "a\u{200B}b", "a\nb", "\u{202E}evil"] {
            assert!(read::<Name>(bad).is_err(), "{bad:?}");
        }
        assert!(read::<Name>(&"x".repeat(256)).is_err());
    }

    #[test]
    fn languages_and_zones_are_real() {
        assert!(
            read::<Language>("no-NO").is_ok() && read::<Language>("e").is_err() && read::<Language>("en--GB").is_err()
        );
        assert!(read::<TimeZone>("Europe/Oslo").is_ok() && read::<TimeZone>("Europe/Atlantis").is_err());
    }

    #[test]
    fn custom_data_is_a_flat_object() {
        assert_eq!(read::<CustomData>(r#"{"course":"A1","n":2}"#).unwrap().pairs().len(), 2);
        for bad in ["", "[]", "{\"a\":{}}", "{\"a\":null}", "nonsense"] {
            assert!(read::<CustomData>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_and_origins_are_nothing_more() {
        for good in ["lms.example.edu", "lms.example.edu:8443", "[::1]", "127.0.0.1:8080"] {
            assert!(read::<Host>(good).is_ok(), "{good}");
        }
        for bad in ["", "LMS.example.edu", "lms.example.edu/", "lms.example.edu:443", "a@lms.example.edu", "a b", "*"] {
            assert!(read::<Host>(bad).is_err(), "{bad}");
        }
        for good in ["https://lms.example.edu", "http://127.0.0.1:8080"] {
            assert!(read::<Origin>(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "*",
            "https:",
            "https://*",
            "https://*.example.edu",
            "https://lms.example.edu/",
            "https://a.example; script-src *",
            "null",
            "data:,",
        ] {
            assert!(read::<Origin>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn web_addresses_hold_no_credentials() {
        assert!(read::<WebUrl>("https://tool.example/x?y=1").is_ok());
        for bad in ["", "javascript:alert(1)", "ftp://x.example", "https://user:pass@x.example/", "//x.example"] {
            assert!(read::<WebUrl>(bad).is_err(), "{bad}");
        }
    }
}
