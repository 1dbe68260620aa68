//! Makes the document readable: what the derive macros write is right, and not what a person would write.

use std::collections::HashSet;

use utoipa::openapi::schema::{ArrayItems, Schema, SchemaType, Type};
use utoipa::openapi::{Components, OpenApi, RefOr};

/// Writes a generic type where it is used, puts `null` last and drops defaults: a field that is left out keeps its
/// value. What a reply may show as `null` it always shows.
pub fn schemas(components: &mut Components) {
    let mut generic = Components::new();
    generic.schemas.extend(components.schemas.extract_if(.., |name, _| name.contains('_')));
    for (name, schema) in &mut components.schemas {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        for property in object.properties.values_mut() {
            tidy(property, &generic);
        }
        if !name.ends_with("Fields") {
            let (required, members) = (&mut object.required, &object.properties);
            let shown = |name: &&String| required.contains(name) || members.get(*name).is_some_and(takes_null);
            *required = members.keys().filter(shown).cloned().collect();
        }
    }
}

/// Drops schemas and replies that nothing refers to.
pub fn drop_unused(document: &mut OpenApi) {
    while let Ok(json) = document.to_json() {
        let Some(components) = &mut document.components else { return };
        let referred = json.split("\"#/components/").skip(1).filter_map(|rest| rest.split('"').next());
        let referred: HashSet<&str> = referred.collect();
        let before = components.schemas.len() + components.responses.len();
        components.schemas.retain(|name, _| referred.contains(format!("schemas/{name}").as_str()));
        components.responses.retain(|name, _| referred.contains(format!("responses/{name}").as_str()));
        if components.schemas.len() + components.responses.len() == before {
            return;
        }
    }
}

/// The schema that a reference names.
pub fn find<'c>(components: &'c Components, reference: &str) -> Option<&'c RefOr<Schema>> {
    components.schemas.get(reference.strip_prefix("#/components/schemas/")?)
}

fn tidy(property: &mut RefOr<Schema>, generic: &Components) {
    if let RefOr::Ref(reference) = property
        && let Some(schema) = find(generic, &reference.ref_location)
    {
        let description = std::mem::take(&mut reference.description);
        *property = schema.clone();
        describe(property, description);
    }
    match property {
        RefOr::Ref(reference) => reference.default = None,
        RefOr::T(Schema::Object(object)) => object.default = None,
        RefOr::T(Schema::OneOf(choice)) => {
            choice.default = None;
            choice.items.sort_by_key(is_null);
        }
        RefOr::T(Schema::Array(list)) => {
            if let ArrayItems::RefOrSchema(items) = &mut list.items {
                tidy(items, generic);
            }
        }
        RefOr::T(_) => {}
    }
}

fn describe(property: &mut RefOr<Schema>, description: String) {
    let described = Some(description.clone()).filter(|text| !text.is_empty());
    match property {
        RefOr::Ref(reference) => reference.description = description,
        RefOr::T(Schema::Object(object)) => object.description = described,
        RefOr::T(Schema::OneOf(choice)) => choice.description = described,
        RefOr::T(_) => {}
    }
}

fn takes_null(schema: &RefOr<Schema>) -> bool {
    match schema {
        RefOr::T(Schema::Object(object)) => {
            matches!(&object.schema_type, SchemaType::Array(types) if types.contains(&Type::Null))
        }
        RefOr::T(Schema::OneOf(choice)) => choice.items.iter().any(is_null),
        _ => false,
    }
}

/// Whether a schema takes only `null`.
pub fn is_null(schema: &RefOr<Schema>) -> bool {
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == SchemaType::Type(Type::Null))
}
