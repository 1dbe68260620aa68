"""How a request may look, and how an answer does."""
import json

from caller import TIME, proven


def show(stage):
    teacher, id = stage.teacher, {"id": stage.exam["id"]}

    def get(headers, status=200, path="/exams/{id}"):
        return teacher.send("GET", path, id, headers=headers).is_(status)

    for accept in ("application/vnd.procwise.v3", "application/json", "*/*"):
        get({"Accept": accept})
    get({"Accept": "application/vnd.procwise.v2"}, 406)
    get({"Accept": "text/html"}, 406)
    proven("transport: base path, version header")

    get({"Authorization": f'Token token="{teacher.token}"'})
    for wrong in ({"Authorization": None}, {"Authorization": "Token token=unknown"}):
        answer = get(wrong, 401)
        assert answer.headers["WWW-Authenticate"].startswith("Token"), answer.headers
    proven("transport: caller")

    changed = {"name": "Algebra", "use_duration": True, "start_time": None}
    for shape in ("json", "form", "multipart", "query"):
        answer = teacher.send("PATCH", "/exams/{id}", id | changed, shape).ok("exam")
        assert answer["name"] == "Algebra" and answer["start_time"] is None, answer
        teacher.send("GET", "/exams/{id}", id, shape).ok("exam")
        gone = teacher.send("POST", "/exams", {"name": shape, "type": "demo"}, shape).created("exam")
        teacher.send("DELETE", "/exams/{id}", {"id": gone["id"]}, shape).emptied()
    proven("transport: integrity, parameters")

    signed = teacher.signed(id)
    teacher.send("GET", "/exams/{id}/", id).ok("exam")
    teacher.send("GET", "/exams/", {}).ok("exams")
    get({"Content-Type": "application/json"})
    raw = teacher.raw("GET", f"/api/v3/exams/{id['id']}", json.dumps(signed).encode(), {"Content-Type": "application/json"})
    raw.ok("exam")
    for method, shape in (("GET", "query"), ("PATCH", "form"), ("PATCH", "json")):
        repeated = teacher.signed(id)
        text = "&".join(f"{name}={value}" for name, value in repeated.items())
        body = text.encode() if shape == "form" else json.dumps(repeated).encode()
        kind = {"form": "application/x-www-form-urlencoded", "json": "application/json"}.get(shape)
        target = f"/api/v3/exams/{id['id']}"
        if shape == "query":
            teacher.raw(method, f"{target}?{text}").ok("exam")
        else:
            teacher.raw(method, target, body, {"Content-Type": kind}).ok("exam")
    name = "Is_it_ok?_{a:1}/b,c;d=e|[f]"
    signed = teacher.signed({"name": name, "type": "demo"})
    unescaped = "&".join(f"{name}={value}" for name, value in signed.items())
    assert teacher.raw("POST", f"/api/v3/exams?{unescaped}").created("exam")["name"] == name
    proven("transport: leniency")

    for value, meant in ((True, True), (False, False), ("true", True), ("false", False), (1, True), (0, False),
                         ("1", True), ("0", False)):
        assert teacher("PATCH", "/exams/{id}", use_duration=value, **id).ok("exam")["use_duration"] is meant, value
        form = teacher.send("PATCH", "/exams/{id}", {"web_cam": value} | id, "form").ok("exam")
        assert form["web_cam"] is meant, value
    assert teacher("PATCH", "/exams/{id}", duration_minutes="75", **id).ok("exam")["duration_minutes"] == 75
    proven("transport: booleans")

    created = teacher("POST", "/exams", name="Located", type="demo").is_(201)
    location = created.headers["Location"].removeprefix(teacher.origin)
    assert location == f"/api/v3/exams/{created.json['exam']['id']}", location
    teacher("DELETE", "/exams/{id}", id=created.json["exam"]["id"]).emptied()
    proven("transport: success")
    proven("transport: envelope")

    for given, meant in ((1_900_000_000, "2030-03-17T17:46:40.000Z"), ("1900000000", "2030-03-17T17:46:40.000Z"),
                         ("2030-03-17T19:46:40+02:00", "2030-03-17T17:46:40.000Z")):
        exam = teacher("PATCH", "/exams/{id}", start_time=given, **id).ok("exam")
        assert TIME.match(exam["start_time"]) and exam["start_time"] == meant, exam
    proven("transport: times")

    assert teacher("GET", "/exams", limit=300).headers["X-Pagination-Limit"] == "300"
    beyond = teacher("GET", "/exams", limit=301)
    assert beyond.status == 422 or beyond.headers["X-Pagination-Limit"] == "300", beyond
    teacher("GET", "/exams", page=0).problem(422, "parameter_invalid", "page")
    empty = teacher("GET", "/exams", page=999)
    assert empty.ok("exams") == [], empty
    proven("transport: pagination")

    teacher("POST", "/exams", name="N", type="demo", colour="red").problem(422, "parameter_invalid", "colour")
    teacher("GET", "/exams", colour="red").problem(422, "parameter_invalid", "colour")
    proven("transport: unknown parameter")
