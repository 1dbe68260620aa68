"""Exams: what they hold, their life, their co-managers."""
import re

from caller import has, paged, proven

FIELDS = ("id institute_id name type terms created_at updated_at duration_minutes use_duration start_time end_time "
          "mode upload_answers token user_id restrictions published status for_reviewing timezone global_proctoring "
          "global_reviewing exam_language web_cam mobile_cam screen_share live_proctoring student_experience")
ALLOWED = "websites external_applications textbooks calculator pen_paper additional"
LISTED = "websites external_applications textbooks calculator_type additional"
TYPES = ("record_review", "live_proctoring", "classroom", "demo")


def show(stage):
    teacher = stage.teacher
    given = {"name": "Algebra", "type": "record_review", "use_duration": True, "duration_minutes": 90,
             "timezone": "Europe/Amsterdam", "exam_language": "fr", "web_cam": True, "mobile_cam": False,
             "screen_share": True, "live_proctoring": False, "for_reviewing": True, "global_proctoring": True,
             "global_reviewing": True, "upload_answers": True, "restrictions": "No phones."}
    given |= {f"allow_{name}": True for name in ALLOWED.split()}
    given |= {f"allowed_{name}": f"the {name}" for name in LISTED.split()}
    given["student_experience"] = "classic"
    times = {"start_time": "2030-11-26T07:19:53.143Z", "end_time": "2030-11-26T11:19:53.143+02:00"}
    answer = teacher("POST", "/exams", **given, **times)
    exam = stage.exam = has(answer.created("exam"), FIELDS, start_time="2030-11-26T07:19:53.143Z",
                            end_time="2030-11-26T09:19:53.143Z", institute_id=stage.institute["id"],
                            user_id=stage.teacher_id, status="draft", published=False, mode="01010000", **given)
    assert re.fullmatch("[0-9a-f]{32}", exam["token"]), exam["token"]
    assert answer.headers["Location"].endswith(f"/api/v3/exams/{exam['id']}"), answer.headers["Location"]
    for kind in TYPES:
        has(teacher("POST", "/exams", name=f"A {kind}", type=kind).created("exam"), FIELDS, type=kind)
    teacher("POST", "/exams", name="Other", type="oral").problem(422, "parameter_invalid", "type")
    teacher("POST", "/exams", type="demo").problem(422, "parameter_missing", "name")
    teacher("POST", "/exams", name="Typeless").problem(422, "parameter_missing", "type")
    by_root = {"institute_id": stage.other_institute["id"], "name": "Elsewhere", "type": "demo"}
    stage.elsewhere = has(stage.superuser("POST", "/exams", **by_root).created("exam"), FIELDS, **by_root)
    stage.superuser("POST", "/exams", name="Nowhere", type="demo").problem(422, "parameter_missing", "institute_id")
    proven("exams: POST /exams")

    def fresh(name="Fresh"):
        return teacher("POST", "/exams", name=name, type="demo").created("exam")

    id = exam["id"]
    has(teacher("GET", "/exams/{id}", id=id).ok("exam"), FIELDS, **given)
    for method in ("PATCH", "PUT"):
        teacher(method, "/exams/{id}", id=id).ok("exam")
        flipped = {name: not value if isinstance(value, bool) else value for name, value in given.items()}
        flipped |= {"name": method, "type": "live_proctoring", "timezone": "UTC", "duration_minutes": 60}
        has(teacher(method, "/exams/{id}", id=id, **flipped).ok("exam"), FIELDS, mode="00101000", **flipped)
        has(teacher(method, "/exams/{id}", id=id, **given).ok("exam"), FIELDS, mode="01010000", **given)
    gone = fresh()["id"]
    teacher("DELETE", "/exams/{id}", id=gone).emptied()
    unknown = {"id": 99_999_999}
    teacher("GET", "/exams/{id}", **unknown).problem(404, "not_found", detail="Couldn't find exam with 'id'='99999999'")
    proven("exams: GET, PATCH, PUT, DELETE /exams/:id")

    show_life(teacher, fresh)
    show_lists(teacher, gone, fresh)
    show_comanagers(stage, fresh()["id"])


def show_life(teacher, fresh):
    id = fresh()["id"]
    for step, status, published in (("publish", "open", True), ("close", "closed", True), ("reopen", "open", True)):
        has(teacher("POST", f"/exams/{{id}}/{step}", id=id).ok("exam"), FIELDS, status=status, published=published)
    id = fresh()["id"]
    for status in ("open", "closed", "open"):
        has(teacher("PATCH", "/exams/{id}", id=id, status=status).ok("exam"), FIELDS, status=status)
    teacher("PATCH", "/exams/{id}", id=id, status="lost").problem(422, "parameter_invalid", "status")
    proven("exams: POST /exams/:id/publish, /close, /reopen")


def show_lists(teacher, gone, fresh):
    fresh("Sorted b"), fresh("Sorted a"), fresh("Sorted a")
    closed = fresh()["id"]
    teacher("POST", "/exams/{id}/publish", id=closed), teacher("POST", "/exams/{id}/close", id=closed)
    for status in ("draft", "open", "closed", "deleted"):
        rows = paged(teacher, "/exams", "exams", 1, status=status)
        assert {row["status"] for row in rows} == {status}, rows
    assert gone in {row["id"] for row in teacher("GET", "/exams", status="deleted").ok("exams")}
    rows = paged(teacher, "/exams", "exams", 5)
    for row in rows:
        has(row, FIELDS)

    def found(filter, sort='[{"id":"asc"}]'):
        return [row["name"] for row in teacher("GET", "/exams", filter=filter, sort=sort).ok("exams")]

    names = [row["name"] for row in sorted(rows, key=lambda row: row["id"])]
    for operator, value, holds in (
        ("eq", '"Sorted a"', lambda name: name == "Sorted a"),
        ("ne", '"Sorted a"', lambda name: name != "Sorted a"),
        ("gt", '"Sorted a"', lambda name: name > "Sorted a"),
        ("gte", '"Sorted a"', lambda name: name >= "Sorted a"),
        ("lt", '"Sorted a"', lambda name: name < "Sorted a"),
        ("lte", '"Sorted a"', lambda name: name <= "Sorted a"),
        ("in", '["Sorted a","Sorted b"]', lambda name: name in ("Sorted a", "Sorted b")),
        ("like", '"Sorted%"', lambda name: name.startswith("Sorted")),
    ):
        assert found('{"name":{"%s":%s}}' % (operator, value)) == [name for name in names if holds(name)], operator
    assert found('{"start_time":{"gte":"2025-02-01"}}', '[{"start_time":"desc"},{"name":"asc"}]') == ["Algebra"]
    assert found('{"name":{"like":"Sorted%"}}', '[{"name":"asc"}]') == ["Sorted a", "Sorted a", "Sorted b"]
    assert found('{"name":{"like":"Sorted%"}}', '[{"name":"desc"}]') == ["Sorted b", "Sorted a", "Sorted a"]
    for wrong in ('{"secret":{"eq":"1"}}', '{"name":{"near":"1"}}'):
        teacher("GET", "/exams", filter=wrong).problem(422, "parameter_invalid", "filter")
    teacher("GET", "/exams", sort='[{"secret":"asc"}]').problem(422, "parameter_invalid", "sort")
    assert len(teacher("GET", "/exams", limit=2, page=2).ok("exams")) == 2
    proven("exams: GET /exams")
    proven("transport: filter, sort")
    proven("exams: fields")


def show_comanagers(stage, id):
    teacher, other = stage.teacher, stage.caller(stage.superuser(
        "POST", "/institutes/{institute_id}/users", institute_id=stage.institute["id"], email="co@example.org",
        name="Co", password="Corr3ct horse!", role="teacher").created("user"))
    path = "/institutes/{institute_id}/users"
    users = stage.administrator("GET", path, institute_id=stage.institute["id"]).ok("users")
    comanager = next(user["id"] for user in users if user["email"] == "co@example.org")
    other("GET", "/exams/{id}", id=id).problem(404, "not_found")
    added = teacher("PUT", "/exams/{id}/add_comanager", id=id, comanager_id=comanager).ok("comanager")
    has(added, "id name email", id=comanager)
    other("GET", "/exams/{id}", id=id).ok("exam")
    removed = teacher("DELETE", "/exams/{id}/remove_comanager", id=id, comanager_id=comanager).ok("comanager")
    assert removed["id"] == comanager
    other("GET", "/exams/{id}", id=id).problem(404, "not_found")
    proven("exams: PUT /exams/:id/add_comanager, DELETE /exams/:id/remove_comanager")
