use examlink_lti::v1p3::ServiceError;
use examlink_lti::v1p3::claims;
use examlink_lti::v1p3::proctoring::{
    Action, ControlEndpoint, ControlRequest, ControlResponse, EndAssessment, StartAssessment, StartProctoring, Started,
    Status, VerifiedUser, session_data,
};
use serde_json::{Value, json};

use crate::support::{
    beside, in_the_future, is_out_of_range, is_unknown, message_of, missing, not_a_time, scheme, time, too_long, with,
    wrong_type,
};

const ISSUER: &str = "https://exam.example";
const PICTURE: &str = "https://exam.example/pictures/1";

fn started() -> Started<'static> {
    Started { session_data: "secret-1", resource_link_id: "link-1", attempt_number: 2, picture: Some(PICTURE) }
}

fn answer() -> Value {
    json!({
        claims::SESSION_DATA: "secret-1", claims::RESOURCE_LINK: { "id": "link-1", "title": "x" },
        claims::ATTEMPT_NUMBER: 2, claims::END_ASSESSMENT_RETURN: true,
        claims::VERIFIED_USER: { "given_name": "Ada", "family_name": "King", "picture": "https://proctor.example/p/1" }
    })
}

fn read(document: &Value) -> Result<StartAssessment, ServiceError> {
    StartAssessment::read(&message_of(document), &started())
}

#[test]
fn the_proctoring_begins_and_ends_with_its_claims() {
    let control =
        ControlEndpoint { url: "https://exam.example/acs".into(), actions: vec![Action::Pause, Action::Flag] };
    let start = StartProctoring {
        attempt_number: 2,
        session_data: "secret-1".into(),
        start_assessment_url: "https://exam.example/start".into(),
        control: Some(control),
        settings: Some("strict".into()),
    };
    let expected = json!({
        claims::ATTEMPT_NUMBER: 2, claims::SESSION_DATA: "secret-1",
        claims::START_ASSESSMENT_URL: "https://exam.example/start",
        claims::ASSESSMENT_CONTROL: { "assessment_control_url": "https://exam.example/acs", "actions": ["pause", "flag"] },
        claims::PROCTORING_SETTINGS: { "data": "strict" }
    });
    assert_eq!(beside(start.claims()), expected);
    let bare = StartProctoring { control: None, settings: None, ..start };
    assert_eq!(bare.claims().len(), 3);
    let end = EndAssessment { attempt_number: 2, error: Some("Lost".into()), error_log: None };
    let expected = json!({ claims::ATTEMPT_NUMBER: 2, claims::PROCTORING_ERROR_MESSAGE: "Lost" });
    assert_eq!(beside(end.claims()), expected);
}

#[test]
fn the_answer_says_who_was_seen() {
    let start = read(&answer()).unwrap();
    assert!(start.end_assessment_return);
    let seen = VerifiedUser {
        given_name: Some("Ada".into()),
        family_name: Some("King".into()),
        picture: Some("https://proctor.example/p/1".into()),
        ..VerifiedUser::default()
    };
    assert_eq!(start.verified_user, Some(seen));
    assert_eq!(session_data(&message_of(&answer())).unwrap(), "secret-1");
}

#[test]
fn the_answer_may_say_little_and_name_its_errors_with_stray_spaces() {
    let bare = with(&with(&answer(), claims::VERIFIED_USER, json!(null)), claims::END_ASSESSMENT_RETURN, json!(null));
    assert_eq!(read(&bare), Ok(StartAssessment::default()));
    let spaced = with(&bare, &format!(" {}", claims::PROCTORING_ERROR_MESSAGE), json!("no camera"));
    assert_eq!(read(&spaced).unwrap().error.as_deref(), Some("no camera"));
}

#[test]
fn an_answer_to_something_else_is_refused() {
    let user = claims::VERIFIED_USER;
    for (path, value, refusal) in [
        (claims::SESSION_DATA.to_owned(), json!("secret-2"), ServiceError::SessionData),
        (claims::SESSION_DATA.to_owned(), json!(null), missing(claims::SESSION_DATA)),
        (claims::SESSION_DATA.to_owned(), json!(7), wrong_type(claims::SESSION_DATA, "a text")),
        (claims::RESOURCE_LINK.to_owned(), json!({ "id": "link-2" }), ServiceError::ResourceLink),
        (claims::RESOURCE_LINK.to_owned(), json!(null), missing(claims::RESOURCE_LINK)),
        (claims::ATTEMPT_NUMBER.to_owned(), json!(3), ServiceError::AttemptNumber(3)),
        (claims::ATTEMPT_NUMBER.to_owned(), json!(null), missing(claims::ATTEMPT_NUMBER)),
        (format!("{user}|picture"), json!(PICTURE), ServiceError::SamePicture),
        (format!("{user}|picture"), json!("data:x,y"), scheme(&format!("{user}.picture"), "data")),
        (format!("{user}|name"), json!("x".repeat(1025)), too_long(&format!("{user}.name"), 1024)),
    ] {
        assert_eq!(read(&with(&answer(), &path, value)), Err(refusal), "{path}");
    }
    let number = claims::ATTEMPT_NUMBER;
    assert!(is_out_of_range(&read(&with(&answer(), number, json!(-2))), number));
    assert!(is_out_of_range(&read(&with(&answer(), number, json!(2.5))), number));
}

fn request() -> Value {
    json!({
        "user": { "iss": ISSUER, "sub": "u-1" }, "resource_link": { "id": "link-1" }, "attempt_number": 2,
        "action": "update", "extra_time": 15, "incident_time": "2026-05-01T12:00:30+00", "incident_severity": 0.5,
        "reason_code": "R1", "reason_msg": "<b>Fire alarm</b>"
    })
}

fn control(document: &Value) -> Result<ControlRequest, ServiceError> {
    ControlRequest::read(document.to_string().as_bytes(), ISSUER, time("2026-05-01T12:00:00Z"), 60)
}

#[test]
fn a_control_request_is_read() {
    let expected = ControlRequest {
        user_id: "u-1".into(),
        resource_link_id: "link-1".into(),
        attempt_number: 2,
        action: Action::Update,
        extra_time: Some(15),
        incident_time: time("2026-05-01T12:00:30Z"),
        severity: Some(0.5),
        reason_code: Some("R1".into()),
        reason: Some("<b>Fire alarm</b>".into()),
    };
    assert_eq!(control(&request()), Ok(expected.clone()));
    assert_eq!(expected.check_offered(&[Action::Flag, Action::Update]), Ok(()));
    for (severity, extra_time) in [(0.0, 0), (1.0, 1440)] {
        let edge = with(&with(&request(), "incident_severity", json!(severity)), "extra_time", json!(extra_time));
        assert!(control(&edge).is_ok(), "{edge}");
    }
}

#[test]
fn each_rule_of_a_control_request_is_refused_when_broken() {
    for (path, value, refusal) in [
        ("user", json!(null), missing("user")),
        ("user|iss", json!("https://other.example"), ServiceError::ForeignUser),
        ("user|iss", json!(null), missing("user.iss")),
        ("user|sub", json!(""), missing("user.sub")),
        ("resource_link|id", json!(null), missing("resource_link.id")),
        ("attempt_number", json!(null), missing("attempt_number")),
        ("attempt_number", json!("2"), wrong_type("attempt_number", "a number, not a text")),
        ("action", json!(null), missing("action")),
        ("incident_time", json!(null), missing("incident_time")),
        ("incident_time", json!("2026-05-01T12:00:30"), not_a_time("incident_time", "2026-05-01T12:00:30")),
        ("incident_time", json!("2026-05-01T12:01:01Z"), in_the_future("incident_time")),
        ("reason_msg", json!("x".repeat(65_537)), too_long("reason_msg", 65_536)),
    ] {
        assert_eq!(control(&with(&request(), path, value)), Err(refusal), "{path}");
    }
    for (name, value) in [
        ("extra_time", json!(-1)),
        ("extra_time", json!(1441)),
        ("extra_time", json!(1e308)),
        ("attempt_number", json!(0)),
        ("incident_severity", json!(1.01)),
        ("incident_severity", json!(-0.01)),
    ] {
        assert!(is_out_of_range(&control(&with(&request(), name, value)), name), "{name}");
    }
    assert!(is_unknown(&control(&with(&request(), "action", json!("delete"))), "action"));
    let asked = control(&request()).unwrap();
    assert_eq!(asked.check_offered(&[Action::Terminate]), Err(ServiceError::ActionNotOffered("update")));
}

#[test]
fn what_has_ended_does_not_go_on() {
    use Action::{Flag, Pause, Resume, Terminate, Update};
    for (status, action, after) in [
        (Status::Running, Pause, Some(Status::Paused)),
        (Status::Paused, Pause, Some(Status::Paused)),
        (Status::Paused, Resume, Some(Status::Running)),
        (Status::None, Update, Some(Status::None)),
        (Status::Running, Update, Some(Status::Running)),
        (Status::Paused, Terminate, Some(Status::Terminated)),
        (Status::Terminated, Terminate, Some(Status::Terminated)),
        (Status::Complete, Flag, Some(Status::Complete)),
        (Status::None, Pause, None),
        (Status::None, Resume, None),
        (Status::Terminated, Resume, None),
        (Status::Terminated, Update, None),
        (Status::Complete, Update, None),
        (Status::Complete, Terminate, None),
    ] {
        let refusal = ServiceError::ActionTooLate { action: action.as_str(), status: status.as_str() };
        assert_eq!(status.after(action), after.ok_or(refusal), "{} {}", status.as_str(), action.as_str());
    }
    let response = ControlResponse { status: Status::Paused, extra_time: 20 };
    assert_eq!(response.to_value(), json!({ "status": "paused", "extra_time": 20 }));
}
