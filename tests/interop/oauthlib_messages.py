"""Signs and verifies messages with a body by oauthlib, at URLs of all kinds.

    oauthlib_messages.py sign KEY SECRET COUNT     prints messages as lines of JSON: url, header, body
    oauthlib_messages.py verify KEY SECRET         reads such lines, and prints for each whether its signature is right
"""

import json
import random
import sys
from urllib.parse import quote

from oauthlib.oauth1 import SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256, Client, RequestValidator, SignatureOnlyEndpoint

# Without ";" in paths: Python's urlparse drops one at their end.
LETTERS = "abcxyzABCXYZ0189-._~"
ANYTHING = LETTERS + " !$&'()*+,;=:@/?%é日<>\"#[]"


class Validator(RequestValidator):
    enforce_ssl = False
    timestamp_lifetime = 10 ** 9
    dummy_client = "nobody00000000000000"

    def __init__(self, key, secret):
        super().__init__()
        self.key, self.secret = key, secret

    def validate_client_key(self, client_key, request):
        return client_key == self.key

    def get_client_secret(self, client_key, request):
        return self.secret

    def validate_timestamp_and_nonce(self, *_, **__):
        return True


def text(letters, most):
    return "".join(random.choices(letters, k=random.randint(1, most)))


def url():
    scheme = random.choice(["http", "https", "HTTPS", "Http"])
    host = random.choice(["exams.example", "EXAMS.Example", "127.0.0.1", "a.b.c.example.edu", "[::1]"])
    port = random.choice(["", "", ":80", ":443", ":8443", ":8080"])
    path = "".join("/" + quote(text(ANYTHING, 8), safe="-._~!$'()*,:@+") for _ in range(random.randint(0, 3)))
    names = [quote(text(ANYTHING, 6), safe="-._~") for _ in range(random.randint(0, 4))]
    if names and random.random() < 0.3:
        names.append(names[0])
    pairs = [name + "=" + quote(text(ANYTHING, 8), safe="-._~") * random.randint(0, 1) for name in names]
    query = "?" + "&".join(pairs) if pairs else ""
    return f"{scheme}://{host}{port}{path or '/'}{query}"


def sign(key, secret, count):
    random.seed(20261121)
    for number in range(count):
        method = random.choice([SIGNATURE_HMAC_SHA1, SIGNATURE_HMAC_SHA256])
        body = f"<a n='{number}'>{text(ANYTHING, 30).replace('<', '').replace('&', '')}</a>"
        client = Client(key, client_secret=secret, signature_method=method)
        where = url()
        _, headers, _ = client.sign(where, "POST", body, {"Content-Type": "application/xml"})
        print(json.dumps({"url": where, "header": headers["Authorization"], "body": body}))


def verify(key, secret):
    endpoint = SignatureOnlyEndpoint(Validator(key, secret))
    for line in sys.stdin:
        message = json.loads(line)
        headers = {"Authorization": message["header"], "Content-Type": "application/xml"}
        valid, _ = endpoint.validate_request(message["url"], "POST", message["body"], headers)
        print(json.dumps(bool(valid)))


if __name__ == "__main__":
    task, key, secret, *count = sys.argv[1:]
    sign(key, secret, int(count[0])) if task == "sign" else verify(key, secret)
