"""Signs and sends calls by the published rules, and says what an answer must look like. The standard library alone.

The rule of signing: HMAC-SHA256 over `name=value` of every parameter (those in the path too), ordered by name and
joined by `?`; texts as they are, numbers and booleans as in JSON, null as nothing, lists as `["a", "b"]`.
"""
import hashlib, hmac, json, re, time, uuid
from urllib import error, parse, request

TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$")
PLACES = re.compile(r"{(\w+)}")


def text(value):
    """A value as it is signed, and as it stands in a form or a query."""
    if value is None:
        return ""
    if isinstance(value, (bool, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def message(parameters):
    return "?".join(f"{name}={text(parameters[name])}" for name in sorted(parameters, key=str.encode))


def signature(secret, parameters):
    return hmac.new(secret.encode(), message(parameters).encode(), hashlib.sha256).hexdigest()


def now():
    return time.time_ns() // 1_000_000


def nonce():
    return str(uuid.uuid4().int % 10**18)


class Straight(request.HTTPRedirectHandler):
    """Redirects are answers."""

    def redirect_request(self, *_):
        return None


OPENER = request.build_opener(Straight)


class Answer:
    def __init__(self, reply, what):
        self.status, self.headers, self.what = reply.status, reply.headers, what
        self.bytes = reply.read()

    def __repr__(self):
        return f"{self.what} -> {self.status} {self.bytes.decode(errors='replace')}"

    @property
    def json(self):
        return json.loads(self.bytes)

    def is_(self, status):
        assert self.status == status, f"{status} expected: {self}"
        return self

    def member(self, name):
        """The object in the envelope."""
        assert self.json.keys() - {"warnings"} == {name}, f"{name} expected: {self}"
        return self.json[name]

    def ok(self, name):
        return self.is_(200).member(name)

    def created(self, name):
        assert self.is_(201).headers["Location"], self
        return self.member(name)

    def emptied(self):
        assert self.is_(200).json == {}, self

    def problem(self, status, code, field=None, detail=None):
        """Problem details (RFC 9457) with the member that clients of the published API read."""
        self.is_(status)
        assert self.headers["Content-Type"].split(";")[0] == "application/problem+json", self.headers
        problem = self.json
        assert problem["status"] == status and problem["code"] == code, f"{code} expected: {self}"
        assert all(isinstance(problem[name], str) for name in ("type", "title", "detail", "request_id")), self
        assert "error" in problem, self
        assert detail is None or detail in problem["detail"], f"{detail} expected: {self}"
        if field:
            faults = [fault for fault in problem["errors"] if fault["field"] == field]
            assert faults and all(fault["code"] and fault["detail"] for fault in faults), f"{field} expected: {self}"
        if code == "parameter_missing":
            assert problem["error"] == problem["detail"], self
        elif status == 422 and field:
            assert isinstance(problem["error"][field], list), self
        return problem


class Caller:
    def __init__(self, origin, token, secret):
        self.origin, self.token, self.secret = origin, token, secret
        self.succeeded = set()

    def __call__(self, method, path, /, **parameters):
        """Calls `/exams/{id}` with `id` among the parameters: in the query of a GET, else in a body of JSON."""
        return self.send(method, path, parameters)

    def signed(self, parameters):
        parameters = {"nonce": nonce(), "timestamp": now()} | parameters
        return parameters | {"signature": signature(self.secret, parameters)}

    def send(self, method, path, parameters, shape=None, headers={}, file=None, signed=None):
        """`shape` is one of query, json, form, multipart; `signed` goes out as it is, instead of a new signature."""
        captured = set(PLACES.findall(path))
        sent = signed or self.signed(parameters)
        rest = {name: value for name, value in sent.items() if name not in captured}
        place = PLACES.sub(lambda found: parse.quote(text(sent[found[1]]), safe=""), path)
        shape = shape or ("query" if method == "GET" else "json")
        body, kind = None, None
        if shape == "query":
            place += "?" + parse.urlencode({name: text(value) for name, value in rest.items()})
        elif shape == "json":
            body, kind = json.dumps(rest).encode(), "application/json"
        elif shape == "form":
            body = parse.urlencode({name: text(value) for name, value in rest.items()}).encode()
            kind = "application/x-www-form-urlencoded"
        else:
            body, kind = multipart(rest, file)
        answer = self.raw(method, "/api/v3" + place, body, {"Content-Type": kind} | headers if kind else headers)
        if answer.status < 300:
            self.succeeded.add(f"{method} {path.rstrip('/')}")
        return answer

    def raw(self, method, target, body=None, headers={}):
        """Sends just this."""
        url = target if "://" in target else self.origin + target
        headers = {"Authorization": f"Token token={self.token}", "Accept": "application/vnd.procwise.v3"} | headers
        headers = {name: value for name, value in headers.items() if value is not None}
        what = f"{method} {url} {body!r}"
        try:
            return Answer(OPENER.open(request.Request(url, body, headers, method=method)), what)
        except error.HTTPError as refusal:
            return Answer(refusal, what)


def multipart(fields, file):
    """A body of fields, and of a file as (field, file name, type, bytes)."""
    edge = uuid.uuid4().hex
    parts = [f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text(value)}\r\n'.encode()
             for name, value in fields.items()]
    if file:
        field, name, kind, content = file
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n'
        parts.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + b"\r\n")
    return b"".join(parts) + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}"


def links(answer):
    """The targets in `Link` (RFC 8288) by their relation."""
    return {rel: url for url, rel in re.findall(r'<([^>]*)>[^,]*?rel="?(\w+)"?', answer.headers["Link"] or "")}


def paged(caller, path, name, least, **parameters):
    """Reads a list whole, then one row at a time by its links: the same rows, and the documented headers."""
    whole = caller("GET", path, **parameters)
    rows = whole.ok(name)
    assert len(rows) >= least, whole
    count = int(whole.headers["X-Pagination-Item-Count"])
    assert count == len(rows) and whole.headers["X-Pagination-Limit"] == "300", whole.headers
    pages = (whole.headers["X-Pagination-Page"], whole.headers["X-Pagination-Page-Count"])
    assert pages == ("1", str(min(count, 1))), whole.headers
    captured = {place: parameters[place] for place in PLACES.findall(path)}
    page, walked = caller("GET", path, page=1, limit=1, **parameters), []
    for number in range(1, count + 1):
        walked += page.ok(name)
        head = {part: page.headers[f"X-Pagination-{part}"] for part in ("Item-Count", "Page-Count", "Page", "Limit")}
        assert head == {"Item-Count": str(count), "Page-Count": str(count), "Page": str(number), "Limit": "1"}, head
        following = links(page).get("next")
        assert bool(following) == (number < count), page.headers["Link"]
        if following:
            query = dict(parse.parse_qsl(parse.urlsplit(following).query))
            page = caller("GET", path, **(captured | query))
    assert [row.get("id") for row in walked] == [row.get("id") for row in rows], (walked, rows)
    return rows


def has(view, fields, **values):
    """An object of the published fields, its times in the published form, and these values."""
    missing = set(fields.split()) - view.keys()
    assert not missing, f"{missing} missing in {view}"
    for name, value in view.items():
        if value is not None and name.endswith(("_at", "_time")):
            assert TIME.match(value), f"{name}: {value}"
    different = {name: (view[name], value) for name, value in values.items() if view[name] != value}
    assert not different, different
    return view


def proven(row):
    """Says which row of the published tables was just shown."""
    print(row, flush=True)
