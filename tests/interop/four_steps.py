"""The four steps of an exam author, then a student, by the client of `clients/`. Prints the student's link."""
import json, os, sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "../../clients"))
from client import call


def ask(method, path, **parameters):
    return next(iter(json.loads(call(method, path, **parameters)).values()))


tool_url, key, secret = sys.argv[1:]
exam = ask("POST", "/exams", name="Algebra", type="record_review")["id"]
tool = ask("POST", "/tool_providers", tool_name="Geometry", tool_url=tool_url,
           oauth_consumer_key=key, oauth_consumer_secret=secret)["id"]
link = ask("POST", "/lti_resources", lti_resource_link_name="Circles", exam_id=exam, tool_provider_id=tool)
ask("POST", "/exams/{exam_id}/documents", exam_id=exam, exam_content="<p>Solve this:</p> {%s}" % link["placeholder"])
student = ask("POST", "/exams/{exam_id}/student_sessions", exam_id=exam, name="Ada", email="ada@example.org")
ask("PATCH", "/exams/{id}", id=exam, status="open")
print(json.dumps({"exam_url": student["exam_url"]}))
