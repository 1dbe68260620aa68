//! What a launch tells a tool of the services that it may call.

use examlink_lti::v1p3::claims::{AGS_ENDPOINT, GROUPS_SERVICE, NAMES_ROLE_SERVICE, scope};
use examlink_lti::v1p3::id_token::VerifiedMessage;
use serde_json::{Value, json};

use super::Graded;
use crate::world::Form;
use crate::world::login::Login;

const LAUNCH: &str = "https://tool.example/launch";

impl Graded {
    /// What the tool is told when the student opens the link.
    #[track_caller]
    fn launched(&self) -> VerifiedMessage {
        let token = self.session["token"].as_str().unwrap();
        let login = Login::at(&self.world.page(&format!("/sessions/{token}/launch/{}", self.resource["id"])));
        let page = self.world.authorize(&login.asked(LAUNCH), &login.cookie);
        assert_eq!(page.status, 200, "{}", page.text);
        self.world.verified(&Form::read(&page.text), &self.tool.client_id)
    }
}

#[test]
fn a_launch_names_the_line_item_of_its_link_as_long_as_that_is_the_only_one() {
    let graded = Graded::new();
    let named = || {
        let endpoint = graded.launched().claims().value(AGS_ENDPOINT).cloned().unwrap();
        assert_eq!(endpoint["lineitems"], graded.container());
        endpoint.get("lineitem").cloned()
    };
    let of_link = Some(Value::from(graded.item()));
    assert_eq!(named(), of_link);
    graded.made(&json!({ "label": "Bonus", "scoreMaximum": 1 }));
    assert_eq!(named(), of_link, "one that is of no link");
    let link = &graded.resource["lti_resource_link_id"];
    let second = graded.made(&json!({ "label": "Essay", "scoreMaximum": 8, "resourceLinkId": link }));
    assert_eq!(named(), None, "the tool must not take either for the only one");
    assert_eq!(graded.delete(&second).status, 204);
    assert_eq!(named(), of_link);
}

#[test]
fn a_launch_tells_of_no_service_that_the_registration_does_not_grant() {
    let graded = Graded::new();
    let path = format!("/tool_providers/{}", graded.tool.provider["id"]);
    let told = |scopes: &[&str]| {
        graded.world.administrator.patch(&path, json!({ "scopes": scopes })).ok("tool_provider");
        let message = graded.launched();
        let told = [AGS_ENDPOINT, NAMES_ROLE_SERVICE, GROUPS_SERVICE].map(|name| message.claims().value(name).cloned());
        if let [Some(endpoint), ..] = &told {
            assert_eq!(endpoint["scope"], json!(scopes), "no more than is granted");
        }
        told.map(|claim| claim.is_some())
    };
    assert_eq!(told(&[]), [false, false, false]);
    assert_eq!(told(&[scope::SCORE]), [true, false, false]);
    assert_eq!(told(&[scope::MEMBERSHIP_READ]), [false, true, false]);
    assert_eq!(told(&[scope::GROUP_READ]), [false, false, true]);
}
