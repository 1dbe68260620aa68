//! The conditional headers in the document: which a call takes, and what it answers because of them.

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Ref, RefOr, Required, ResponseBuilder};

use crate::api::conditions::{IDEMPOTENCY_KEY, LONGEST_KEY};

const IF_MATCH: &str = "If-Match";
const IF_NONE_MATCH: &str = "If-None-Match";

/// The headers, for the document's components. They are not signed.
pub fn parameters() -> [Parameter; 3] {
    let parameter = |name: &str, longest: Option<usize>, description: &str, example: &str| {
        let schema = ObjectBuilder::new().schema_type(Type::String).max_length(longest);
        ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(description))
            .schema(Some(schema))
            .example(Some(example.into()))
            .build()
    };
    [
        parameter(
            IDEMPOTENCY_KEY,
            Some(LONGEST_KEY),
            "Makes the call safe to send again: the same call with the same key, signed anew, gets the first answer for \
             24 hours and has no second effect. Visible ASCII characters, new for every new call.",
            "8e03978e-40d5-43dd-bc93-6894a57f9324",
        ),
        parameter(
            IF_MATCH,
            None,
            "The ETag of the object as you read it: if somebody changed it since, nothing is changed (412).",
            "\"2a-6617c1f3b2a00.9c56cc51b374c3ba\"",
        ),
        parameter(
            IF_NONE_MATCH,
            None,
            "The ETag of the object as you have it: if it is still so, the answer is 304 without a body.",
            "\"2a-6617c1f3b2a00.9c56cc51b374c3ba\"",
        ),
    ]
}

/// Adds to an operation the header that its method takes. A list has no entity tag.
pub fn add_to(operation: &mut Operation, method: &str, lists: bool) {
    let name = match method {
        "POST" => IDEMPOTENCY_KEY,
        "GET" if lists => return,
        "GET" => IF_NONE_MATCH,
        _ => IF_MATCH,
    };
    let reference = RefOr::Ref(Ref::new(format!("#/components/parameters/{name}")));
    operation.parameters.get_or_insert_default().push(reference);
    if name == IF_NONE_MATCH {
        let unchanged = ResponseBuilder::new().description("The object is as the ETag in If-None-Match says.").build();
        operation.responses.responses.insert("304".into(), RefOr::T(unchanged));
    }
}
