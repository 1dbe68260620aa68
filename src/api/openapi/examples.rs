//! An example for each body. A request's is written at its type; a reply shows what that request would have made.

use serde_json::{Map, Value};
use utoipa::openapi::schema::{ArrayItems, Object, Schema, SchemaType, Type};
use utoipa::openapi::{Components, Content, RefOr};

use super::tidy::{find, is_null};

/// Gives a request's body the example of its type.
pub fn of_request(content: &mut Content, components: &Components) {
    let Some(RefOr::Ref(reference)) = &content.schema else { return };
    if let Some(RefOr::T(Schema::Object(object))) = find(components, &reference.ref_location) {
        content.example.clone_from(&object.example);
    }
}

/// Gives a reply's body an example. One that answers a POST shows what is only shown once.
pub fn of_reply(content: &mut Content, components: &Components, to_post: bool) {
    let writer = Writer { components, to_post };
    content.example = content.schema.as_ref().map(|schema| writer.value(schema, &Value::Null));
}

struct Writer<'c> {
    components: &'c Components,
    to_post: bool,
}

impl Writer<'_> {
    /// A value of the schema; `sent` holds values of a request for the members that bear the same names.
    fn value(&self, schema: &RefOr<Schema>, sent: &Value) -> Value {
        match schema {
            RefOr::Ref(reference) => {
                let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
                let schema = find(self.components, &reference.ref_location);
                schema.map(|schema| self.value(schema, self.sent_for(name).unwrap_or(sent))).unwrap_or_default()
            }
            RefOr::T(Schema::Object(object)) => self.object(object, sent),
            RefOr::T(Schema::Array(list)) => match &list.items {
                ArrayItems::RefOrSchema(items) => Value::from(vec![self.value(items, sent)]),
                ArrayItems::False => Value::Array(Vec::new()),
            },
            RefOr::T(Schema::OneOf(choice)) if !choice.items.iter().any(is_null) => {
                choice.items.first().map(|first| self.value(first, sent)).unwrap_or_default()
            }
            RefOr::T(_) => Value::Null,
        }
    }

    /// The example of the request that creates what `name` shows.
    fn sent_for(&self, name: &str) -> Option<&Value> {
        match self.components.schemas.get(&format!("New{name}Fields")) {
            Some(RefOr::T(Schema::Object(object))) => object.example.as_ref(),
            _ => None,
        }
    }

    fn object(&self, object: &Object, sent: &Value) -> Value {
        if object.properties.is_empty() {
            return plain(object);
        }
        let shown = object.properties.iter().filter(|(name, _)| self.to_post || object.required.contains(name));
        let member = |(name, schema): (&String, &RefOr<Schema>)| {
            let (own, sent) = (own_example(schema), sent.get(name));
            let known = if self.to_post { sent.or(own) } else { own.or(sent) };
            (name.clone(), known.cloned().unwrap_or_else(|| self.value(schema, &Value::Null)))
        };
        Value::Object(shown.map(member).collect::<Map<_, _>>())
    }
}

fn own_example(schema: &RefOr<Schema>) -> Option<&Value> {
    match schema {
        RefOr::T(Schema::Object(object)) => object.example.as_ref(),
        RefOr::T(Schema::Array(list)) => list.example.as_ref(),
        _ => None,
    }
}

/// A value without members: the type's own example, its first name, its least number.
fn plain(object: &Object) -> Value {
    let known = object.example.as_ref().or_else(|| object.enum_values.as_ref()?.first());
    let least = || serde_json::to_value(object).ok().and_then(|schema| schema.get("minimum").cloned());
    known.cloned().unwrap_or_else(|| match object.schema_type {
        SchemaType::Type(Type::Boolean) => false.into(),
        SchemaType::Type(Type::Integer) => least().unwrap_or_default(),
        SchemaType::Type(Type::Object) => Value::Object(Map::new()),
        _ => Value::Null,
    })
}
