//! Reads parameters into a handler's type, field by field, and names the field that breaks a rule.

use std::borrow::Cow;
use std::fmt;

use serde::de::value::{SeqDeserializer, StrDeserializer, StringDeserializer};
use serde::de::{self, Deserialize, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use utoipa::__dev::ComposeSchema;
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::openapi::{Ref, RefOr};
use validator::{ValidationErrors, ValidationErrorsKind};

use crate::api::params::{Item, Value};
use crate::domain::FieldError;

/// The names of the fields of `T`, as they stand on the wire.
pub fn names<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    let _ = T::deserialize(Names(&mut names));
    names
}

/// Learns the field names of a struct and gives no value.
struct Names<'n>(&'n mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Names<'_> {
    type Error = Broken;
    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Broken> {
        Err(de::Error::custom("only structs have names"))
    }
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Broken> {
        *self.0 = fields;
        Err(de::Error::custom("only the names are wanted"))
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

/// Reads the parameters into `T`; the first field that breaks a rule is the error.
pub fn read<T: de::DeserializeOwned>(parameters: impl Iterator<Item = (String, Value)>) -> Result<T, FieldError> {
    let fields = Fields { rest: parameters, value: None };
    T::deserialize(de::value::MapAccessDeserializer::new(fields)).map_err(|broken| FieldError {
        field: broken.field,
        code: broken.code,
        detail: broken.detail,
    })
}

/// A rule that a field breaks.
#[derive(Debug)]
pub struct Broken {
    field: String,
    code: &'static str,
    detail: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.field, self.detail)
    }
}

impl std::error::Error for Broken {}

impl de::Error for Broken {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let FieldError { field, code, detail } = FieldError::invalid("", message.to_string());
        Self { field, code, detail }
    }
    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::custom(format!("must be one of: {}", expected.join(", ")))
    }
    fn missing_field(field: &'static str) -> Self {
        let FieldError { field, code, detail } = FieldError::missing(field);
        Self { field, code, detail }
    }
}

struct Fields<I> {
    rest: I,
    value: Option<(String, Value)>,
}

impl<'de, I: Iterator<Item = (String, Value)>> MapAccess<'de> for Fields<I> {
    type Error = Broken;
    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Broken> {
        let Some((name, value)) = self.rest.next() else { return Ok(None) };
        let key = seed.deserialize(StrDeserializer::new(&name))?;
        self.value = Some((name, value));
        Ok(Some(key))
    }
    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Broken> {
        let Some((name, value)) = self.value.take() else { return Err(de::Error::custom("has no value")) };
        seed.deserialize(Field(value)).map_err(|broken| Broken { field: name, ..broken })
    }
}

/// One parameter's value on its way into a field.
struct Field(Value);

impl Field {
    fn text(self) -> Result<String, Broken> {
        match self.0 {
            Value::Text(text) => Ok(text),
            Value::Null => Err(de::Error::missing_field("")),
            Value::List(_) => Err(de::Error::custom("must be a single value, not a list")),
        }
    }

    fn whole<T: std::str::FromStr>(self) -> Result<T, Broken> {
        let text = self.text()?;
        let digits = text.strip_prefix('-').unwrap_or(&text);
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let number = plain.then(|| text.parse().ok()).flatten();
        number.ok_or_else(|| de::Error::custom("must be a whole number"))
    }
}

impl<'de> Deserializer<'de> for Field {
    type Error = Broken;
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        visitor.visit_string(self.text()?)
    }
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        match self.text()?.as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(de::Error::custom("must be one of: true, false, 1, 0")),
        }
    }
    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        visitor.visit_i64(self.whole()?)
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        match &self.0 {
            Value::Null => visitor.visit_none(),
            Value::Text(text) if text.is_empty() => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }
    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Broken> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Broken> {
        let items = match self.0 {
            Value::List(items) => items.into_iter().map(Item::into_text).collect(),
            // A form writes a list as the JSON text that it signs.
            Value::Text(text) => serde_json::from_str::<Vec<String>>(&text).map_err(|_| must_be_list())?,
            Value::Null => Vec::new(),
        };
        visitor.visit_seq(SeqDeserializer::<_, Broken>::new(items.into_iter()))
    }
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Broken> {
        let text: StringDeserializer<Broken> = self.text()?.into_deserializer();
        visitor.visit_enum(text)
    }
    forward_to_deserialize_any! {
        i8 i16 i32 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple tuple_struct map
        struct identifier ignored_any
    }
}

fn must_be_list() -> Broken {
    de::Error::custom("must be a list of texts, such as [\"en\", \"nl\"]")
}

impl Item {
    fn into_text(self) -> String {
        match self {
            Self::Text(text) | Self::Token(text) => text,
        }
    }
}

/// A value that, where it is given, replaces the old one. `null` and the empty text are errors: the field cannot be empty.
#[derive(Clone, Debug)]
pub struct Given<T>(Option<T>);

/// A value that may be left out (keep the old one), empty or `null` (clear it), or given (replace it).
#[derive(Clone, Debug, Default)]
pub enum Patch<T> {
    /// Not in the request.
    #[default]
    Keep,
    /// `null`, or an empty text.
    Clear,
    /// A new value.
    Set(T),
}

impl<T> Default for Given<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Given<T> {
    /// Replaces `old` where a value was given.
    pub fn replace(self, old: &mut T) {
        if let Some(value) = self.0 {
            *old = value;
        }
    }

    /// The value, where one was given.
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref()
    }

    /// Whether the request holds the field.
    pub fn is_given(&self) -> bool {
        self.0.is_some()
    }

    /// The value, or this one where none was given.
    #[must_use]
    pub fn or(self, value: T) -> Self {
        Self(Some(self.0.unwrap_or(value)))
    }

    /// The value of a field that the call requires.
    pub fn required(self, field: &str) -> crate::domain::Result<T> {
        self.0.ok_or_else(|| crate::domain::Error::Invalid(vec![FieldError::missing(field)]))
    }
}

impl<T> Patch<T> {
    /// Replaces or clears `old`, or keeps it.
    pub fn apply(self, old: &mut Option<T>) {
        match self {
            Self::Keep => {}
            Self::Clear => *old = None,
            Self::Set(value) => *old = Some(value),
        }
    }

    /// Replaces or empties `old`, or keeps it.
    pub fn fill(self, old: &mut T)
    where
        T: Default,
    {
        match self {
            Self::Keep => {}
            Self::Clear => *old = T::default(),
            Self::Set(value) => *old = value,
        }
    }

    /// What was given, or this value where nothing was.
    #[must_use]
    pub fn or(self, value: T) -> Self {
        match self {
            Self::Keep => Self::Set(value),
            given => given,
        }
    }

    /// The value, where one was given.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Clear => None,
        }
    }

    /// Whether the request holds the field, be it empty.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Option::deserialize(deserializer)? {
            Some(value) => Ok(Self(Some(value))),
            None => Err(de::Error::missing_field("")),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

/// The document shows no default: a field that is left out keeps its value.
impl<T> serde::Serialize for Given<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<T> serde::Serialize for Patch<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_none()
    }
}

impl<T: ToSchema> ComposeSchema for Given<T> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        described::<T>(generics)
    }
}

impl<T: ToSchema> ToSchema for Given<T> {
    fn name() -> Cow<'static, str> {
        T::name()
    }
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<T>(schemas);
    }
}

impl<T: ToSchema> ComposeSchema for Patch<T> {
    fn compose(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        OneOfBuilder::new().item(described::<T>(generics)).item(null).into()
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> Cow<'static, str> {
        format!("Nullable{}", T::name()).into()
    }
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        collect::<T>(schemas);
    }
}

/// A value's schema in the document: a reference to a type of ours, and the schema itself of a plain type or a list.
fn described<T: ToSchema>(generics: Vec<RefOr<Schema>>) -> RefOr<Schema> {
    match generics.into_iter().next().unwrap_or_else(T::schema) {
        RefOr::T(Schema::Object(_)) if is_ours::<T>() => Ref::from_schema_name(T::name()).into(),
        plain => plain,
    }
}

fn collect<T: ToSchema>(schemas: &mut Vec<(String, RefOr<Schema>)>) {
    if is_ours::<T>() {
        schemas.push((T::name().into_owned(), T::schema()));
    }
    T::schemas(schemas);
}

/// Rust's plain types have names in lower case.
fn is_ours<T: ToSchema>() -> bool {
    T::name().starts_with(|first: char| first.is_ascii_uppercase())
}

/// The rules of `validator` that fields break, as field errors.
pub fn broken_rules(errors: &ValidationErrors) -> Vec<FieldError> {
    let mut fields = Vec::new();
    for (field, kind) in errors.errors() {
        if let ValidationErrorsKind::Field(broken) = kind {
            let text = |error: &validator::ValidationError| {
                error.message.clone().map_or_else(|| error.code.to_string(), Into::into)
            };
            fields.extend(broken.iter().map(|error| FieldError::invalid(field.as_ref(), text(error))));
        }
    }
    fields
}
