//! The OpenAPI 3.1 document: made from the routes themselves, and completed here with what all of them share.

use std::collections::BTreeSet;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required, ResponseBuilder,
};
use utoipa_actix_web::AppExt;

use crate::api::params::COMMON;
use crate::api::problem::{Kind, ProblemBody};
use crate::api::signature::Vocabulary;
use crate::api::{BASE, routes};

/// The document of this program.
pub fn document() -> OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(empty());
    let (_, mut document) = app.service(utoipa_actix_web::scope(BASE).configure(routes)).split_for_parts();
    describe_problems(&mut document);
    forget_defaults(&mut document);
    for (path, item) in &mut document.paths.paths {
        for operation in operations(item) {
            complete(path, operation);
        }
    }
    document
}

/// The document as the file `openapi/openapi.json` holds it.
pub fn json() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|json| json + "\n")
}

/// Every parameter name of the API: what a signed message may be made of.
pub fn vocabulary(document: &OpenApi) -> Vocabulary {
    let mut names: BTreeSet<String> = COMMON.iter().map(|name| (*name).to_owned()).collect();
    let mut document = document.clone();
    let components = document.components.take().unwrap_or_default();
    for item in document.paths.paths.values_mut() {
        for operation in operations(item) {
            names.extend(inline(operation.parameters.iter().flatten()).map(|parameter| parameter.name.clone()));
            let body = inline(operation.request_body.iter()).flat_map(|body| body.content.values());
            names.extend(
                inline(body)
                    .filter_map(|content| content.schema.as_ref())
                    .flat_map(|schema| properties(schema, &components)),
            );
        }
    }
    Vocabulary::new(names)
}

/// Each path with its methods, for telling an unknown path from a wrong method.
pub fn methods(document: &OpenApi) -> Vec<(String, Vec<&'static str>)> {
    let of = |item: &PathItem| {
        let all = [
            ("GET", &item.get),
            ("POST", &item.post),
            ("PUT", &item.put),
            ("PATCH", &item.patch),
            ("DELETE", &item.delete),
        ];
        all.into_iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| method).collect()
    };
    document.paths.paths.iter().map(|(path, item)| (path.clone(), of(item))).collect()
}

/// What is written where it is used, and not a reference.
fn inline<'a, T: 'a>(parts: impl Iterator<Item = &'a RefOr<T>>) -> impl Iterator<Item = &'a T> {
    parts.filter_map(|part| match part {
        RefOr::T(part) => Some(part),
        RefOr::Ref(_) => None,
    })
}

fn properties(schema: &RefOr<Schema>, components: &Components) -> Vec<String> {
    match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            components.schemas.get(name).map(|schema| properties(schema, components)).unwrap_or_default()
        }
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        RefOr::T(_) => Vec::new(),
    }
}

fn empty() -> OpenApi {
    let info = InfoBuilder::new().title("Examlink").version("v3").description(Some(include_str!("openapi.md"))).build();
    let token = ApiKey::Header(ApiKeyValue::with_description("Authorization", "`Token token=<api_token>`"));
    let mut components = Components::new();
    components.parameters.extend(signed().map(|parameter| (parameter.name.clone(), RefOr::T(parameter))));
    components.add_security_scheme("token", SecurityScheme::ApiKey(token));
    OpenApiBuilder::new().info(info).components(Some(components)).build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.post, &mut item.put, &mut item.patch, &mut item.delete].into_iter().flatten()
}

/// Adds what every call takes and answers: path ids, the signature's parameters, the form body, the errors.
fn complete(path: &str, operation: &mut Operation) {
    operation.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    let parameters = operation.parameters.get_or_insert_default();
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        if !inline(parameters.iter()).any(|parameter| parameter.name == name) {
            parameters.push(RefOr::T(path_id(name)));
        }
    }
    parameters.extend(COMMON.map(|name| RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))));
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True);
        let json = body.content.get("application/json").cloned();
        if let Some(content) = json {
            body.content.insert("application/x-www-form-urlencoded".into(), content);
        }
    }
    let (has_id, has_body) = (path.contains('{'), operation.request_body.is_some());
    let expected = |kind: &&Kind| match **kind {
        Kind::NOT_FOUND => has_id,
        Kind::LOCKED => path.contains("tool_providers") || path.contains("lti_resources"),
        Kind::METHOD => false,
        Kind::CONFLICT => has_id || has_body,
        _ => true,
    };
    for kind in Kind::ALL.iter().filter(expected) {
        let status = kind.status.as_u16().to_string();
        let reference = RefOr::Ref(Ref::from_response_name(format!("Problem{status}")));
        operation.responses.responses.entry(status).or_insert(reference);
    }
}

fn path_id(name: &str) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("Signed like every parameter."))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1)),
        ))
        .build()
}

/// The parameters of the signature. They may stand in the query or in the body.
fn signed() -> [Parameter; 3] {
    let parameter = |name: &str, description: &str, pattern: &str, example: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::True)
            .description(Some(description))
            .schema(Some(schema))
            .example(Some(example.into()))
            .build()
    };
    [
        parameter(
            "timestamp",
            "Milliseconds since 1970, near the server's time. In the query or the body.",
            "^[0-9]{1,15}$",
            "1764147593143",
        ),
        parameter(
            "nonce",
            "A number of up to 20 digits that this token has not sent for 24 hours. In the query or the body.",
            "^(0|[1-9][0-9]{0,19})$",
            "84312098431",
        ),
        parameter(
            "signature",
            "Hexadecimal HMAC-SHA256 of the message by the secret key. In the query or the body.",
            "^[0-9a-fA-F]{64}$",
            "a59b41d7c0615bcd9eb54658164c22e01af78dbab8d8f6070e7ef103ee89c3a4",
        ),
    ]
}

/// A field that is left out keeps its value, so no parameter has a default.
fn forget_defaults(document: &mut OpenApi) {
    let schemas = document.components.iter_mut().flat_map(|components| components.schemas.values_mut());
    for schema in schemas {
        let RefOr::T(Schema::Object(object)) = schema else { continue };
        for property in object.properties.values_mut() {
            match property {
                RefOr::T(Schema::Object(property)) => property.default = None,
                RefOr::T(Schema::OneOf(property)) => property.default = None,
                _ => {}
            }
        }
    }
}

/// One response component for each status of a problem, with an example of each of its codes.
fn describe_problems(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![("Problem".to_owned(), <ProblemBody as utoipa::PartialSchema>::schema())];
    <ProblemBody as utoipa::ToSchema>::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let statuses: BTreeSet<u16> = Kind::ALL.iter().map(|kind| kind.status.as_u16()).collect();
    for status in statuses {
        let kinds: Vec<&Kind> = Kind::ALL.iter().filter(|kind| kind.status.as_u16() == status).collect();
        let codes: Vec<String> =
            kinds.iter().map(|kind| format!("`{}`: {}. {}", kind.code, kind.title, kind.advice)).collect();
        let example = serde_json::json!({
            "type": format!("/docs/errors#{}", kinds[0].code), "title": kinds[0].title, "status": status,
            "detail": kinds[0].title, "code": kinds[0].code, "request_id": "6f1ed002ab5595859014ebf0951522d9",
            "error": kinds[0].title,
        });
        let content =
            ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).example(Some(example)).build();
        let response =
            ResponseBuilder::new().description(codes.join("\n\n")).content("application/problem+json", content).build();
        components.responses.insert(format!("Problem{status}"), RefOr::T(response));
    }
}
