"""What `protocol.rs` measures, in one thread: outcomes verified and read and launches signed by PyPI `lti` and oauthlib,
tokens of launches signed by PyJWT with a key that is read once."""

import base64
import hashlib
import json
import time

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from lti import OutcomeRequest, ToolConsumer
from oauthlib.oauth1 import Client, RequestValidator, SignatureOnlyEndpoint

KEY, SECRET = "exam2026institute4key1", "s3cretOfTheToolProvider"
OUTCOMES = "https://exams.example/lti/1.1/outcomes"
XML = {"Content-Type": "application/xml"}

LAUNCH = {
    "lti_message_type": "basic-lti-launch-request", "lti_version": "LTI-1p0", "resource_link_id": "8f14e45fceea167a",
    "resource_link_title": "Quiz", "user_id": "45c48cce2e2d7fbd", "roles": "Learner",
    "lis_person_name_full": "Sam Student", "lis_person_contact_email_primary": "sam@example.edu",
    "context_id": "9f86d081884c7d65", "context_title": "Algebra", "context_label": "Algebra",
    "tool_consumer_info_product_family_code": "examlink", "tool_consumer_info_version": "0.1.0",
    "tool_consumer_instance_guid": "institute-1.exams.example", "tool_consumer_instance_name": "University",
    "tool_consumer_instance_url": "https://exams.example", "lis_outcome_service_url": OUTCOMES,
    "lis_result_sourcedid": "1234-56-00112233",
}

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ID_TOKEN = {
    "iss": "https://exams.example", "aud": "9f86d081884c7d659a2feaa0c55ad015", "azp": "9f86d081884c7d659a2feaa0c55ad015",
    "sub": "45c48cce2e2d7fbd", "iat": 1_790_000_000, "exp": 1_790_000_300, "nonce": "n-0123456789abcdef",
    "name": "Sam Student", "email": "sam@example.edu", CLAIM + "message_type": "LtiResourceLinkRequest",
    CLAIM + "version": "1.3.0", CLAIM + "deployment_id": "a3bf4f1b2b0b822c",
    CLAIM + "target_link_uri": "https://tool.example/launch?course=7",
    CLAIM + "roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Learner"],
    CLAIM + "resource_link": {"id": "8f14e45fceea167a", "title": "Quiz"},
    CLAIM + "context": {"id": "9f86d081884c7d65", "title": "Algebra", "label": "Algebra"},
    CLAIM + "tool_platform": {"guid": "institute-1.exams.example", "name": "University", "url": "https://exams.example",
                              "product_family_code": "examlink", "version": "0.1.0"},
}


class Validator(RequestValidator):
    dummy_client = "nobody00000000000000"

    def validate_client_key(self, client_key, request):
        return client_key == KEY

    def get_client_secret(self, client_key, request):
        return SECRET

    def validate_timestamp_and_nonce(self, *_, **__):
        return True


def rate(run):
    started, count = time.monotonic(), 0
    while time.monotonic() - started < 2:
        for _ in range(20):
            run()
        count += 20
    return round(count / (time.monotonic() - started))


def main():
    written = OutcomeRequest({"message_identifier": "1", "operation": "replaceResult", "score": "0.83",
                              "lis_result_sourcedid": "1234-56-00112233445566778899aabbccddeeff"})
    body = written.generate_request_xml().decode()
    header = Client(KEY, client_secret=SECRET).sign(OUTCOMES, "POST", body, XML)[1]["Authorization"]
    endpoint = SignatureOnlyEndpoint(Validator())

    def outcome():
        valid, request = endpoint.validate_request(OUTCOMES, "POST", body, {**XML, "Authorization": header})
        given = dict(request.params)["oauth_body_hash"]
        if not valid or given != base64.b64encode(hashlib.sha1(body.encode()).digest()).decode():
            raise SystemExit("the message is not valid")
        read = OutcomeRequest()
        read.process_xml(body.encode())
        if read.score != "0.83":
            raise SystemExit("the message was not read")

    def launch():
        consumer = ToolConsumer(KEY, SECRET, launch_url="https://tool.example/launch?course=7", params=dict(LAUNCH))
        return consumer.generate_launch_data()

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def id_token():
        return jwt.encode(ID_TOKEN, key, algorithm="RS256", headers={"kid": "9f86d081884c7d65"})

    print(json.dumps({"outcome": rate(outcome), "launch": rate(launch), "id_token": rate(id_token)}))


main()
