"""Users of an institute, and their credentials."""
from caller import has, paged, proven

FIELDS = ("id email name role institute_id institute_name created_at updated_at omniauth_config_id receives_reports "
          "report_frequency last_used_at")
PASSWORD = "Corr3ct horse!"
ROLES = "administrator teacher proctor reviewer global_proctor global_reviewer auditor"


def show(stage):
    root, institute = stage.superuser, stage.institute["id"]
    base = "/institutes/{institute_id}/users"

    def person(role, at=institute, **more):
        fields = {"email": f"{role}.{at}@example.org", "name": f"The {role}", "password": PASSWORD,
                  "password_confirmation": PASSWORD, "role": role}
        return root("POST", base, institute_id=at, **(fields | more))

    for role in ROLES.split():
        view = person(role, receives_reports=True, report_frequency="week").created("user")
        has(view, FIELDS + " api_token secret_key", role=role, institute_id=institute, report_frequency="week",
            receives_reports=True, institute_name=stage.institute["name"], email=f"{role}.{institute}@example.org")
        setattr(stage, role, stage.caller(view))
        setattr(stage, f"{role}_id", view["id"])
    stage.stranger = stage.caller(person("administrator", at=stage.other_institute["id"]).created("user"))
    person("teacher").problem(422, "taken", "email")
    assert person("teacher").json["error"] == {"email": ["has already been taken"]}
    for name in ("email", "name", "password"):
        person("teacher", **{name: ""}).problem(422, "parameter_missing", name)
    for weak in ("Sh0rt!!", "NOLOWER1!", "noupper1!", "NoDigits!!", "NoSpecial11"):
        person("teacher", email="w@example.org", password=weak, password_confirmation=weak).problem(
            422, "parameter_invalid", "password")
    person("teacher", email="w@example.org", password_confirmation="Other1!!x").problem(
        422, "parameter_invalid", "password_confirmation")
    person("teacher", email="w@example.org", report_frequency="year").problem(
        422, "parameter_invalid", "report_frequency")
    for frequency in ("day", "week", "month"):
        view = person("proctor", email=f"{frequency}@example.org", report_frequency=frequency).created("user")
        has(view, FIELDS, report_frequency=frequency)
    proven("users: POST /institutes/:institute_id/users")

    admin = stage.administrator
    for view in paged(admin, base, "users", 10, institute_id=institute):
        has(view, FIELDS)
        assert not view.get("api_token") and not view.get("secret_key"), view
    names = [view["email"] for view in admin("GET", base, institute_id=institute, sort='[{"email":"desc"}]').ok("users")]
    assert names == sorted(names, reverse=True), names
    one = admin("GET", base + "/{id}", institute_id=institute, id=stage.teacher_id).ok("user")
    has(one, FIELDS, role="teacher")
    assert not one.get("api_token") and not one.get("secret_key"), one
    proven("users: GET /institutes/:institute_id/users, GET .../:id")

    at = {"institute_id": institute, "id": view["id"]}
    for method in ("PATCH", "PUT"):
        admin(method, base + "/{id}", **at).ok("user")
        changed = {"name": method, "email": f"{method}@example.org", "role": "reviewer", "receives_reports": False,
                   "report_frequency": "day", "omniauth_config_id": None}
        new = {"password": f"N3w {method}!!", "password_confirmation": f"N3w {method}!!"}
        has(admin(method, base + "/{id}", **at, **changed, **new).ok("user"), FIELDS, **changed)
        changed["receives_reports"] = True
        has(admin(method, base + "/{id}", **at, receives_reports=1).ok("user"), FIELDS, **changed)
    view = person("teacher", email="rotating@example.org").created("user")
    admin("DELETE", base + "/{id}", **at).emptied()
    admin("GET", base + "/{id}", **at).problem(404, "not_found")
    proven("users: PATCH, PUT, DELETE .../:id")

    at["id"], old = view["id"], stage.caller(view)
    fresh = admin("POST", base + "/{id}/rotate_credentials", **at, grace_hours=1).ok("user")
    has(fresh, FIELDS + " api_token secret_key")
    new = stage.caller(fresh)
    old("GET", "/exams").ok("exams")
    new("GET", "/exams").ok("exams")
    last = stage.caller(admin("POST", base + "/{id}/rotate_credentials", **at, grace_hours=0).ok("user"))
    new("GET", "/exams").problem(401, "invalid_signature")
    last("GET", "/exams").ok("exams")
    has(admin("GET", base + "/{id}", **at).ok("user"), FIELDS)
    assert admin("GET", base + "/{id}", **at).ok("user")["last_used_at"], "the user has called"
    proven("users: POST .../:id/rotate_credentials")
    proven("users: fields")

    for provider in paged(admin, "/identity_providers", "identity_providers", 0):
        has(provider, "id name idp_sso_target_url issuer created_at updated_at")
    proven("identity_providers: GET /identity_providers")
