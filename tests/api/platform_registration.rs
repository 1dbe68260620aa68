//! LMSs that register this server themselves, by the invitation of an administrator (LTI Dynamic Registration 1.0).

use serde_json::{Value, json};

use crate::browser::sees;
use crate::world::course::Platform;
use crate::world::{Reply, World, http, with_browser};

const TOOL: &str = "https://purl.imsglobal.org/spec/lti-tool-configuration";

/// The URL that an administrator pastes in the LMS.
fn invited(world: &World) -> String {
    let invitation = world.administrator.post("/lti_platform_invitations", json!({})).ok("lti_platform_invitation");
    assert_eq!(invitation["institute_id"], world.institute);
    invitation["url"].as_str().unwrap().to_owned()
}

/// Opens an invitation with these parameters.
fn opens(url: &str, parameters: &[(&str, &str)]) -> Reply {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
    http().get(format!("{url}?{query}")).send().unwrap().into()
}

/// The platforms of the institute.
fn platforms(world: &World) -> Vec<Value> {
    world.administrator.get("/lti_platforms").ok("lti_platforms").as_array().unwrap().clone()
}

#[test]
fn interop_an_lms_registers_this_server_and_launches_once_it_is_let_in() {
    let world = World::in_real_time();
    let exam = world.exam();
    world.publish(&exam);
    let (lms, url) = (Platform::start("platform_pyjwt.py", &world), invited(&world));
    let page = format!("{}/register?url={url}", lms.origin);
    with_browser(|browser| async move {
        browser.goto(&page).await.unwrap();
        sees(&browser, "org.imsglobal.lti.close").await;
    });
    let [platform] = &platforms(&world)[..] else { panic!("one platform") };
    let host = lms.origin.strip_prefix("http://").unwrap();
    assert_eq!((&platform["name"], &platform["lms"]), (&json!(format!("moodle {host}")), &json!("moodle")));
    assert_eq!((&platform["issuer"], &platform["client_id"]), (&json!(lms.origin), &json!("client-1")));
    assert_eq!((&platform["deployment_ids"], &platform["disabled"]), (&json!(["d-1"]), &json!(true)));
    assert_eq!((&platform["return_hosts"], &platform["frame_origins"]), (&json!([host]), &json!([lms.origin])));
    let seen = lms.seen();
    let said = &seen["registrations"][0];
    assert_eq!(
        (&said["initiate_login_uri"], &said["redirect_uris"][0]),
        (&platform["login_url"], &platform["launch_url"])
    );
    assert_eq!(said[TOOL]["messages"][1]["type"], "LtiDeepLinkingRequest");
    let early: Reply = http().get(format!("{}/launch", lms.origin)).send().unwrap().into();
    let early: Reply = http().get(early.header("location")).send().unwrap().into();
    assert!(early.status == 403 && early.text.contains("has closed the way in"), "{}", early.text);
    let path = format!("/lti_platforms/{}", platform["id"]);
    world.administrator.patch(&path, json!({ "disabled": false, "exam_id": exam["id"] })).ok("lti_platform");
    assert_eq!(lms.launch(&[]).status, 303);
    let again = opens(&url, &[("openid_configuration", &format!("{}/.well-known/openid-configuration", lms.origin))]);
    assert!(again.status == 401 && again.text.contains("was used before"), "{}", again.text);
    // The LMS gives the same client id to whoever registers.
    let page: Reply = http().get(format!("{}/register?url={}", lms.origin, invited(&world))).send().unwrap().into();
    let (_, frame) = page.text.split_once("iframe src=\"").unwrap();
    let second: Reply = http().get(frame.split('"').next().unwrap().replace("&amp;", "&")).send().unwrap().into();
    assert!(second.status == 400 && second.text.contains("that it gave before"), "{}", second.text);
    assert_eq!(platforms(&world).len(), 1);
}

#[test]
fn interop_an_lms_that_is_not_what_it_says_or_refuses_us_becomes_no_platform() {
    let world = World::in_real_time();
    let lms = Platform::start("platform_pyjwt.py", &world);
    let (configuration, elsewhere) = (
        format!("{}/.well-known/openid-configuration", lms.origin),
        format!("{}/.well-known/openid-configuration", lms.origin.replace("localhost", "127.0.0.1")),
    );
    for (parameters, why) in [
        (vec![("openid_configuration", configuration.as_str())], "the registration token is unknown or spent"),
        (vec![("openid_configuration", elsewhere.as_str())], "127.0.0.1"),
        (vec![("openid_configuration", "http://127.0.0.1:1/")], "no connection"),
        (vec![("openid_configuration", "http://lms.example.edu/openid")], "http"),
        (vec![("openid_configuration", "file:///etc/passwd")], "openid_configuration"),
        (vec![("openid_configuration", &format!("{}/seen", lms.origin))], "issuer"),
        (vec![("openid_configuration", &format!("{}/nothing", lms.origin))], "404"),
        (vec![], "openid_configuration"),
    ] {
        let reply = opens(&invited(&world), &parameters);
        assert!(reply.status == 400 && reply.text.contains(why), "{why}: {} {}", reply.status, reply.text);
    }
    assert_eq!((platforms(&world).len(), world.database.rows("lti_consumers")), (0, 0));
}

#[test]
fn an_invitation_opens_once_for_an_hour_and_for_nobody_who_guesses() {
    let world = World::new();
    let parameters = [("openid_configuration", "http://127.0.0.1:1/")];
    let url = invited(&world);
    assert_eq!(opens(&url, &parameters).status, 400);
    assert_eq!(opens(&url, &parameters).status, 401, "it is used up, whatever came of it");
    let (place, token) = url.rsplit_once('/').unwrap();
    let tool = world.administrator.post("/tool_registrations", json!({ "registration_url": "https://tool.example/r" }));
    let tool: url::Url = tool.ok("tool_registration")["url"].as_str().unwrap().parse().unwrap();
    let of_a_tool = tool.query_pairs().find(|(name, _)| name == "registration_token").unwrap().1.into_owned();
    let last = if token.ends_with('0') { "1" } else { "0" };
    for guess in [format!("{}{last}", &token[..token.len() - 1]), "1".to_owned(), of_a_tool] {
        assert_eq!(opens(&format!("{place}/{guess}"), &parameters).status, 403, "{guess}");
    }
    let late = invited(&world);
    world.wait(60 * 60_000);
    assert_eq!(opens(&late, &parameters).status, 403);
}

#[test]
fn an_invitation_ends_with_who_gave_it() {
    let world = World::new();
    let url = invited(&world);
    let path = format!("/institutes/{}/users/{}", world.institute, world.administrator.id);
    world.superuser.patch(&path, json!({ "disabled": true })).ok("user");
    assert_eq!(opens(&url, &[("openid_configuration", "http://127.0.0.1:1/")]).status, 403);
    world.teacher.post("/lti_platform_invitations", json!({})).refused(403, "forbidden");
}
