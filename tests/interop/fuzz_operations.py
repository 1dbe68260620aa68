"""Calls every operation of the OpenAPI document with made-up data, by PyPI `schemathesis`, and holds replies to it.

    fuzz_operations.py ORIGIN CASES [SEED]

Standard input tells, as JSON: `callers` (`token` and `secret`), `things` (objects that belong together: their `paths`,
and `values` of parameters that go with them) and `kept` (paths of those that must outlive the run). Standard output
tells what fails; its last line counts the replies of each operation by their status, as JSON.
"""
import collections, hashlib, hmac, io, itertools, json, random, re, sys, time
from urllib import parse

import schemathesis
from requests.auth import AuthBase
from schemathesis.cli import schemathesis as command
from werkzeug.formparser import parse_form_data

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
          "response_schema_conformance")
SIGNATURE = ("timestamp", "nonce", "signature")
# How many of the made-up ids become those of objects that exist.
SHARE = 0.75
# The id of nothing.
NOTHING = "0"
USERS = "/api/v3/institutes/{}/users/{}"
# What the ids in a query or a body are ids of.
MEANT = {"institute_id": "/api/v3/institutes/{}", "exam_id": "/api/v3/exams/{}",
         "tool_provider_id": "/api/v3/tool_providers/{}", "student_session_id": "/api/v3/student_sessions/{}",
         "proctor_id": USERS, "comanager_id": USERS}
replies = collections.defaultdict(collections.Counter)


# --- Signing ---

class Token(str):
    """A number in a JSON text, as it stands there."""


def text(value):
    """A value as it is signed."""
    if isinstance(value, list):
        items = (item if isinstance(item, Token) else json.dumps(item, ensure_ascii=False) for item in value)
        return f"[{', '.join(items)}]"
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)


class Signature(AuthBase):
    """Signs what is really sent: the ids of the path, the query and the body. The document does not require the three
    parameters of the signature, because a signed message goes without them; here every call has them, in the query."""

    nonces = itertools.count(time.time_ns())

    def __init__(self, template, caller):
        self.template, self.caller = template, caller

    def __call__(self, request):
        url = parse.urlsplit(request.url)
        query = [pair for pair in parse.parse_qsl(url.query, keep_blank_values=True) if pair[0] not in SIGNATURE]
        query += [("timestamp", str(time.time_ns() // 10**6)), ("nonce", str(next(self.nonces)))]
        signed = dict(self.of_body(request)) | dict(query) | dict(self.of_path(url.path))
        message = "?".join(f"{name}={value}" for name, value in sorted(signed.items()))
        mac = hmac.new(self.caller["secret"].encode(), message.encode(), hashlib.sha256)
        query.append(("signature", mac.hexdigest()))
        request.url = url._replace(query=parse.urlencode(query)).geturl()
        request.headers["Authorization"] = f"Token token={self.caller['token']}"
        return request

    def of_path(self, path):
        parts = zip(self.template.split("/"), path.split("/"))
        return [(name[1:-1], parse.unquote(value)) for name, value in parts if name.startswith("{")]

    @staticmethod
    def of_body(request):
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        media_type = request.headers.get("Content-Type", "")
        if media_type.startswith("application/json"):
            try:
                body = json.loads(body, parse_int=Token, parse_float=Token)
                return [(name, text(value)) for name, value in body.items()]
            except (ValueError, AttributeError):
                return []  # It is no JSON object, and nothing of it can be signed.
        environment = {"REQUEST_METHOD": request.method, "CONTENT_TYPE": media_type, "CONTENT_LENGTH": str(len(body)),
                       "wsgi.input": io.BytesIO(body)}
        return parse_form_data(environment)[1].items()


# --- Objects that exist ---

def kind_and_ids(path):
    """`/api/v3/exams/4/documents/2` is a `/api/v3/exams/{}/documents/{}` with the ids 4 and 2."""
    parts = path.split("/")
    return "/".join("{}" if part.isdigit() else part for part in parts), tuple(filter(str.isdigit, parts))


class Things:
    """Objects that belong together, each group a map from kind to ids and from parameter to value."""

    def __init__(self, groups, kept):
        self.kept = set(map(kind_and_ids, kept))
        self.groups = [dict(map(kind_and_ids, group["paths"])) | group["values"] for group in groups]

    def add(self, path):
        self.groups.append(dict([kind_and_ids(path)]))

    def remove(self, path):
        kind, ids = kind_and_ids(path)
        for group in self.groups:
            if group.get(kind) == ids:
                del group[kind]

    def put_into(self, case):
        """Puts ids of one group in the place of most that were made up."""
        chance = random.Random(repr((case.path_parameters, case.query, case.body)))
        operation = case.operation
        kind = re.sub(r"{\w+}", "{}", operation.path[:operation.path.rfind("}") + 1])
        safe = lambda ids: not endangers(operation) or (kind, ids) not in self.kept
        groups = [group for group in self.groups if not kind or kind in group and safe(group[kind])]
        # The more is known of a group, the further a call on it gets.
        group = chance.choices(groups, weights=map(len, groups))[0] if groups else {}
        if kind:
            case.path_parameters = self.path(operation, case.path_parameters, kind, group, safe, chance)
        for values in (case.query, case.body):
            for name in values if isinstance(values, dict) else ():
                known = MEANT.get(name, name)
                if known in group and chance.random() < SHARE:
                    values[name] = int(group[known][-1]) if name in MEANT else group[known]

    @staticmethod
    def path(operation, made_up, kind, group, safe, chance):
        names = re.findall(r"{(\w+)}", operation.path)
        ids = tuple(str(made_up[name]) for name in names)
        if kind in group and (chance.random() < SHARE or not safe(ids)):
            ids = group[kind]
        return dict(zip(names, ids if safe(ids) else [NOTHING for _ in ids]))


def endangers(operation):
    """Whether an operation may end what must be kept. No caller's user is ever changed: a role, `disabled`,
    `require_message_signature` or new credentials would shut the caller out, and the rest of the run would be a row of
    401s that proves nothing."""
    deletes = operation.method == "delete" and operation.path.endswith("/{id}")
    return deletes or operation.method != "get" and "/users/{id}" in operation.path


# --- The run ---

@schemathesis.hook
def map_case(context, case):
    things.put_into(case)
    return case


@schemathesis.hook
def before_call(context, case, kwargs):
    kwargs["auth"] = Signature(case.operation.path, next(callers))


@schemathesis.hook
def after_call(context, case, response):
    replies[case.operation.definition.raw["operationId"]][response.status_code] += 1
    if response.status_code == 201 and "location" in response.headers:
        things.add(response.headers["location"][0])
    if case.method == "DELETE" and response.status_code == 200:
        things.remove(parse.urlsplit(response.request.url).path)


if __name__ == "__main__":
    origin, cases, *seed = sys.argv[1:]
    told = json.load(sys.stdin)
    callers, things = itertools.cycle(told["callers"]), Things(told["things"], told["kept"])
    try:
        command(["run", f"{origin}/openapi.json", "--phases", "fuzzing", "--max-examples", cases, "--checks",
                 ",".join(CHECKS), "--no-color", *(f"--seed={number}" for number in seed)])
    finally:
        print(json.dumps(replies))
