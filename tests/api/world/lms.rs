//! A learning management system that launches into exams, as a browser carries its forms here.

use std::sync::atomic::{AtomicU64, Ordering};

use examlink_lti::Secret;
use examlink_lti::v1::oauth1::{Param, Request, SignatureMethod};
use serde_json::{Value, json};

use super::client::http;
use super::{Reply, World};

/// An LMS that an institute has registered.
#[derive(Clone)]
pub struct Lms {
    /// As the API shows it.
    pub consumer: Value,
    pub key: String,
    pub secret: String,
    /// Where its forms go.
    pub url: String,
}

/// What is sent beside the parameters of OAuth.
pub type Parameters = Vec<(String, String)>;

static NONCE: AtomicU64 = AtomicU64::new(1);

/// The parameters of an object; `null` leaves one out.
pub fn parameters(object: &Value) -> Parameters {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
    let members = object.as_object().unwrap().iter().filter(|(_, value)| !value.is_null());
    members.map(|(name, value)| (name.clone(), text(value))).collect()
}

/// An object with members of another put over it.
pub fn with(base: &Value, more: Value) -> Value {
    let mut object = base.as_object().unwrap().clone();
    object.extend(more.as_object().unwrap().clone());
    Value::Object(object)
}

/// The launch of a learner by the name of Sam.
pub fn learner() -> Value {
    json!({
        "lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0", "resource_link_id": "link-1",
        "context_id": "course-1", "context_title": "Mathematics", "user_id": "user-1", "roles": "Learner",
        "lis_person_name_full": "Sam Student", "lis_person_contact_email_primary": "sam@example.edu",
    })
}

/// The launch of an instructor by the name of Ina.
pub fn instructor() -> Value {
    let ina = json!({
        "user_id": "user-9", "roles": "Instructor", "lis_person_name_full": "Ina Instructor",
        "lis_person_contact_email_primary": "ina@example.edu",
    });
    with(&learner(), ina)
}

impl World {
    /// A new LMS of the institute.
    pub fn lms(&self, fields: Value) -> Lms {
        let fields = with(&json!({ "name": "Campus LMS" }), fields);
        let consumer = self.administrator.post("/lti_consumers", fields).created("lti_consumer");
        let text = |name: &str| consumer[name].as_str().unwrap().to_owned();
        Lms { key: text("consumer_key"), secret: text("consumer_secret"), url: text("launch_url"), consumer }
    }

    /// An open exam and an LMS that reaches nothing else.
    pub fn lms_of_exam(&self, fields: Value) -> (Value, Lms) {
        let exam = self.exam();
        self.publish(&exam);
        let lms = self.lms(with(&json!({ "exam_id": exam["id"] }), fields));
        (exam, lms)
    }

    /// Sends somebody here by a form that the LMS signs now.
    pub fn launch(&self, lms: &Lms, message: &Value) -> Reply {
        self.post_form(&lms.sign(parameters(message), self.clock.now().seconds()))
    }

    /// Posts a form to where launches go.
    pub fn post_form(&self, form: &[(String, String)]) -> Reply {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = http().post(format!("{}/lti/1.1/launch", self.origin()));
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body).send().unwrap().into()
    }

    /// Notes beside the server that the result of a session is wanted by an LMS.
    pub fn grade_return(&self, consumer: &Value, session: &Value) {
        let (consumer, id, exam, institute) = (&consumer["id"], &session["id"], &session["exam_id"], self.institute);
        self.database.run(&format!(
            "INSERT INTO lti_placements (lti_consumer_id, context_id, resource_link_id, context_title, \
             resource_link_title, exam_id, chosen, created_at, updated_at) \
             VALUES ({consumer}, 'c', 'l', '', '', {exam}, false, 1, 1); \
             INSERT INTO lti_learners (lti_consumer_id, lti_placement_id, student_session_id, user_id, created_at, \
             updated_at) SELECT {consumer}, MAX(id), {id}, 'u', 1, 1 FROM lti_placements; \
             INSERT INTO grade_returns (institute_id, exam_id, student_session_id, lti_consumer_id, lti_learner_id, \
             lis_outcome_service_url, lis_result_sourcedid, status, attempts, created_at, updated_at) \
             SELECT {institute}, {exam}, {id}, {consumer}, MAX(id), 'https://lms.example.edu/outcomes', 's', \
             'waiting', 0, 1, 1 FROM lti_learners"
        ));
    }

    /// The path that the browser of somebody whom an LMS sends is led to.
    #[track_caller]
    pub fn sent_by_lms(&self, lms: &Lms, message: &Value) -> String {
        let reply = self.launch(lms, message);
        assert_eq!(reply.status, 303, "{}", reply.text);
        reply.header("location").to_owned()
    }

    /// The page that a launch leads to.
    #[track_caller]
    pub fn page_of_launch(&self, lms: &Lms, message: &Value) -> Reply {
        let page = self.page(&self.sent_by_lms(lms, message));
        assert_eq!(page.status, 200, "{}", page.text);
        page
    }
}

impl Lms {
    /// The path of its resource in the API.
    pub fn path(&self) -> String {
        format!("/lti_consumers/{}", self.consumer["id"])
    }

    /// The same LMS with another secret.
    pub fn with_secret(&self, secret: &str) -> Self {
        Self { secret: secret.into(), ..self.clone() }
    }

    /// The form with a new nonce, signed at a time in seconds since 1970.
    pub fn sign(&self, parameters: Parameters, seconds: i64) -> Parameters {
        let nonce = format!("{:030}", NONCE.fetch_add(1, Ordering::Relaxed));
        self.sign_with(parameters, seconds, &nonce)
    }

    /// The form with this nonce.
    pub fn sign_with(&self, mut parameters: Parameters, seconds: i64, nonce: &str) -> Parameters {
        for (name, value) in [
            ("oauth_consumer_key", self.key.as_str()),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", &seconds.to_string()),
            ("oauth_nonce", nonce),
            ("oauth_version", "1.0"),
        ] {
            parameters.push((name.into(), value.into()));
        }
        let params: Vec<Param> = parameters.iter().cloned().map(|(name, value)| (name.into(), value)).collect();
        let request = Request { method: "POST", url: &self.url, params: &params };
        let signature = request.sign(SignatureMethod::HmacSha1, &Secret::new(self.secret.as_str())).unwrap();
        parameters.push(("oauth_signature".into(), signature));
        parameters
    }
}
