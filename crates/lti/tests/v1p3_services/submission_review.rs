use examlink_lti::Error;
use examlink_lti::v1::roles::Role;
use examlink_lti::v1p3::ags::Endpoint;
use examlink_lti::v1p3::submission_review::{ForUser, Review};
use examlink_lti::v1p3::{ServiceError, claims};
use serde_json::{Value, json};

use crate::support::{beside, claims_of, missing, url, with};

fn review() -> Review {
    let for_user = ForUser {
        user_id: "u-1".into(),
        person_sourcedid: Some("sis-1".into()),
        name: Some("Ada King".into()),
        given_name: Some("Ada".into()),
        family_name: Some("King".into()),
        email: Some("ada@school.example".into()),
        roles: vec![Role::LEARNER],
    };
    let endpoint = Endpoint { line_item: Some("https://lms.example/items/1".into()), ..Endpoint::default() };
    Review { for_user, endpoint }
}

fn read(document: &Value) -> Result<Review, ServiceError> {
    Review::read(&claims_of(document), false)
}

#[test]
fn the_message_says_whose_work_of_which_line_item() {
    let message = beside(review().claims().unwrap());
    assert_eq!(message[claims::FOR_USER]["user_id"], "u-1");
    assert_eq!(message[claims::AGS_ENDPOINT]["lineitem"], "https://lms.example/items/1");
    assert_eq!(read(&message), Ok(review()));
    let bare = Review { for_user: ForUser { user_id: "u".into(), ..ForUser::default() }, ..review() };
    assert_eq!(beside(bare.claims().unwrap())[claims::FOR_USER], json!({ "user_id": "u" }));
}

#[test]
fn without_line_item_or_person_there_is_no_review() {
    let unbound = Review { endpoint: Endpoint::default(), ..review() };
    assert_eq!(unbound.claims(), Err(ServiceError::NoLineItem));
    let message = beside(review().claims().unwrap());
    let (user, endpoint) = (claims::FOR_USER, claims::AGS_ENDPOINT);
    let plain = url("endpoint.lineitem", Error::UrlPlainHttp("lms.example".into()));
    for (path, value, refusal) in [
        (endpoint.to_owned(), json!(null), ServiceError::NoLineItem),
        (format!("{endpoint}|lineitem"), json!(null), ServiceError::NoLineItem),
        (format!("{endpoint}|lineitem"), json!("http://lms.example/1"), plain),
        (user.to_owned(), json!(null), missing(user)),
        (format!("{user}|user_id"), json!(null), missing(&format!("{user}.user_id"))),
    ] {
        assert_eq!(read(&with(&message, &path, value)), Err(refusal), "{path}");
    }
}
