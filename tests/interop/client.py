"""The four steps of an exam author, then a student: a client of thirty lines, with nothing but the standard library."""
import hashlib, hmac, json, secrets, sys, time
from urllib import error, request

def sign(secret, parameters):
    message = "?".join(f"{name}={value}" for name, value in sorted(parameters.items()))
    return hmac.new(secret.encode(), message.encode(), hashlib.sha256).hexdigest()

def call(method, path, **parameters):
    url = f"{server}/api/v3{path.format(**parameters)}"
    parameters |= {"nonce": str(secrets.randbelow(10**18)), "timestamp": str(time.time_ns() // 10**6)}
    body = json.dumps(parameters | {"signature": sign(secret, parameters)}).encode()
    headers = {"Authorization": f"Token token={token}", "Content-Type": "application/json"}
    try:
        with request.urlopen(request.Request(url, body, headers, method=method)) as answer:
            return next(iter(json.load(answer).values()))
    except error.HTTPError as refusal:
        sys.exit(f"{method} {path}: {refusal.code} {refusal.read().decode()}")

if __name__ == "__main__":
    server, token, secret, tool_url, key, tool_secret = sys.argv[1:]
    exam = call("POST", "/exams", name="Algebra", type="record_review")["id"]
    tool = call("POST", "/tool_providers", tool_name="Geometry", tool_url=tool_url,
                oauth_consumer_key=key, oauth_consumer_secret=tool_secret)["id"]
    link = call("POST", "/lti_resources", lti_resource_link_name="Circles", exam_id=exam, tool_provider_id=tool)
    call("POST", "/exams/{exam_id}/documents", exam_id=exam, exam_content="<p>Solve this:</p> {%s}" % link["placeholder"])
    student = call("POST", "/exams/{exam_id}/student_sessions", exam_id=exam, name="Ada", email="ada@example.org")
    call("PATCH", "/exams/{id}", id=exam, status="open")
    print(json.dumps({"exam_url": student["exam_url"]}))
