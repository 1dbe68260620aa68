//! The OpenAPI 3.1 document: made from the routes themselves, and completed here with what all of them share.

mod conditions;
mod examples;
mod problems;
mod tidy;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBody;
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Deprecated, InfoBuilder, OpenApi, OpenApiBuilder, PathItem, Ref, RefOr, Required, Response,
};
use utoipa_actix_web::AppExt;

use crate::api::exams::students::DEPRECATED;
use crate::api::params::COMMON;
use crate::api::problem::Kind;
use crate::api::signature::Vocabulary;
use crate::api::{BASE, routes};

/// The resources.
const TAGS: [(&str, &str); 16] = [
    ("institutes", "Tenants: everything else belongs to one of them, and nobody sees another's."),
    ("users", "The people and programs of an institute that call the API, each with a role and credentials."),
    ("exams", "Exams: draft, then open to students, then closed."),
    ("tool_providers", "External platforms, as an institute registered them, with the key and secret of their vendor."),
    ("tool_deployments", "The places where a tool of LTI 1.3 is deployed, which it keeps apart from each other."),
    ("lti_consumers", "Learning management systems that launch into exams, each with a key and a secret of its own."),
    (
        "lti_platforms",
        "Learning management systems that launch into exams by LTI 1.3, each with what both sides know of each other.",
    ),
    (
        "lti_resources",
        "Links of external platforms, each placed in one exam, where its placeholder stands for the tool.",
    ),
    (
        "selections",
        "Authors on their way through a tool to choose content (deep linking), which becomes LTI resources of the exam.",
    ),
    ("documents", "The instructions of an exam: HTML or text with placeholders, one document for each exam."),
    ("attachments", "Files of an exam, shown to its students where their placeholders stand in the instructions."),
    ("student_sessions", "Students registered for an exam, each with the link that opens it, and their attempts."),
    (
        "launches",
        "What was sent to tools when students opened them, what the tools said, and why one refuses a signature.",
    ),
    ("results", "What students reached in the tools of an exam: grades of tools and of people, with their history."),
    ("service_calls", "What tools called to hand grades back, good or bad, kept for 30 days."),
    ("identity_providers", "Where an institute's users sign in. The operator of the server registers them."),
];

/// The headers that show who sends a request: the first alone, with the signature among the parameters, or the two
/// others.
const CREDENTIALS: [(&str, &str, &str); 3] = [
    ("token", "Authorization", "`Token token=<api_token>`, beside `timestamp`, `nonce` and `signature` as parameters."),
    (
        "signature_input",
        "Signature-Input",
        "What a message signature covers (RFC 9421): \
         `sig1=(\"@method\" \"@target-uri\" \"content-digest\");created=1795677593;nonce=\"5x1\";keyid=\"<api_token>\"`, \
         without `content-digest` where there is no body.",
    ),
    ("signature", "Signature", "The message signature: `sig1=:<base64 of the HMAC-SHA256 by the secret_key>:`."),
];

/// Headers of replies.
const HEADERS: [(&str, Type, &str); 10] = [
    ("Location", Type::String, "Where the new object is."),
    ("ETag", Type::String, "Stands for the object as it is shown here; see If-Match and If-None-Match."),
    ("Idempotent-Replayed", Type::Boolean, "`true` where the call was carried out before, and this is its answer."),
    (
        "RateLimit-Policy",
        Type::String,
        "How many requests the token may send at once (`q`), given anew within `w` seconds.",
    ),
    ("RateLimit", Type::String, "How many of them are left (`r`), and the seconds until none is missing (`t`)."),
    ("X-Pagination-Item-Count", Type::Integer, "Rows in the whole list."),
    ("X-Pagination-Page-Count", Type::Integer, "Pages of the whole list."),
    ("X-Pagination-Page", Type::Integer, "This page, from 1."),
    ("X-Pagination-Limit", Type::Integer, "Rows on a page."),
    ("Link", Type::String, "The first, previous, next and last page (RFC 8288), where there are any. Sign each anew."),
];

/// Headers of every reply, and of errors.
const ALWAYS: (&str, Type, &str) =
    ("X-Request-Id", Type::String, "The request in the log: the caller's own id, where it sent one, or a new one.");
const OF_ERRORS: [(&str, Type, &str); 2] = [
    ("WWW-Authenticate", Type::String, "`Token`: how a caller shows who it is."),
    ("Retry-After", Type::Integer, "After so many seconds the request may be sent again, newly signed."),
];

/// Headers of replies to calls that have a successor.
const DEPRECATION: [(&str, Type, &str); 2] = [
    ("Deprecation", Type::String, "Since when the call is deprecated: `@` and seconds since 1970 (RFC 9745)."),
    (
        "SuccessorLink",
        Type::String,
        "The call to use instead, as `rel=\"successor-version\"`; a list adds its other pages.",
    ),
];

/// The type of a body that holds a file.
const WITH_FILE: &str = "multipart/form-data";

/// The document of this program, made once: it says nothing that a configuration could change.
pub fn document() -> &'static OpenApi {
    static DOCUMENT: LazyLock<OpenApi> = LazyLock::new(of_routes);
    &DOCUMENT
}

fn of_routes() -> OpenApi {
    let app = actix_web::App::new().into_utoipa_app().openapi(empty());
    let (_, mut document) = app.service(utoipa_actix_web::scope(BASE).configure(routes)).split_for_parts();
    let mut components = document.components.take().unwrap_or_default();
    problems::add_to(&mut components);
    tidy::schemas(&mut components);
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, method, operation, &components);
        }
    }
    document.components = Some(components);
    tidy::drop_unused(&mut document);
    document
}

/// The document as the file `openapi/openapi.json` holds it.
pub fn json() -> Result<String, serde_json::Error> {
    document().to_pretty_json().map(|json| json + "\n")
}

/// Every parameter name of the API: what a signed message may be made of.
pub fn vocabulary() -> &'static Vocabulary {
    static VOCABULARY: LazyLock<Vocabulary> = LazyLock::new(|| parameter_names(document().clone()));
    &VOCABULARY
}

fn parameter_names(mut document: OpenApi) -> Vocabulary {
    let mut names: BTreeSet<String> = COMMON.iter().map(|name| (*name).to_owned()).collect();
    let components = document.components.take().unwrap_or_default();
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            names.extend(inline(operation.parameters.iter().flatten()).map(|parameter| parameter.name.clone()));
            // The name of a file is never in a signed message.
            let body = inline(operation.request_body.iter()).flat_map(|body| &body.content);
            let body = body.filter(|(media_type, _)| *media_type != WITH_FILE).map(|(_, content)| content);
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
pub fn methods() -> &'static [(String, Vec<&'static str>)] {
    static METHODS: LazyLock<Vec<(String, Vec<&'static str>)>> = LazyLock::new(|| {
        let paths = document().paths.paths.clone().into_iter();
        paths.map(|(path, mut item)| (path, operations(&mut item).map(|(method, _)| method).collect())).collect()
    });
    &METHODS
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
            let schema = tidy::find(components, &reference.ref_location);
            schema.map(|schema| properties(schema, components)).unwrap_or_default()
        }
        RefOr::T(Schema::Object(object)) => object.properties.keys().cloned().collect(),
        RefOr::T(_) => Vec::new(),
    }
}

fn empty() -> OpenApi {
    let info = InfoBuilder::new().title("Examlink").version("v3").description(Some(include_str!("openapi.md"))).build();
    let mut components = Components::new();
    let parameters = signed().into_iter().chain(conditions::parameters());
    components.parameters.extend(parameters.map(|parameter| (parameter.name.clone(), RefOr::T(parameter))));
    let header = |(name, kind, description): (&str, _, _)| (name.to_owned(), RefOr::T(header(kind, description)));
    let headers = HEADERS.into_iter().chain([ALWAYS]).chain(OF_ERRORS).chain(DEPRECATION);
    components.headers.extend(headers.map(header));
    for (name, header, description) in CREDENTIALS {
        let header = ApiKey::Header(ApiKeyValue::with_description(header, description));
        components.add_security_scheme(name, SecurityScheme::ApiKey(header));
    }
    let tags = TAGS.map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build());
    OpenApiBuilder::new().info(info).tags(Some(tags)).components(Some(components)).build()
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all = [
        ("GET", &mut item.get),
        ("POST", &mut item.post),
        ("PUT", &mut item.put),
        ("PATCH", &mut item.patch),
        ("DELETE", &mut item.delete),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Adds what every call takes and answers: path ids, the signature's parameters, the form body, headers, errors,
/// examples.
fn complete(path: &str, method: &str, operation: &mut Operation, components: &Components) {
    let [token, input, signature] = CREDENTIALS.map(|(name, ..)| name);
    let scopes = Vec::<String>::new;
    let message = SecurityRequirement::new(input, scopes()).add(signature, scopes());
    operation.security = Some(vec![SecurityRequirement::new(token, scopes()), message]);
    let parameters = operation.parameters.get_or_insert_default();
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        parameters.push(RefOr::T(path_id(name)));
    }
    parameters.extend(COMMON.map(|name| RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")))));
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        complete_request(body, components);
    }
    let deprecated = operation.operation_id.as_deref().is_some_and(|id| DEPRECATED.contains(&id));
    operation.deprecated = deprecated.then_some(Deprecated::True);
    let mut lists = false;
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response {
            lists |= complete_reply(status, response, method == "POST", components);
            response.headers.insert(ALWAYS.0.into(), header_reference(ALWAYS.0));
            if deprecated {
                response.headers.insert("Deprecation".into(), header_reference("Deprecation"));
                response.headers.entry("Link".into()).or_insert(header_reference("SuccessorLink"));
            }
        }
    }
    conditions::add_to(operation, method, lists);
    for kind in Kind::ALL.iter().filter(|kind| problems::may_answer(**kind, path, method)) {
        let status = kind.status.as_u16().to_string();
        let reference = RefOr::Ref(Ref::from_response_name(format!("Problem{status}")));
        operation.responses.responses.entry(status).or_insert(reference);
    }
}

/// A body may be JSON or a form; one with a file is multipart.
fn complete_request(body: &mut RequestBody, components: &Components) {
    body.required = Some(Required::True);
    if let Some(RefOr::T(with_file)) = body.content.get_mut(WITH_FILE) {
        examples::of_request(with_file, components);
    }
    let Some(RefOr::T(json)) = body.content.get_mut("application/json") else { return };
    examples::of_request(json, components);
    let form = RefOr::T(json.clone());
    body.content.insert("application/x-www-form-urlencoded".into(), form);
}

/// A reply is described by its schema, and carries headers for what is new, is an object or is a page of a list. Tells
/// whether it is a list.
fn complete_reply(status: &str, response: &mut Response, to_post: bool, components: &Components) -> bool {
    let Some(RefOr::T(content)) = response.content.get_mut("application/json") else { return false };
    examples::of_reply(content, components, to_post);
    let Some(RefOr::Ref(reference)) = &content.schema else { return false };
    let Some(RefOr::T(Schema::Object(object))) = tidy::find(components, &reference.ref_location) else { return false };
    response.description = object.description.clone().unwrap_or_default();
    let lists = object.properties.values().any(|member| matches!(member, RefOr::T(Schema::Array(_))));
    let pages = lists && !to_post;
    let carried = |name: &&str| match *name {
        "Location" => status == "201",
        "ETag" => !lists && !object.properties.is_empty(),
        "Idempotent-Replayed" => to_post,
        "RateLimit-Policy" | "RateLimit" => true,
        _ => pages,
    };
    let names = HEADERS.iter().map(|(name, ..)| *name).filter(carried);
    response.headers.extend(names.map(|name| (name.to_owned(), header_reference(name))));
    lists
}

fn header_reference(name: &str) -> RefOr<Header> {
    RefOr::Ref(Ref::new(format!("#/components/headers/{name}")))
}

fn header(kind: Type, description: &str) -> Header {
    let schema = ObjectBuilder::new().schema_type(kind);
    HeaderBuilder::new().schema(Some(schema)).description(Some(description)).build()
}

fn path_id(name: &str) -> Parameter {
    let whose = name.strip_suffix("_id").map_or("Its id.".to_owned(), |owner| format!("The id of the {owner}."));
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some(format!("{whose} Signed like every parameter.")))
        .schema(Some(
            ObjectBuilder::new()
                .schema_type(Type::Integer)
                .format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)))
                .minimum(Some(1)),
        ))
        .example(Some(1.into()))
        .build()
}

/// The parameters of the signature. They may stand in the query or in the body; a request whose whole message is signed
/// goes without them.
fn signed() -> [Parameter; 3] {
    let parameter = |name: &str, description: &str, pattern: &str, example: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some(pattern));
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Query)
            .required(Required::False)
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
