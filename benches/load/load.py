"""The requests of each row, written and signed beforehand, and wrk, which sends them."""

import base64
import hashlib
import hmac
import itertools
import json
import random
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import servers

CONNECTIONS = 64
THREADS = 2
ROWS_ON_A_PAGE = 25

TOOL_1P3 = {
    "tool_name": "Advantage", "tool_url": "https://quiz.example/advantage", "lti_version": "1.3",
    "login_url": "https://quiz.example/login", "redirect_uris": '["https://quiz.example/advantage"]',
    "jwks_url": "https://quiz.example/jwks",
}

OUTCOME = (
    '<?xml version="1.0" encoding="UTF-8"?><imsx_POXEnvelopeRequest '
    'xmlns="http://www.imsglobal.org/services/ltiv1p1/xsd/imsoms_v1p0"><imsx_POXHeader><imsx_POXRequestHeaderInfo>'
    "<imsx_version>V1.0</imsx_version><imsx_messageIdentifier>1</imsx_messageIdentifier></imsx_POXRequestHeaderInfo>"
    "</imsx_POXHeader><imsx_POXBody><replaceResultRequest><resultRecord><sourcedGUID><sourcedId>{sourcedid}</sourcedId>"
    "</sourcedGUID><result><resultScore><language>en</language><textString>{score}</textString></resultScore></result>"
    "</resultRecord></replaceResultRequest></imsx_POXBody></imsx_POXEnvelopeRequest>"
)


@dataclass
class Measured:
    """One run of wrk."""

    requests_per_second: float
    cpu_us: float
    p50_ms: float
    p99_ms: float


class Row:
    """A kind of request to one server. `write` makes the text of a new one, to be sent by one of the threads, each of
    which sends them in the order of their making."""

    def __init__(self, name, server, processes, write, expected):
        self.name, self.server, self.processes, self.write = name, server, processes, write
        self.expected = expected
        self.rate = 20_000.0

    def measure(self, folder, seconds):
        """Sends new requests for `seconds`; more are written than can be sent. Anything but success fails the run."""
        while True:
            count = int(self.rate * seconds * 1.6) + 2_000
            write_requests(folder / "requests", self.write, count)
            cpu = self.cpu_seconds()
            result = run_wrk(self.server.address, folder / "requests", seconds)
            cpu = self.cpu_seconds() - cpu
            answers, self.rate = result["answers"], result["answers"] / result["micros"] * 1e6
            if not result["again"]:
                break
        if result["refused"] or result["broken"]:
            raise SystemExit(f"{self.name}: of {answers} answers {result['refused']} were refusals; "
                             f"{result['broken']} connections broke")
        return Measured(self.rate, cpu / answers * 1e6, result["p50"] / 1e3, result["p99"] / 1e3)

    def cpu_seconds(self):
        return self.server.cpu_seconds() + sum(map(servers.cpu_seconds, self.processes()))

    def probe(self):
        """Sends one request by itself and looks at the answer."""
        head, _, body = self.write(0).partition("\r\n\r\n")
        done = subprocess.run(["curl", "-sSi", *curl_arguments(self.server.address, head, body)], check=True,
                              capture_output=True, text=True)
        if not re.search(self.expected, done.stdout, re.DOTALL):
            raise SystemExit(f"{self.name}: not the expected answer: {done.stdout[:1000]}")
        return done.stdout


def curl_arguments(address, head, body):
    first, *headers = head.split("\r\n")
    method, path, _ = first.split()
    wanted = [header for header in headers if not header.startswith(("Host", "Content-Length"))]
    return ["-X", method, address + path, *itertools.chain(*(("-H", header) for header in wanted)),
            *(["--data", body] if body else [])]


def write_requests(prefix, write, count):
    for thread in range(THREADS):
        texts = (write(thread) for _ in range(count // THREADS + 1))
        Path(f"{prefix}.{thread}").write_text("\0".join(texts), newline="")


def run_wrk(address, prefix, seconds, connections=CONNECTIONS, pause=0):
    """`pause`: milliseconds from an answer to the next request of its connection."""
    script = Path(__file__).with_name("replay.lua")
    command = ["wrk", f"-t{THREADS}", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "--script", script,
               address, "--", prefix, str(pause)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


# --- What is sent ---

def plain(path):
    text = f"GET {path} HTTP/1.1\r\nHost: exams.example\r\n\r\n"
    return lambda _: text


def signed_get(account, path):
    """`path` returns a path, and the parameters that the signature takes out of it."""
    def write(_):
        where, captured, query = path()
        return request("GET", f"{where}?{encode(sign(account, query, captured))}", account, "")
    return write


def signed_create(account, once=False):
    """With `once`, each request has an Idempotency-Key of its own."""
    def write(_):
        body = encode(sign(account, {"name": "Algebra, final", "type": "live_proctoring", "web_cam": "true"}, {}))
        key = f"Idempotency-Key: {random.getrandbits(128):032x}\r\n" if once else ""
        return request("POST", "/api/v3/exams", account, body, key)
    return write


def outcome(server, database, seeded):
    """Grades of students in turns, each signed for its own student by the tool's key."""
    session, resource = session_and_resource(database, seeded)
    students = servers.copy_sessions(database, session, 1_000)
    tool = database.query(f"SELECT tool_provider_id FROM lti_resources WHERE id = {resource}")[0][0]
    url, key, secret = "https://exams.example/lti/1.1/outcomes", "bench", "s3cretOfTheBench"
    call(server, seeded, "PATCH", f"tool_providers/{tool}", {"oauth_consumer_secret": secret}, {"id": tool})

    def write(_):
        number, student = random.choice(students)
        ticket = servers.ticket("lti result", f"{tool}-{resource}-{number}-{student}")
        body = OUTCOME.format(sourcedid=f"{number}-{resource}-{ticket}", score=random.randrange(1_001) / 1_000)
        oauth = {
            "oauth_body_hash": base64.b64encode(hashlib.sha1(body.encode()).digest()).decode(),
            "oauth_consumer_key": key, "oauth_nonce": f"{random.getrandbits(100):025x}",
            "oauth_signature_method": "HMAC-SHA1", "oauth_timestamp": str(int(time.time())), "oauth_version": "1.0",
        }
        parameters = "&".join(f"{name}={quote(value, safe='')}" for name, value in sorted(oauth.items()))
        base = f"POST&{quote(url, safe='')}&{quote(parameters, safe='')}"
        signature = hmac.digest(f"{secret}&".encode(), base.encode(), "sha1")
        oauth["oauth_signature"] = base64.b64encode(signature).decode()
        header = ", ".join(f'{name}="{quote(value, safe="")}"' for name, value in oauth.items())
        return (f"POST /lti/1.1/outcomes HTTP/1.1\r\nHost: exams.example\r\nAuthorization: OAuth {header}\r\n"
                f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    return write


def score(server, database, seeded):
    """Scores by the token of a tool of LTI 1.3. Each thread has its own students, and takes them in turns, because the
    time of a score must be later than that of the one before."""
    session, _ = session_and_resource(database, seeded)
    students = [student for _, student in servers.copy_sessions(database, session, 5_000)]
    tool, link = add_tool_1p3(server, seeded)
    registered, scopes, until = tool["registration"], 0b11111, int(time.time()) + 3_600
    bound = f"{tool['id']}-{registered['client_id']}-{registered['deployment_id']}-{scopes}-{until}"
    token = f"{tool['id']}-{scopes}-{until}-{servers.ticket('lti access token', bound)}"
    path = f"/lti/1.3/exams/{seeded['exam_id']}/line_items/link-{link['id']}/scores"
    turns = [itertools.cycle(students[thread::THREADS]) for thread in range(THREADS)]

    def write(thread):
        # Not gmtime() of now: it asks a coarser clock, on which the new second begins some milliseconds late.
        seconds, nanos = divmod(time.time_ns(), 1_000_000_000)
        at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{nanos // 1_000:06}Z"
        body = json.dumps({"userId": next(turns[thread]), "timestamp": at, "scoreGiven": random.randrange(101),
                           "scoreMaximum": 100, "activityProgress": "Completed", "gradingProgress": "FullyGraded"})
        return (f"POST {path} HTTP/1.1\r\nHost: exams.example\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/vnd.ims.lis.v1.score+json\r\nContent-Length: {len(body)}\r\n\r\n{body}")
    return write


def add_tool_1p3(server, seeded):
    """A tool of LTI 1.3, and a link of it in the exam."""
    tool = call(server, seeded, "POST", "tool_providers", TOOL_1P3)["tool_provider"]
    placed = {"exam_id": str(seeded["exam_id"]), "tool_provider_id": str(tool["id"]), "lti_resource_link_name": "Essay"}
    return tool, call(server, seeded, "POST", "lti_resources", placed)["lti_resource"]


def start_exam(server, seeded):
    """The student of a seed begins; returns the path of the student's page."""
    home = "/sessions/" + seeded["exam_url"].rsplit("/", 1)[1]
    status, _ = servers.fetch(f"{server.address}{home}/start", "POST")
    if status != 303:
        raise SystemExit(f"the exam could not be started: {status}")
    return home


def call(server, seeded, method, path, sent, captured=None):
    """A call of the API by the administrator; returns what it answers."""
    account = seeded["administrator"]
    query = encode(sign(account, sent, captured or {}))
    headers = {"Authorization": f"Token token={account['api_token']}"}
    status, text = servers.fetch(f"{server.address}/api/v3/{path}?{query}", method, headers)
    if status not in (200, 201):
        raise SystemExit(f"{method} {path}: {text}")
    return json.loads(text)


def session_and_resource(database, seeded):
    """The student of a seed, and the link in the student's exam."""
    exam = seeded["exam_id"]
    session = database.query(f"SELECT min(id) FROM student_sessions WHERE exam_id = {exam}")[0][0]
    return session, database.query(f"SELECT min(id) FROM lti_resources WHERE exam_id = {exam}")[0][0]


def sign(account, sent, captured):
    nonce, timestamp = str(random.getrandbits(63)), str(time.time_ns() // 1_000_000)
    sent = {**sent, "nonce": nonce, "timestamp": timestamp}
    message = "?".join(f"{name}={value}" for name, value in sorted({**sent, **captured}.items()))
    sent["signature"] = hmac.digest(account["secret_key"].encode(), message.encode(), "sha256").hex()
    return sent


def encode(parameters):
    return "&".join(f"{name}={quote(value)}" for name, value in parameters.items())


def request(method, path, account, body, headers=""):
    form = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if body else ""
    return (f"{method} {path} HTTP/1.1\r\nHost: exams.example\r\n"
            f"Authorization: Token token={account['api_token']}\r\n{headers}{form}\r\n{body}")


def rows(hello, server, database, seeded, exams):
    """The rows of one database. Creates go to an institute of their own, so that lists stay as long as they are."""
    reader, author = seeded
    account, resource = reader["administrator"], database.query("SELECT min(id) FROM lti_resources")[0][0]
    home = start_exam(server, reader)

    def exam():
        number = str(random.choice(exams))
        return f"/api/v3/exams/{number}", {"id": number}, {}

    def page():
        number = random.randrange(max(1, len(exams) // ROWS_ON_A_PAGE)) + 1
        return "/api/v3/exams", {}, {"limit": str(ROWS_ON_A_PAGE), "page": str(number)}

    def row(name, write, expected):
        return Row(name, server, database.processes, write, expected)

    return [
        Row("hello", hello, list, plain("/"), "200 OK.*hello"),
        row("signed_get", signed_get(account, exam), "200 OK.*Algebra"),
        row("signed_index", signed_get(account, page), r"200 OK(?>.*?Algebra){%d}" % ROWS_ON_A_PAGE),
        row("signed_create", signed_create(author["administrator"]), "201 Created.*Algebra, final"),
        row("create_once", signed_create(author["administrator"], once=True), "201 Created.*Algebra, final"),
        row("outcome", outcome(server, database, reader), "200 OK.*<imsx_codeMajor>success"),
        row("score", score(server, database, reader), "200 OK"),
        row("launch", plain(f"{home}/launch/{resource}"), "200 OK.*oauth_signature"),
    ]
