"""What each role may see and do."""
from caller import Caller, proven

FORBIDDEN = "You are not authorized to access this page."


def show(stage):
    root, admin, teacher = stage.superuser, stage.administrator, stage.teacher
    exam, session = stage.exam["id"], {"id": stage.student["id"]}
    institutes = {row["institute_id"] for row in root("GET", "/exams").ok("exams")}
    assert institutes == {stage.institute["id"], stage.other_institute["id"]}, institutes
    proven("roles: superuser")

    admin("PATCH", "/exams/{id}", id=exam, name="Algebra").ok("exam")
    admin("GET", "/institutes").problem(403, "forbidden", detail=FORBIDDEN)
    admin("POST", "/institutes", name="N", short_name="N").problem(403, "forbidden", detail=FORBIDDEN)
    admin("GET", "/institutes/{id}", id=stage.institute["id"]).ok("institute")
    proven("roles: administrator")

    of_admin = admin("POST", "/exams", name="Of the administrator", type="demo").created("exam")["id"]
    assert of_admin not in {row["id"] for row in teacher("GET", "/exams").ok("exams")}
    teacher("GET", "/exams/{id}", id=of_admin).problem(404, "not_found")
    teacher("GET", "/institutes/{institute_id}/users", institute_id=stage.institute["id"]).problem(403, "forbidden")
    proven("roles: teacher")

    for role in (stage.proctor, stage.reviewer):
        role("GET", "/student_sessions/{id}", **session).ok("student")
        role("GET", "/student_sessions").ok("students")
        changed = role("PATCH", "/student_sessions/{id}", **session, status="in_setup").ok("student")
        assert changed["status"] == "in_setup"
        role("PATCH", "/student_sessions/{id}", **session, name="Other").problem(403, "forbidden")
        role("POST", "/exams", name="N", type="demo").problem(403, "forbidden", detail=FORBIDDEN)
    proven("roles: proctor, reviewer")

    base = "/exams/{exam_id}/student_sessions"
    person = {"name": "Eve", "email": "eve@example.org"}
    hidden = root("POST", base, exam_id=stage.elsewhere["id"], **person).created("student")["id"]
    for role, flag in ((stage.global_proctor, "global_proctoring"), (stage.global_reviewer, "global_reviewing")):
        role("GET", "/student_sessions/{id}", id=hidden).problem(404, "not_found")
        root("PATCH", "/exams/{id}", id=stage.elsewhere["id"], **{flag: True}).ok("exam")
        role("GET", "/student_sessions/{id}", id=hidden).ok("student")
        role("GET", "/student_sessions/{id}", **session).ok("student")
        role("POST", "/exams", name="N", type="demo").problem(403, "forbidden", detail=FORBIDDEN)
    proven("roles: global_proctor, global_reviewer")

    auditor = stage.auditor
    auditor("GET", "/exams/{id}", id=exam).ok("exam")
    auditor("GET", "/student_sessions/{id}", **session).ok("student")
    auditor("POST", "/exams", name="N", type="demo").problem(403, "forbidden", detail=FORBIDDEN)
    auditor("PATCH", "/student_sessions/{id}", **session, status="in_setup").problem(403, "forbidden")
    auditor("DELETE", "/exams/{id}", id=exam).problem(403, "forbidden")
    proven("roles: auditor")

    student = Caller(root.origin, stage.student["token"], stage.student["token"])
    student("GET", "/exams").problem(401, "invalid_signature")
    proven("roles: a student's token opens no call")

    stranger = stage.stranger
    for path, id in (("/exams/{id}", exam), ("/tool_providers/{id}", stage.tool["id"]),
                     ("/lti_resources/{id}", stage.resource["id"]), ("/student_sessions/{id}", session["id"]),
                     ("/institutes/{id}", stage.institute["id"])):
        stranger("GET", path, id=id).problem(404, "not_found")
        stranger("DELETE", path, id=id).is_(403 if "institutes" in path else 404)
    for path in ("documents", "attachments", "student_sessions"):
        stranger("GET", f"/exams/{{exam_id}}/{path}", exam_id=exam).problem(404, "not_found")
    proven("roles: an object of another institute is 404")
    proven("errors: 403 forbidden")
    proven("errors: 404 not_found")
