//! Identity providers: where an institute's users sign in.

use serde_json::{Value, json};

use crate::world::{World, assert_members};

#[test]
fn administrators_see_their_institutes_identity_providers() {
    let world = World::new();
    let own = world.identity_provider(world.institute);
    let other = world.identity_provider(world.other_institute);
    let ids = |list: Value| list.as_array().unwrap().iter().map(|one| one["id"].clone()).collect::<Vec<_>>();
    let list = world.administrator.get("/identity_providers").ok("identity_providers");
    assert_members(&list[0], "id name idp_sso_target_url issuer created_at updated_at");
    assert_eq!(
        (&list[0]["name"], &list[0]["idp_sso_target_url"]),
        (&json!("Campus login"), &json!("https://login.example.edu/sso"))
    );
    assert_eq!(json!(ids(list)), json!([own]));
    assert_eq!(json!(ids(world.stranger.get("/identity_providers").ok("identity_providers"))), json!([other]));
    let page = world.superuser.get("/identity_providers?limit=1&page=2");
    assert_eq!((ids(page.ok("identity_providers")), page.header("x-pagination-item-count")), (vec![other], "2"));
    world.teacher.get("/identity_providers").refused(403, "forbidden");
    world.administrator.get("/identity_providers?limit=0").refused(422, "parameter_invalid");
}

#[test]
fn a_user_signs_in_with_a_provider_of_its_own_institute() {
    let world = World::new();
    let own = world.identity_provider(world.institute);
    let other = world.identity_provider(world.other_institute);
    let users = format!("/institutes/{}/users", world.institute);
    let new = |provider: &Value| {
        json!({
            "email": "tess@example.edu", "name": "Tess", "password": "Correct-Horse-1", "omniauth_config_id": provider,
        })
    };
    for wrong in [&other, &json!(999_999)] {
        let reply = world.administrator.post(&users, new(wrong));
        reply.refused(422, "parameter_invalid");
        assert_eq!(reply.json["errors"][0]["field"], "omniauth_config_id");
    }
    let user = world.administrator.post(&users, new(&own)).created("user");
    assert_eq!(user["omniauth_config_id"], own);
    let path = format!("{users}/{}", user["id"]);
    world.administrator.patch(&path, json!({ "omniauth_config_id": other })).refused(422, "parameter_invalid");
    let cleared = world.administrator.patch(&path, json!({ "omniauth_config_id": null })).ok("user");
    assert_eq!(cleared["omniauth_config_id"], Value::Null);
}
