"""Every refusal is problem details that say what to do."""
import concurrent.futures, uuid

from caller import proven


def show(stage):
    teacher, id = stage.teacher, {"id": stage.exam["id"]}
    unknown = teacher.raw("GET", "/api/v3/nothing")
    unknown.problem(404, unknown.json["code"])
    wrong = teacher("DELETE", "/exams")
    wrong.problem(405, wrong.json["code"])
    assert wrong.headers["Allow"], wrong.headers
    large = teacher.raw("POST", "/api/v3/exams", b"x" * 30_000_000, {"Content-Type": "application/json"})
    large.problem(413, large.json["code"])
    for answer in (unknown, wrong, large, teacher("GET", "/exams/{id}", id=99_999_999),
                   teacher("POST", "/exams", type="demo"), teacher("POST", "/exams", name="N", type="oral")):
        kind = answer.json["type"]
        page = teacher.raw("GET", kind, headers={"Accept": "text/html"})
        assert page.status == 200, page
        assert answer.json["error"], answer
    proven("errors: problem details, with a type that resolves, and the member error")

    answer = teacher("GET", "/exams/{id}", **id)
    stale = answer.headers["ETag"]
    teacher("PATCH", "/exams/{id}", name="Changed meanwhile", **id).ok("exam")
    teacher.send("PATCH", "/exams/{id}", id | {"name": "Lost"}, headers={"If-Match": stale}).problem(
        412, "precondition_failed")
    assert teacher("GET", "/exams/{id}", **id).ok("exam")["name"] == "Changed meanwhile"
    show_idempotency(teacher)
    proven("errors: 409 conflict")
    proven("errors: 422 parameter_missing, parameter_invalid, taken, ambiguous_signature")


def show_idempotency(teacher):
    def post(key, name):
        return teacher.send("POST", "/exams", {"name": name, "type": "demo"}, headers={"Idempotency-Key": key})

    key = f'"{uuid.uuid4()}"'
    first, second = post(key, "Once").created("exam"), post(key, "Once").created("exam")
    assert first == second, (first, second)
    other = post(key, "Another")
    other.problem(422, other.json["code"])
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for _ in range(10):
            key = f'"{uuid.uuid4()}"'
            answers = list(pool.map(lambda _: post(key, "At once"), range(8)))
            for refused in (answer for answer in answers if answer.status != 201):
                refused.problem(409, refused.json["code"])
                assert refused.headers["Retry-After"] == "1", refused.headers
            made = {answer.json["exam"]["id"] for answer in answers if answer.status == 201}
            assert len(made) == 1, answers
            assert post(key, "At once").created("exam")["id"] in made, "the way out is to send it again"
    proven("idempotency: Idempotency-Key on a POST")
