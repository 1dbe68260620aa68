"""Student sessions: who takes an exam, by the calls of today and by the deprecated ones."""
import json, time

from caller import has, paged, proven

FIELDS = ("id session_id student_id external_id proctor_id created_at updated_at email name status token exam_url "
          "exam_id start_time end_time expires_at open_time attempt individual_info is_individual_info_html "
          "skip_requirements extra_time_minutes archived webcam_check")
STATUSES = ("registered before_check_req_mail email_bounced email_sent after_check_req_mail before_check_req "
            "after_check_req in_setup exam_not_started exam_started exam_finished")
BASE = "/exams/{exam_id}/student_sessions"


def show(stage):
    teacher = stage.teacher
    exam = {"exam_id": teacher("POST", "/exams", name="Attended", type="demo", global_proctoring=True,
                               global_reviewing=True).created("exam")["id"]}
    stage.attended = exam["exam_id"]
    first = show_registration(stage, exam)
    show_bulk(teacher, exam)
    show_reading(teacher, exam)
    show_changes(stage, exam, first["id"])
    show_emails(teacher)
    show_deprecated(teacher)


def show_registration(stage, exam):
    teacher = stage.teacher
    given = {"name": "Ada Ångström", "email": "ada@example.org", "external_id": "s-1", "individual_info": "<b>Hi</b>",
             "is_individual_info_html": True, "skip_requirements": True, "open_time": "2030-01-01T08:00:00.000Z",
             "expires_at": "2030-01-02T08:00:00.000Z", "extra_time_minutes": 15}
    first = has(teacher("POST", BASE, **exam, **given).created("student"), FIELDS, attempt=1, archived=False,
                status="registered", webcam_check="not_started", **exam, **given)
    again = teacher("POST", BASE, name="Ada", email="ada@example.org", **exam).created("student")
    assert again["attempt"] == 2, again
    has(teacher("POST", BASE, name="Ada", email="ada@example.org", attempt=7, **exam).created("student"), FIELDS, attempt=7)
    taken = teacher("POST", BASE, name="Ada", email="ada@example.org", attempt=7, **exam)
    assert taken.problem(422, "taken", "email")["error"] == {"email": ["has already been taken"]}, taken
    for missing in ("name", "email"):
        rest = {name: value for name, value in given.items() if name != missing}
        teacher("POST", BASE, **exam, **rest).problem(422, "parameter_missing", missing)
    proven("student_sessions: POST /exams/:exam_id/student_sessions")
    stage.student = first
    return first


def show_bulk(teacher, exam):
    def bulk(students):
        return teacher("POST", BASE + "/bulk", students=json.dumps(students), **exam)

    students = [{"name": f"Student {number}", "email": f"s{number}@example.org"} for number in range(1_000)]
    made = bulk(students[:3]).is_(201).json["students"]
    for view, student in zip(made, students):
        has(view, FIELDS, **exam, **student)
    before = teacher("GET", BASE, **exam, limit=1).headers["X-Pagination-Item-Count"]
    bulk([{"name": "Fine", "email": "fine@example.org"}, {"name": "Nobody"}]).is_(422)
    bulk(students + [{"name": "One more", "email": "more@example.org"}]).is_(422)
    assert teacher("GET", BASE, **exam, limit=1).headers["X-Pagination-Item-Count"] == before, "all or nothing"
    other = {"exam_id": teacher("POST", "/exams", name="Big", type="demo").created("exam")["id"]}
    made = teacher("POST", BASE + "/bulk", students=json.dumps(students), **other).is_(201).json["students"]
    assert len(made) == 1_000, len(made)
    last = teacher("GET", BASE, **other, page=4)
    assert len(last.ok("students")) == 100 and last.headers["X-Pagination-Page-Count"] == "4", last.headers
    proven("student_sessions: POST /exams/:exam_id/student_sessions/bulk")


def show_reading(teacher, exam):
    rows = paged(teacher, BASE, "students", 6, **exam)
    for row in rows:
        has(row, FIELDS)
    paged(teacher, BASE, "students", 6, status="registered", **exam)
    for status in STATUSES.split():
        for row in teacher("GET", "/student_sessions", status=status).ok("students"):
            assert row["status"] == status
    whole = teacher("GET", "/student_sessions")
    assert len(whole.ok("students")) == 300 and whole.headers["X-Pagination-Limit"] == "300", whole.headers
    teacher("GET", "/student_sessions", status="lost").problem(422, "parameter_invalid", "status")
    proven("student_sessions: GET /student_sessions, GET /exams/:exam_id/student_sessions")


def show_changes(stage, exam, id):
    teacher, path, at = stage.teacher, "/student_sessions/{id}", {"id": id}
    has(teacher("GET", path, **at).ok("student"), FIELDS, id=id)
    for method in ("PATCH", "PUT"):
        teacher(method, path, **at).ok("student")
        changed = {"name": method, "email": f"{method.lower()}@example.org", "external_id": method,
                   "individual_info": method, "is_individual_info_html": False, "skip_requirements": False,
                   "open_time": "2031-01-01T08:00:00.000Z", "expires_at": "2031-01-02T08:00:00.000Z",
                   "extra_time_minutes": 5}
        has(teacher(method, path, **at, **changed).ok("student"), FIELDS, **changed)
    # That an exam starts is the student's doing.
    teacher("PATCH", path, **at, status="exam_started").problem(409, "conflict")
    for status in STATUSES.replace("exam_started ", "").split():
        has(teacher("PATCH", path, **at, status=status).ok("student"), FIELDS, status=status)
    gone = teacher("POST", BASE, name="Gone", email="gone@example.org", **exam).created("student")["id"]
    teacher("DELETE", path, id=gone).emptied()
    teacher("GET", path, id=gone).problem(404, "not_found")
    proven("student_sessions: GET, PATCH, PUT, DELETE /student_sessions/:id")
    proven("student_sessions: statuses")
    proven("student_sessions: fields")

    admin = stage.administrator
    assigned = admin("PUT", path + "/assign_proctor", **at, proctor_id=stage.proctor_id).ok("student")
    has(assigned, FIELDS, proctor_id=stage.proctor_id)
    admin("PUT", path + "/assign_proctor", **at, proctor_id=99_999_999).is_(422)
    proven("student_sessions: PUT /student_sessions/:id/assign_proctor")
    assert teacher("POST", path + "/reopen", **at).ok("student")["status"] != "exam_finished"
    ended = has(teacher("POST", path + "/terminate", **at).ok("student"), FIELDS, status="exam_finished")
    assert ended["end_time"], ended
    assert teacher("POST", path + "/reopen", **at).ok("student")["status"] != "exam_finished"
    proven("student_sessions: POST /student_sessions/:id/{reopen,terminate}")


def show_emails(teacher):
    id = teacher("POST", "/exams", name="Mailed", type="demo").created("exam")["id"]
    session = teacher("POST", BASE, exam_id=id, name="Mailed", email="mailed@example.org").created("student")["id"]
    bounced = teacher("POST", BASE, exam_id=id, name="No", email="bounced@example.org").created("student")["id"]
    teacher("POST", "/exams/{id}/publish", id=id).ok("exam")
    students = teacher("POST", "/exams/{id}/send_emails", id=id).ok("students")
    assert {student["id"] for student in students} == {session, bounced}, students
    assert all(student["status"] in STATUSES.split() for student in students), students
    wanted, until = {session: "email_sent", bounced: "email_bounced"}, time.monotonic() + 20
    while wanted != {one: teacher("GET", "/student_sessions/{id}", id=one).ok("student")["status"] for one in wanted}:
        assert time.monotonic() < until, "the e-mail did not leave"
        time.sleep(0.1)
    proven("exams: POST /exams/:id/send_emails")


def show_deprecated(teacher):
    id = teacher("POST", "/exams", name="Old calls", type="demo").created("exam")["id"]
    given = {"name": "Old", "email": "old@example.org", "external_id": "o-1"}
    added = teacher("POST", "/exams/{id}/add_student", id=id, **given)
    student = has(added.created("student"), FIELDS, exam_id=id, **given)
    at = {"id": id, "student_session_id": student["id"]}
    shown = teacher("GET", "/exams/{id}/show_student", **at)
    has(shown.ok("student"), FIELDS, **given)
    listed = teacher("GET", "/exams/{id}/index_students", id=id)
    [row] = paged(teacher, "/exams/{id}/index_students", "students", 1, id=id)
    has(row, FIELDS, **given)
    teacher("GET", "/exams/{id}/index_students", id=id, status="registered").ok("students")
    deleted = teacher("DELETE", "/exams/{id}/delete_student", **at)
    deleted.emptied()
    teacher("GET", "/exams/{id}/show_student", **at).problem(404, "not_found")
    for answer in (added, shown, listed, deleted):
        assert answer.headers["Deprecation"], answer.headers
    proven("exams: GET index_students, GET show_student, POST add_student, DELETE delete_student (deprecated)")
