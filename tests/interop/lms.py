"""A learning management system: it launches by PyPI `lti` (ToolConsumer), shows the tool in a frame, and takes grades.

GET /form?roles=Learner&...    the launch as a form that sends itself; each parameter of the query is sent
GET /course?roles=...          a course page with the tool in a frame
GET /grades                    what the gradebook got, as JSON
POST /outcomes/<manner>        the outcome service; the manner says how it answers
"""

import argparse
import base64
import hashlib
import html
import json
import logging
import threading
import xml.etree.ElementTree as ElementTree

import flask
from lti import ToolConsumer
from oauthlib.oauth1 import RequestValidator, SignatureOnlyEndpoint
from werkzeug.serving import make_server

NAMESPACE = "{http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0}"
ANSWER = """<?xml version="1.0" encoding="UTF-8"?>
<imsx_POXEnvelopeResponse xmlns="http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0"><imsx_POXHeader>
<imsx_POXResponseHeaderInfo><imsx_version>V1.0</imsx_version><imsx_messageIdentifier>1</imsx_messageIdentifier>
<imsx_statusInfo><imsx_codeMajor>{code}</imsx_codeMajor><imsx_severity>status</imsx_severity>
<imsx_description>{description}</imsx_description><imsx_messageRefIdentifier>{message}</imsx_messageRefIdentifier>
<imsx_operationRefIdentifier>{operation}</imsx_operationRefIdentifier></imsx_statusInfo>
</imsx_POXResponseHeaderInfo></imsx_POXHeader><imsx_POXBody><{operation}Response/></imsx_POXBody>
</imsx_POXEnvelopeResponse>"""


class Validator(RequestValidator):
    """oauthlib's rules, with a clock at most five minutes off; TLS is not asked for on loopback."""

    enforce_ssl = False
    timestamp_lifetime = 300
    dummy_client = "nobody00000000000000"

    def __init__(self, secrets):
        super().__init__()
        self.secrets, self.spent = secrets, set()

    def validate_client_key(self, client_key, request):
        return client_key in self.secrets

    def get_client_secret(self, client_key, request):
        return self.secrets.get(client_key, "the secret of nobody")

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        fresh = (client_key, timestamp, nonce) not in self.spent
        self.spent.add((client_key, timestamp, nonce))
        return fresh


def escaped(text):
    """Markup as values of attributes, each by its number."""
    return "".join(f"&#{ord(letter)};" if letter in "&<>\"'" else letter for letter in str(text))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("key", "secret", "url"):
        parser.add_argument(f"--{name}", required=True)
    given = parser.parse_args()
    app, turn = flask.Flask(__name__), threading.Lock()
    endpoint = SignatureOnlyEndpoint(Validator({given.key: given.secret}))
    calls, grades = [], {}

    def launch():
        standard = {
            "lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0", "resource_link_id": "1",
            "context_id": "course-1", "user_id": "249",
        }
        params = standard | flask.request.args.to_dict()
        consumer = ToolConsumer(
            consumer_key=given.key, consumer_secret=given.secret, launch_url=given.url, params=params)
        return consumer.generate_launch_data()

    @app.get("/form")
    def form():
        inputs = "".join(
            f'<input type="hidden" name="{escaped(name)}" value="{escaped(value)}">'
            for name, value in launch().items())
        return (f'<!DOCTYPE html><meta charset="utf-8"><form action="{escaped(given.url)}" method="post">{inputs}'
                "</form><script>document.forms[0].submit()</script>")

    @app.get("/course")
    def course():
        query = html.escape(flask.request.query_string.decode())
        return f'<!DOCTYPE html><meta charset="utf-8"><h1>The course</h1><iframe src="/form?{query}"></iframe>'

    @app.get("/grades")
    def gradebook():
        return {"calls": calls, "grades": grades}

    def answer(code, operation, message, description, status=200):
        body = ANSWER.format(code=code, operation=operation, message=message, description=html.escape(description))
        return flask.Response(body, status, content_type="application/xml")

    @app.post("/outcomes/<manner>")
    def outcome(manner):
        body, headers = flask.request.get_data(), dict(flask.request.headers)
        with turn:
            # What is no form is not part of the signature: only its hash is, which oauthlib leaves to the caller.
            signed, request = endpoint.validate_request(
                flask.request.url, "POST", "", {"Authorization": headers.get("Authorization", "")})
            hashed = base64.b64encode(hashlib.sha1(body).digest()).decode()
            right_hash = signed and request.oauth_params.get("oauth_body_hash") == hashed
            if not signed:
                calls.append({"verified": False})
                return answer("failure", "unknown", "", "the signature is not valid", 200 if manner == "open_edx" else 401)
            root = ElementTree.fromstring(body)
            operation = root.find(f"{NAMESPACE}imsx_POXBody")[0].tag.removeprefix(NAMESPACE).removesuffix("Request")
            texts = {element.tag.removeprefix(NAMESPACE): element.text for element in root.iter()}
            message, sourcedid = texts["imsx_messageIdentifier"], texts["sourcedId"]
            calls.append({
                "verified": True, "body_hash": right_hash, "type": headers.get("Content-Type"), "operation": operation,
                "message": message, "sourcedid": sourcedid, "score": texts.get("textString"),
            })
            times = sum(call.get("message") == message for call in calls)
            if manner == "later" and times == 1:
                return flask.Response("come again", 503)
            if manner == "refuses":
                return answer("failure", operation, message, "nobody <here> is called so")
            if manner == "open_edx" and operation != "replaceResult":
                return answer("unsupported", operation, message, "only replaceResult")
            if operation == "deleteResult":
                grades.pop(sourcedid, None)
            else:
                grades[sourcedid] = float(texts["textString"])
            return answer("success", operation, message, "stored")

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"listening on http://localhost:{server.port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
