//! A parameter that is a JSON array of objects as text: one signed parameter, and in it the fields of many objects.

use serde_json::value::RawValue;

use super::{Accepts, COMMON, Parameters, body};
use crate::domain::{Error, FieldError, Result};

/// At most so many errors are told at once.
const MAX_ERRORS: usize = 20;

/// Reads the text of `field`: 1 to `most` objects, each with the parameters of `T` under the rules of a call of its own.
/// The first 20 errors name the place in the array, from 0, and the field: `students[3].email`.
pub fn objects<T: Accepts>(field: &'static str, text: &str, most: usize) -> Result<Vec<T>> {
    let items: Vec<&RawValue> = serde_json::from_str(text)
        .map_err(|error| Error::invalid(field, format!("must be a JSON array of objects as text: {error}")))?;
    if items.is_empty() || items.len() > most {
        return Err(Error::invalid(field, format!("must hold 1 to {most} objects, and holds {}", items.len())));
    }
    let (mut read, mut errors) = (Vec::with_capacity(items.len()), Vec::new());
    for (index, item) in items.into_iter().enumerate() {
        match object(item.get()).map_err(|error| in_item(field, index, error)) {
            Ok(object) => read.push(object),
            Err(Error::Invalid(wrong)) => errors.extend(wrong),
            Err(other) => return Err(other),
        }
        if errors.len() >= MAX_ERRORS {
            break;
        }
    }
    errors.truncate(MAX_ERRORS);
    if errors.is_empty() { Ok(read) } else { Err(Error::Invalid(errors)) }
}

/// An error of one object, told as the error of its place: `students[3].email`.
pub fn in_item(field: &str, index: usize, error: Error) -> Error {
    let place = |error: FieldError| {
        let dot = if error.field.is_empty() { "" } else { "." };
        FieldError { field: format!("{field}[{index}]{dot}{}", error.field), ..error }
    };
    match error {
        Error::Invalid(errors) => Error::Invalid(errors.into_iter().map(place).collect()),
        other => other,
    }
}

fn object<T: Accepts>(json: &str) -> Result<T> {
    let pairs = body::json(json.as_bytes()).map_err(|problem| match problem.errors.first() {
        Some(error) => Error::Invalid(vec![FieldError { code: "parameter_invalid", ..error.clone() }]),
        None => Error::invalid("", problem.detail),
    })?;
    if let Some((name, _)) = pairs.iter().find(|(name, _)| COMMON.contains(&name.as_str())) {
        return Err(Error::invalid(name, "belongs to the call, not to one of its objects"));
    }
    Parameters { all: pairs.into_iter().collect(), ..Parameters::default() }.into()
}
