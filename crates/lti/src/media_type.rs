//! Media types in `Content-Type` headers.

/// Whether a `Content-Type` names this media type: in any letter case, with any parameters such as a character set.
pub fn accepts(content_type: &str, media_type: &str) -> bool {
    essence(content_type) == media_type
}

/// The media type in lower case, without its parameters.
pub(crate) fn essence(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
