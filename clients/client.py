#!/usr/bin/env python3
"""Signs a call of the Examlink API and sends it: Python 3, and nothing else.

    client.py METHOD PATH name=value ...    such as: client.py GET '/exams/{id}' id=42
    client.py message name=value ...        prints what is signed, and the signature

EXAMLINK_SERVER, EXAMLINK_TOKEN and EXAMLINK_SECRET say where and who. Ids in the path are signed by their names.
"""
import hashlib, hmac, os, secrets, sys, time
from urllib import error, parse, request


def message(parameters):
    return "?".join(f"{name}={value}" for name, value in sorted(parameters.items()))


def sign(parameters):
    return hmac.new(os.environ["EXAMLINK_SECRET"].encode(), message(parameters).encode(), hashlib.sha256).hexdigest()


def call(method, path, **parameters):
    parameters = {name: str(value) for name, value in parameters.items()}
    parameters |= {"nonce": str(secrets.randbelow(10**18)), "timestamp": str(time.time_ns() // 10**6)}
    form = parse.urlencode(parameters | {"signature": sign(parameters)})
    url = f"{os.environ['EXAMLINK_SERVER']}/api/v3{path.format(**parameters)}"
    url, body = (f"{url}?{form}", None) if method == "GET" else (url, form.encode())
    headers = {"Authorization": f"Token token={os.environ['EXAMLINK_TOKEN']}"}
    try:
        with request.urlopen(request.Request(url, body, headers, method=method)) as reply:
            return reply.read().decode()
    except error.HTTPError as refusal:
        sys.exit(f"{refusal.code} {refusal.read().decode()}")


if __name__ == "__main__":
    command, *rest = sys.argv[1:]
    if command == "message":
        parameters = dict(parameter.split("=", 1) for parameter in rest)
        print(message(parameters), sign(parameters), sep="\n")
    else:
        print(call(command, rest[0], **dict(parameter.split("=", 1) for parameter in rest[1:])))
