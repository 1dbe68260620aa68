"""External platforms, and their links in an exam."""
from caller import has, paged, proven

PROVIDER = ("id tool_name tool_url oauth_consumer_key oauth_consumer_secret institute_id created_at updated_at "
            "use_as_basic_link lti_custom_data oauth_signature_method")
RESOURCE = ("id lti_resource_link_id tool_provider_id lti_resource_link_name exam_id created_at updated_at "
            "lti_resource_launch_url lti_custom_data open_in_new_tab placeholder")
KEY = {"oauth_consumer_key": "exam2026institute4key1", "oauth_consumer_secret": "s3cretOfTheToolProvider"}
HIDDEN = "********"


def show(stage):
    admin = stage.administrator
    given = {"tool_name": "Geometry", "use_as_basic_link": False, "lti_custom_data": '{"course":"A1"}',
             "tool_url": "https://tool.example/lti?x=1&y=2"} | KEY
    stage.tool = has(admin("POST", "/tool_providers", **given).created("tool_provider"), PROVIDER,
                     institute_id=stage.institute["id"], **given)
    bare = has(admin("POST", "/tool_providers", tool_name="Bare", **KEY).created("tool_provider"), PROVIDER,
               tool_url="", use_as_basic_link=True, lti_custom_data="{}")
    by_root = {"institute_id": stage.other_institute["id"], "tool_name": "Elsewhere", "tool_url": "https://t.example/"}
    stage.tool_elsewhere = stage.superuser("POST", "/tool_providers", **by_root, **KEY).created("tool_provider")
    has(stage.tool_elsewhere, PROVIDER, **by_root)
    for missing in ("tool_name", "oauth_consumer_key", "oauth_consumer_secret"):
        detail = f"Param is missing or the value is empty: {missing}"
        admin("POST", "/tool_providers", **(given | {missing: ""})).problem(422, "parameter_missing", missing, detail)
    admin("POST", "/tool_providers", **(given | {"tool_url": "http://tool.example/"})).problem(
        422, "parameter_invalid", "tool_url")
    loopback = admin("POST", "/tool_providers", **(given | {"tool_url": "http://127.0.0.1:9/"})).created("tool_provider")
    admin("POST", "/tool_providers", **(given | {"lti_custom_data": "[1]"})).problem(
        422, "parameter_invalid", "lti_custom_data")
    proven("tool_providers: POST /tool_providers")

    odd = admin("POST", "/tool_providers", tool_name="Odd", oauth_consumer_key="a key", oauth_consumer_secret="é")
    assert odd.is_(201).json["tool_provider"].get("warnings") or odd.json.get("warnings"), odd
    proven("tool_providers: any non-empty key and secret, with warnings; https but for loopback")

    for provider in paged(admin, "/tool_providers", "tool_providers", 4):
        has(provider, PROVIDER, oauth_consumer_secret=HIDDEN)
    id = stage.tool["id"]
    has(admin("GET", "/tool_providers/{id}", id=id).ok("tool_provider"), PROVIDER, **(
        given | {"oauth_consumer_secret": HIDDEN}))
    proven("tool_providers: GET /tool_providers, GET /tool_providers/:id")

    for method in ("PATCH", "PUT"):
        admin(method, "/tool_providers/{id}", id=id).ok("tool_provider")
        changed = {"tool_name": method, "use_as_basic_link": True, "lti_custom_data": "{}", "tool_url": "",
                   "oauth_consumer_key": f"key-{method}"}
        kept = admin(method, "/tool_providers/{id}", id=id, **changed).ok("tool_provider")
        has(kept, PROVIDER, oauth_consumer_secret=HIDDEN, **changed)
        new = admin(method, "/tool_providers/{id}", id=id, oauth_consumer_secret=f"new{method}").ok("tool_provider")
        assert new["oauth_consumer_secret"] == f"new{method}", "the answer to a change of the secret shows it"
        admin(method, "/tool_providers/{id}", id=id, **given).ok("tool_provider")
    proven("tool_providers: PATCH, PUT /tool_providers/:id")
    proven("tool_providers: fields, and the secret only in the answer that set it")
    has(admin("PATCH", "/tool_providers/{id}", id=id, oauth_signature_method="HMAC-SHA256", share_name=True,
              share_email=True).ok("tool_provider"), PROVIDER + " presentation lti_version share_name share_email",
        oauth_signature_method="HMAC-SHA256", share_name=True, share_email=True)
    proven("tool_providers: ours beside these")
    show_resources(stage, bare, loopback)


def show_resources(stage, bare, loopback):
    teacher, admin = stage.teacher, stage.administrator
    ids = {"exam_id": stage.exam["id"], "tool_provider_id": stage.tool["id"]}
    stage.resource = has(teacher("POST", "/lti_resources", lti_resource_link_name="Circles", **ids)
                         .created("lti_resource"), RESOURCE, lti_resource_launch_url=stage.tool["tool_url"],
                         lti_custom_data='{"course":"A1"}', **ids)
    assert stage.resource["placeholder"] == f"LTI_EXAM_{stage.resource['id']}"
    given = {"lti_resource_link_name": "Lines", "lti_resource_launch_url": "https://tool.example/lines",
             "open_in_new_tab": True, "lti_custom_data": '{"a":"b"}'}
    other = has(teacher("POST", "/lti_resources", **given, **ids).created("lti_resource"), RESOURCE, **given, **ids)
    for missing in ("lti_resource_link_name", "exam_id", "tool_provider_id"):
        rest = {name: value for name, value in (given | ids).items() if name != missing}
        teacher("POST", "/lti_resources", **rest).problem(422, "parameter_missing", missing)
    unfit = {"lti_resource_link_name": "Unfit", "exam_id": ids["exam_id"]}
    teacher("POST", "/lti_resources", **unfit, tool_provider_id=stage.tool_elsewhere["id"]).problem(
        422, "parameter_invalid", "tool_provider_id")
    teacher("POST", "/lti_resources", **unfit, tool_provider_id=bare["id"]).is_(422)
    proven("lti_resources: POST /lti_resources")
    proven("lti_resources: of the exam's institute, and with a launch URL")

    for resource in paged(teacher, "/lti_resources", "lti_resources", 2, exam_id=ids["exam_id"]):
        has(resource, RESOURCE, exam_id=ids["exam_id"])
    assert len(paged(teacher, "/lti_resources", "lti_resources", 2)) == 2
    has(teacher("GET", "/lti_resources/{id}", id=other["id"]).ok("lti_resource"), RESOURCE, **given)
    proven("lti_resources: GET /lti_resources, GET /lti_resources/:id")

    for method in ("PATCH", "PUT"):
        teacher(method, "/lti_resources/{id}", id=other["id"]).ok("lti_resource")
        changed = {"lti_resource_link_name": method, "open_in_new_tab": False, "lti_custom_data": "{}",
                   "lti_resource_launch_url": f"https://tool.example/{method}", "tool_provider_id": loopback["id"]}
        has(teacher(method, "/lti_resources/{id}", id=other["id"], **changed).ok("lti_resource"), RESOURCE, **changed)
        has(teacher(method, "/lti_resources/{id}", id=other["id"], **given).ok("lti_resource"), RESOURCE, **given)
    teacher("DELETE", "/lti_resources/{id}", id=other["id"]).emptied()
    teacher("GET", "/lti_resources/{id}", id=other["id"]).problem(404, "not_found")

    exam = teacher("POST", "/exams", name="In use", type="demo").created("exam")
    at = {"exam_id": exam["id"], "tool_provider_id": loopback["id"]}
    used = teacher("POST", "/lti_resources", lti_resource_link_name="Used", **at).created("lti_resource")
    teacher("POST", "/exams/{exam_id}/documents", exam_id=exam["id"], exam_content=used["placeholder"]).is_(201)
    teacher("POST", "/exams/{id}/publish", id=exam["id"]).ok("exam")
    teacher("DELETE", "/lti_resources/{id}", id=used["id"]).problem(423, "locked")
    proven("lti_resources: PATCH, PUT, DELETE /lti_resources/:id")
    proven("lti_resources: fields")

    error = admin("DELETE", "/tool_providers/{id}", id=loopback["id"]).problem(423, "locked")["error"]
    assert error == {"open_exam": [[{"id": exam["id"], "name": "In use"}]]}, error
    admin("DELETE", "/tool_providers/{id}", id=bare["id"]).emptied()
    admin("GET", "/tool_providers/{id}", id=bare["id"]).problem(404, "not_found")
    proven("tool_providers: DELETE /tool_providers/:id")
    proven("errors: 423 locked")
