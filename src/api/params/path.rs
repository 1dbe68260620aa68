//! The ids in a path, decoded once from the raw bytes.

use actix_web::HttpRequest;
use percent_encoding::percent_decode_str;

use crate::api::problem::{Kind, Problem};

/// The captures of the matched route with their decoded texts, in the order of the path. A capture that is not UTF-8, or
/// holds NUL, `/` or `?`, is refused: the router and the signature could read it differently.
pub fn captures(request: &HttpRequest) -> Result<Vec<(&'static str, String)>, Problem> {
    let Some(pattern) = request.match_pattern() else { return Ok(Vec::new()) };
    let raw = request.uri().path().split('/').filter(|segment| !segment.is_empty());
    let pattern = pattern.split('/').filter(|segment| !segment.is_empty()).zip(raw);
    let captures = pattern.filter_map(|(name, text)| Some((name.strip_prefix('{')?.strip_suffix('}')?, text)));
    captures.map(|(name, text)| Ok((name_of(name), decode(name, text)?))).collect()
}

/// Whether a part of a route's path stands for an id.
pub fn is_id(part: &str) -> bool {
    part.starts_with('{')
}

/// The names that routes capture. A route with another one fails its first test.
const NAMES: [&str; 5] = ["id", "exam_id", "institute_id", "student_session_id", "tool_provider_id"];

fn name_of(name: &str) -> &'static str {
    NAMES.into_iter().find(|known| *known == name).unwrap_or("id")
}

fn decode(name: &str, text: &str) -> Result<String, Problem> {
    let decoded = percent_decode_str(text).decode_utf8();
    match decoded {
        Ok(text) if !text.contains(['\0', '/', '?']) => Ok(text.into_owned()),
        _ => Err(Problem::at(Kind::MALFORMED, name, "holds a character that no id holds")),
    }
}
