//! The parameters of a request: path captures, query and body as one map, read once and decoded once, and turned into
//! the type that a handler takes.

mod body;
mod fields;
mod objects;
mod path;
mod upload;

use std::collections::BTreeMap;

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use serde::de::DeserializeOwned;
use validator::Validate;

use crate::api::problem::{Kind, Problem};
use crate::app::App;
use crate::domain::{Error, FieldError};

pub use fields::{Given, Patch};
pub use objects::{in_item, objects};
pub use path::{captures, is_id};
pub use upload::Upload;

/// Parameters that come with every call and belong to its signature.
pub const COMMON: [&str; 3] = ["nonce", "signature", "timestamp"];

/// One parameter's value, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, a number by its token, or `true` and `false`.
    Text(String),
    /// JSON `null`.
    Null,
    /// A JSON array of scalars.
    List(Vec<Item>),
}

/// One item of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Item {
    /// A JSON text.
    Text(String),
    /// A number, `true`, `false` or `null`, by its token.
    Token(String),
}

impl Value {
    /// Appends the value as it stands in the signed message: a text as it is, `null` as nothing, a list as JSON.
    pub fn write_signed(&self, message: &mut String, compact: bool) {
        match self {
            Self::Text(text) => message.push_str(text),
            Self::Null => {}
            Self::List(items) => {
                let item = |item: &Item| match item {
                    Item::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
                    Item::Token(token) => token.clone(),
                };
                let items: Vec<String> = items.iter().map(item).collect();
                message.push('[');
                message.push_str(&items.join(if compact { "," } else { ", " }));
                message.push(']');
            }
        }
    }
}

/// All the parameters of one request.
#[derive(Debug, Default)]
pub struct Parameters {
    /// Every parameter by name.
    pub all: BTreeMap<String, Value>,
    /// The names that stand in the path.
    pub captured: Vec<&'static str>,
    /// The file, where the call takes one.
    pub file: Option<Upload>,
    /// The SHA-256 of the body as it came, for a signature that covers it; `None` where there was no body.
    pub digest: Option<[u8; 32]>,
}

/// A type that a handler's parameters are read into.
pub trait Accepts: DeserializeOwned + Validate + 'static {
    /// Names that must be there and not be empty.
    const REQUIRED: &'static [&'static str] = &[];

    /// The part of a multipart body that is a file and is not signed, where the call requires one.
    const FILE: Option<&'static str> = None;

    /// Takes that file.
    fn take_file(&mut self, _: Upload) {}
}

/// Declares `$name`: the parameters of `$fields`, of which some are required. The OpenAPI document says so too.
macro_rules! requires {
    ($(#[$doc:meta])* $name:ident($fields:ty): $($required:literal),+ $(,)?) => {
        $(#[$doc])*
        #[derive(Debug, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $fields);

        impl validator::Validate for $name {
            fn validate(&self) -> Result<(), validator::ValidationErrors> {
                self.0.validate()
            }
        }

        impl $crate::api::params::Accepts for $name {
            const REQUIRED: &'static [&'static str] = &[$($required),+];
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                use utoipa::openapi::{RefOr, schema::Schema};
                let mut schema = <$fields as utoipa::PartialSchema>::schema();
                if let RefOr::T(Schema::Object(object)) = &mut schema {
                    object.required = vec![$($required.to_owned()),+];
                }
                schema
            }
        }

        impl utoipa::ToSchema for $name {
            fn schemas(schemas: &mut Vec<(String, utoipa::openapi::RefOr<utoipa::openapi::schema::Schema>)>) {
                <$fields as utoipa::ToSchema>::schemas(schemas);
            }
        }
    };
}
pub(in crate::api) use requires;

/// For calls whose path says everything.
#[derive(Debug, Default, serde::Deserialize, Validate)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl Accepts for Nothing {}

impl Parameters {
    /// Reads path, query and body. The same name in two places is fine as long as the values are equal. `file` names the
    /// part of the body that is a file, where the call takes one.
    pub async fn read(request: &HttpRequest, payload: Payload, file: Option<&str>, app: &App) -> Result<Self, Problem> {
        let ids = captures(request)?;
        let captured = ids.iter().map(|(name, _)| *name).collect();
        let path = ids.into_iter().map(|(name, text)| (name.to_owned(), Value::Text(text))).collect();
        let query = body::form(request.query_string().as_bytes())?;
        let read = match file.filter(|_| upload::is_multipart(request)) {
            Some(file) => upload::read(request, payload, file, app).await?,
            None => body::read(request, payload).await?,
        };
        let mut parameters = Self { all: BTreeMap::new(), captured, file: read.file, digest: read.digest };
        for place in [path, query, read.pairs] {
            parameters.add(place)?;
        }
        Ok(parameters)
    }

    /// The text of a parameter, where it is one.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.all.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Reads the parameters into `T`: unknown names, missing ones and values that break a rule are named.
    pub fn into<T: Accepts>(self) -> Result<T, Error> {
        let known = fields::names::<T>();
        let unknown = |name: &&String| {
            let name = name.as_str();
            !known.contains(&name) && !COMMON.contains(&name) && !self.captured.contains(&name)
        };
        let mut errors: Vec<FieldError> =
            self.all.keys().filter(unknown).map(|name| FieldError::invalid(name, unknown_name(known))).collect();
        let empty = |name: &&&str| match self.all.get(**name) {
            Some(Value::Text(text)) => text.trim().is_empty(),
            Some(Value::List(_)) => false,
            Some(Value::Null) | None => true,
        };
        errors.extend(T::REQUIRED.iter().filter(empty).map(|name| FieldError::missing(*name)));
        errors.extend(T::FILE.filter(|_| self.file.is_none()).map(FieldError::missing));
        if !errors.is_empty() {
            return Err(Error::Invalid(errors));
        }
        let mut value: T = fields::read(self.all.into_iter().filter(|(name, _)| known.contains(&name.as_str())))
            .map_err(|error| Error::Invalid(vec![error]))?;
        value.validate().map_err(|errors| Error::Invalid(fields::broken_rules(&errors)))?;
        if let Some(file) = self.file {
            value.take_file(file);
        }
        Ok(value)
    }

    fn add(&mut self, place: Vec<(String, Value)>) -> Result<(), Problem> {
        for (name, value) in place {
            match self.all.get(&name) {
                None => {
                    self.all.insert(name, value);
                }
                Some(other) if *other == value => {}
                Some(_) => {
                    return Err(Problem::at(Kind::CONFLICTING, &name, "has different values in path, query and body"));
                }
            }
        }
        Ok(())
    }
}

fn unknown_name(known: &[&str]) -> String {
    if known.is_empty() {
        "is not a parameter of this call, which takes none beside its path".into()
    } else {
        format!("is not a parameter of this call; it takes: {}", known.join(", "))
    }
}
