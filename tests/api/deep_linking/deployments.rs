//! Choosing content through one deployment of a tool: the tool is told which, and answers from that one.

use examlink_lti::v1p3::claims;
use serde_json::{Value, json};

use super::{Choice, link, signed, with};
use crate::world::refusals::Refusals;

impl Choice {
    /// A new selection through a deployment.
    fn begin_at(&self, deployment: &Value) -> Value {
        let fields = json!({ "tool_provider_id": self.tool.provider["id"], "tool_deployment_id": deployment["id"] });
        self.world.teacher.post(&self.path(), fields).created("selection")
    }
}

#[test]
fn lti_08_content_is_chosen_and_launched_through_the_deployment_that_was_asked() {
    let (choice, refusals) = (Choice::new(), Refusals::heard());
    let law = choice.world.deployment(&choice.tool, "Faculty of Law");
    let selection = choice.begin_at(&law);
    assert_eq!(selection["tool_deployment_id"], law["id"]);
    let login = choice.opens(&selection);
    assert_eq!(login.form.get("lti_deployment_id"), law["deployment_id"].as_str());
    let request = choice.request(&selection);
    assert_eq!(Some(request.deployment_id()), law["deployment_id"].as_str());

    let first = choice.said(&request, json!([link("Quiz")]));
    assert_eq!(first[claims::DEPLOYMENT_ID], choice.tool.deployment_id());
    let reply = choice.sends(&signed(first.clone(), 0));
    let why = refusals.why(&reply);
    assert!(reply.status == 401 && why.contains("deployment_id is not"), "{} {why}", reply.status);
    assert_eq!((&choice.now(&selection)["state"], choice.resources().len()), (&json!("waiting"), 0));
    let said = with(first, claims::DEPLOYMENT_ID, law["deployment_id"].clone());
    assert_eq!(choice.answers(said).status, 303);
    assert_eq!(choice.resources()[0]["tool_deployment_id"], law["id"]);

    // And the other way round.
    let selection = choice.begin();
    assert_eq!(selection["tool_deployment_id"], Value::Null);
    let request = choice.request(&selection);
    assert_eq!(request.deployment_id(), choice.tool.deployment_id());
    let said = choice.said(&request, json!([link("Quiz")]));
    assert_eq!(choice.answers(with(said.clone(), claims::DEPLOYMENT_ID, law["deployment_id"].clone())).status, 401);
    assert_eq!(choice.answers(said).status, 303);
    assert_eq!(choice.resources()[1]["tool_deployment_id"], Value::Null);
}

#[test]
fn content_is_chosen_through_a_deployment_of_the_tool_itself() {
    let choice = Choice::new();
    let elsewhere = choice.world.deployment(&choice.world.tool_1p3(), "Elsewhere");
    let fields = json!({ "tool_provider_id": choice.tool.provider["id"], "tool_deployment_id": elsewhere["id"] });
    let reply = choice.world.teacher.post(&choice.path(), fields);
    reply.refused(422, "parameter_invalid");
    assert_eq!(reply.json["errors"][0]["field"], "tool_deployment_id");
}
