//! The header `Link` (RFC 8288), by which containers are paged: AGS 2.0 and NRPS 2.0, both in "Limit query parameter".

use url::Url;

use super::service_error::{Result, ServiceError};
use crate::Error;

/// The relation of the next page; its absence is the end.
pub const NEXT: &str = "next";

/// NRPS 2.0, membership differences: the relation of what changed since this answer.
pub const DIFFERENCES: &str = "differences";

/// Writes the header from relations and absolute URLs; `None` where there are none.
///
/// Observed: a client lower-cases the whole header before it looks for `<url>; rel="next"`. Capitals of the URL are
/// therefore percent-encoded, which means the same (RFC 3986 section 6.2.2.2), and `rel` is the only parameter.
pub fn write(links: &[(&str, &str)]) -> Option<String> {
    let links: Vec<String> =
        links.iter().map(|(rel, url)| format!("<{}>; rel=\"{rel}\"", without_capitals(url))).collect();
    (!links.is_empty()).then(|| links.join(", "))
}

/// Reads the URL of a relation from a header. Parameters may come in any order, names in any case; a value may hold
/// several relations.
pub fn read(header: &str, relation: &str) -> Option<String> {
    let mut rest = header;
    while let Some((_, from)) = rest.split_once('<') {
        let (url, after) = from.split_once('>')?;
        // The parameters of a link end where the next link begins.
        let parameters = after.split_once('<').map_or(after, |(own, _)| own);
        if parameters.split([';', ',']).any(|parameter| names_relation(parameter, relation)) {
            return Some(url.trim().to_owned());
        }
        rest = after;
    }
    None
}

/// Reads where the page after `page` is, as whoever follows it with the access token of `page`; `None` at the end. What
/// is no URL by itself counts from `page`.
///
/// Fails with [`ServiceError::PageOrigin`], and with [`ServiceError::Url`] where it is no URL at all.
pub fn next_page(header: &str, page: &Url) -> Result<Option<Url>> {
    let Some(next) = read(header, NEXT) else { return Ok(None) };
    let refused = |reason| ServiceError::Url { at: "Link".into(), reason };
    let next = page.join(&next).map_err(|error| refused(Error::UrlSyntax(error.to_string())))?;
    if next.origin() == page.origin() {
        Ok(Some(next))
    } else {
        Err(ServiceError::PageOrigin(next.origin().ascii_serialization()))
    }
}

fn names_relation(parameter: &str, relation: &str) -> bool {
    let Some((name, value)) = parameter.split_once('=') else { return false };
    let value = value.trim().trim_matches('"');
    name.trim().eq_ignore_ascii_case("rel") && value.split_whitespace().any(|one| one.eq_ignore_ascii_case(relation))
}

fn without_capitals(url: &str) -> String {
    // Scheme and host have no case; an escape says the same in small letters.
    let scheme = url.find("://").map_or(0, |at| at + 3);
    let path = url[scheme..].find(['/', '?']).map_or(url.len(), |path| scheme + path);
    let (origin, rest) = url.split_at(path);
    let mut written = origin.to_ascii_lowercase();
    let mut digits_of_escape = 0_u8;
    for character in rest.chars() {
        if character.is_ascii_uppercase() && digits_of_escape == 0 {
            written += &escape(character);
        } else {
            written.push(character.to_ascii_lowercase());
        }
        digits_of_escape = if character == '%' { 2 } else { digits_of_escape.saturating_sub(1) };
    }
    written
}

fn escape(character: char) -> String {
    format!("%{:02x}", u32::from(character))
}
