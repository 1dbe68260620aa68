"""The four steps of an author, the student's way to the tool, and the grade that comes back."""
import base64, hashlib, hmac, html, json, re, time, uuid
from http.cookiejar import CookieJar
from urllib import parse, request

from caller import has, proven

KEY, SECRET = "exam2026institute4key1", "s3cretOfTheToolProvider"
GRADE = """<?xml version="1.0" encoding="UTF-8"?>
<imsx_POXEnvelopeRequest xmlns="http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0"><imsx_POXHeader>
<imsx_POXRequestHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>1</imsx_messageIdentifier>
</imsx_POXRequestHeaderInfo></imsx_POXHeader><imsx_POXBody><replaceResultRequest><resultRecord><sourcedGUID>
<sourcedId>%s</sourcedId></sourcedGUID><result><resultScore><language>en</language><textString>0.85</textString>
</resultScore></result></resultRecord></replaceResultRequest></imsx_POXBody></imsx_POXEnvelopeRequest>"""


class Form:
    """The first form of a page whose action fits."""

    def __init__(self, page, at, action):
        for found in re.finditer(r"<form([^>]*)>(.*?)</form>", page, re.S):
            target = re.search(r'action="([^"]*)"', found[1])
            self.action = parse.urljoin(at, html.unescape(target[1] if target else ""))
            if re.search(action, self.action):
                self.fields = {}
                for tag in re.findall(r"<input[^>]*>", found[2]):
                    attributes = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
                    if "name" in attributes:
                        self.fields[attributes["name"]] = html.unescape(attributes.get("value", ""))
                return
        raise AssertionError(f"no form to {action}: {page}")


class Browser:
    def __init__(self):
        self.opener = request.build_opener(request.HTTPCookieProcessor(CookieJar()))

    def page(self, url, fields=None):
        body = None if fields is None else parse.urlencode(fields).encode()
        origin = "://".join(parse.urlsplit(url)[:2])
        with self.opener.open(request.Request(url, body, {"Origin": origin} if fields is not None else {})) as reply:
            return reply.read().decode(), reply.url


def show(stage):
    author = stage.administrator
    exam = author("POST", "/exams", name="Four steps", type="record_review").created("exam")["id"]
    tool = author("POST", "/tool_providers", tool_name="Geometry", tool_url="https://tool.example/launch",
                   oauth_consumer_key=KEY, oauth_consumer_secret=SECRET).created("tool_provider")["id"]
    resource = author("POST", "/lti_resources", lti_resource_link_name="Circles", exam_id=exam,
                       tool_provider_id=tool).created("lti_resource")
    content = "<p>Solve this:</p> {%s}" % resource["placeholder"]
    author("POST", "/exams/{exam_id}/documents", exam_id=exam, exam_content=content).created("document")
    student = author("POST", "/exams/{exam_id}/student_sessions", exam_id=exam, name="Ada", external_id="lms-7",
                      email="ada@example.org").created("student")
    author("POST", "/exams/{id}/publish", id=exam).ok("exam")

    browser = Browser()
    page, at = browser.page(student["exam_url"])
    assert "Solve this" not in page, "nothing is shown before the start"
    start = Form(page, at, "start")
    page, at = browser.page(start.action, start.fields)
    assert "Solve this" in page, page
    frame = re.search(r'(?:src|href|action)="([^"]*/launch/[^"]*)"', page)
    page, at = browser.page(parse.urljoin(at, html.unescape(frame[1])))
    launch = Form(page, at, "tool.example")
    assert launch.fields["resource_link_id"] == resource["lti_resource_link_id"], launch.fields
    signed = dict(launch.fields)
    sent = signed.pop("oauth_signature")
    assert sent == oauth("POST", "https://tool.example/launch", signed), launch.fields
    assert author("GET", "/student_sessions/{id}", id=student["id"]).ok("student")["status"] == "exam_started"
    proven("the four steps: an author's calls, and the tool itself for the student")

    outcome(launch.fields["lis_outcome_service_url"], launch.fields["lis_result_sourcedid"])
    results = author("GET", "/student_sessions/{id}/results", id=student["id"]).is_(200)
    assert "0.85" in results.bytes.decode() and str(resource["id"]) in results.bytes.decode(), results
    proven("student_sessions: GET /student_sessions/:id/results")

    shown = author("GET", "/exams/{id}/show_lti_student", id=exam, student_lms_id=launch.fields["user_id"],
                    resource_link_id=resource["lti_resource_link_id"]).ok("student")
    has(shown, "id email name status", id=student["id"])
    author("GET", "/exams/{id}/show_lti_student", id=exam, student_lms_id="nobody",
            resource_link_id=resource["lti_resource_link_id"]).problem(404, "not_found")
    proven("exams: GET /exams/:id/show_lti_student")


def escaped(text):
    return parse.quote(text, safe="-._~")


def oauth(method, url, parameters):
    """HMAC-SHA1 of OAuth 1.0 (RFC 5849, section 3.4)."""
    pairs = "&".join(sorted(f"{escaped(name)}={escaped(value)}" for name, value in parameters.items()))
    base = "&".join(map(escaped, (method, url, pairs)))
    return base64.b64encode(hmac.new(f"{escaped(SECRET)}&".encode(), base.encode(), hashlib.sha1).digest()).decode()


def outcome(url, sourcedid):
    """A tool sends a grade, its body signed."""
    body = (GRADE % html.escape(sourcedid)).encode()
    fields = {"oauth_consumer_key": KEY, "oauth_signature_method": "HMAC-SHA1", "oauth_version": "1.0",
              "oauth_timestamp": str(int(time.time())), "oauth_nonce": uuid.uuid4().hex,
              "oauth_body_hash": base64.b64encode(hashlib.sha1(body).digest()).decode()}
    fields["oauth_signature"] = oauth("POST", url, fields)
    header = "OAuth " + ", ".join(f'{name}="{escaped(value)}"' for name, value in fields.items())
    headers = {"Content-Type": "application/xml", "Authorization": header}
    with request.urlopen(request.Request(url, body, headers, method="POST")) as reply:
        answer = reply.read().decode()
    assert reply.status == 200 and "success" in answer, answer
