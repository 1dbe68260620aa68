"""HTTP Message Signatures by PyPI `http-message-signatures`: the vectors of the tests, and calls of a real server.

    message_signatures.py vectors                    prints tests/api/data/message-signatures.json
    message_signatures.py call METHOD URL [BODY]     signs and sends; EXAMLINK_TOKEN and EXAMLINK_SECRET say who
"""
import datetime
import json
import os
import secrets
import sys

import requests
from http_message_signatures import HTTPMessageSigner, algorithms

TOKEN = "70ken-for-test-vectors-0123456789abcdef"
SECRET = "s3cr3t-Key_for-test-vectors-0123456789abcdef"
SERVER = "https://exams.example.edu"
CREATED = 1795677593
FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def prepared(method, url, body=None, media_type=JSON):
    data = None if body is None else body.encode()
    return requests.Request(method, url, data=data, headers={"Content-Type": media_type} if data else {}).prepare()


def sign(request, token, secret, created, nonce, expires=None, label="sig1", alg=False, covered=()):
    """Signs a request in place, and returns what was signed."""
    signer = HTTPMessageSigner(signature_algorithm=algorithms.HMAC_SHA256)
    at = lambda seconds: seconds and datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    signing = signer.prepare(request, body=request.body or None, key_id=token, created=at(created), expires=at(expires),
                             nonce=nonce, label=label, include_alg=alg,
                             covered_component_ids=("@method", "@target-uri", *covered))
    signer.apply(request, signing, algorithms.HMAC_SHA256(private_key=secret.encode()).sign(signing.signature_base))
    return signing.signature_base.decode()


def vector(name, method, target, body=None, media_type=JSON, **more):
    url = f"{SERVER}/api/v3{target}"
    request = prepared(method, url, body, media_type)
    assert request.url == url, f"{request.url} is not {url}"
    base = sign(request, TOKEN, SECRET, CREATED, **more)
    wanted = ("Content-Type", "Content-Digest", "Signature-Input", "Signature")
    headers = {header: request.headers[header] for header in wanted if header in request.headers}
    return {"id": name, "method": method, "target": target, "headers": headers, "body": body or "", "base": base}


def vectors():
    exam = json.dumps({"name": "Où est-ce? a=b & c", "type": "demo"}, ensure_ascii=False)
    return [
        vector("M1", "GET", "/exams", nonce="1527500365"),
        vector("M2", "GET", "/exams?page=1&limit=5&status=open", nonce="b9+/Zz~!", alg=True),
        vector("M3", "POST", "/exams", exam, nonce="x" * 64, expires=CREATED + 60),
        vector("M4", "POST", "/exams", "name=A+%26+B%3F&type=demo", FORM, nonce="4", label="proxy_2"),
        vector("M5", "GET", "/exams/4711", nonce="5"),
        vector("M6", "POST", "/exams", exam, nonce="6", covered=("content-type",)),
        vector("M7", "GET", "/exams/", nonce="a\"b\\c"),
    ]


def call(method, url, body=None):
    request = prepared(method, url, body)
    now = int(datetime.datetime.now().timestamp())
    sign(request, os.environ["EXAMLINK_TOKEN"], os.environ["EXAMLINK_SECRET"], now, secrets.token_urlsafe())
    return requests.Session().send(request)


if __name__ == "__main__":
    if sys.argv[1] == "vectors":
        print(json.dumps({"token": TOKEN, "secret_key": SECRET, "server": SERVER, "created": CREATED,
                          "vectors": vectors()}, indent=1, ensure_ascii=False))
    else:
        reply = call(*sys.argv[2:])
        print(reply.status_code, reply.text)
