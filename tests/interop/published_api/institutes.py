"""Institutes: the whole of a customer."""
from caller import has, paged, proven

SWITCHES = "check_requirements reminder exam_link exam_changed exam_finalized"
EMAILS = {f"{name}_emails_enabled": True for name in SWITCHES.split()}
FIELDS = ("id name short_name created_at updated_at callback_url global_proctor global_reviewer default_language "
          "custom_languages session_retention_period logo_image_file_name logo_image_content_type "
          "logo_image_file_size logo_image_updated_at " + " ".join(EMAILS))


def show(stage):
    root = stage.superuser
    optional = {"callback_url": "https://callback.example/v3", "global_proctor": True, "global_reviewer": True,
                "default_language": "en", "custom_languages": ["en-GB", "nb-NO"], "session_retention_period": 30}
    given = {"name": "University of Examples", "short_name": "UoE"} | optional | EMAILS
    stage.institute = has(root("POST", "/institutes", **given).created("institute"), FIELDS, **given)
    stage.other_institute = root("POST", "/institutes", name="Other", short_name="O").created("institute")
    root("POST", "/institutes", name="Other", short_name="O2").problem(422, "taken", "name")
    for missing in ("name", "short_name"):
        rest = {name: value for name, value in {"name": "N", "short_name": "S"}.items() if name != missing}
        detail = f"Param is missing or the value is empty: {missing}"
        root("POST", "/institutes", **rest).problem(422, "parameter_missing", missing, detail)
    proven("institutes: POST /institutes")

    for institute in paged(root, "/institutes", "institutes", 2):
        has(institute, FIELDS)
    id = stage.institute["id"]
    has(root("GET", "/institutes/{id}", id=id).ok("institute"), FIELDS, **given)
    proven("institutes: GET /institutes, GET /institutes/:id")

    for method in ("PATCH", "PUT"):
        root(method, "/institutes/{id}", id=id).ok("institute")
        changed = {"session_retention_period": 60, "custom_languages": ["fr"], "default_language": "fr",
                   "callback_url": f"https://callback.example/{method}", "short_name": method, "name": f"UoE {method}",
                   "global_proctor": False, "global_reviewer": False} | {name: False for name in EMAILS}
        has(root(method, "/institutes/{id}", id=id, **changed).ok("institute"), FIELDS, **changed)
        has(root(method, "/institutes/{id}", id=id, **given).ok("institute"), FIELDS, **given)
    gone = root("POST", "/institutes", name="Gone", short_name="G").created("institute")["id"]
    root("DELETE", "/institutes/{id}", id=gone).emptied()
    root("GET", "/institutes/{id}", id=gone).problem(404, "not_found", detail=f"Couldn't find institute with 'id'='{gone}'")
    proven("institutes: PATCH, PUT, DELETE /institutes/:id")
    proven("institutes: fields")
