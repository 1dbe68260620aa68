"""What launches by LTI 1.1 and calls of the API notice of an exam whose students all launch by LTI 1.3.

Students cost time however they launch, so they launch by LTI 1.1 too: then each makes a signed call as well, so that
both ways are two requests of which one spends a nonce. What is left between them is the signature of a token.
"""

import hashlib
import html
import itertools
import re
import secrets
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

import servers
from load import (TOOL_1P3, add_tool_1p3, encode, plain, run_wrk, session_and_resource, sign, signed_get, start_exam,
                  write_requests)

# So many students, within so many seconds.
STUDENTS, WITHIN = 1_000, 60
# Launches by LTI 1.1 and calls, each a second.
STEADY = 50
CONNECTIONS = 8


class Hall:
    """A server, and an exam with a tool of each version, which all students have begun."""

    def __init__(self, programs, folder, database):
        self.folder, self.database = folder, database
        seeded = servers.seed(programs, folder, database, "hall")
        self.server = servers.examlink(programs, folder, database)
        home, exam = start_exam(self.server, seeded), str(seeded["exam_id"])
        session, resource = session_and_resource(database, seeded)
        _, link = add_tool_1p3(self.server, seeded)
        students = itertools.cycle(add_links(database, int(session)))
        self.launches = {"1.1": (f"/sessions/{token}/launch/{resource}" for token in students),
                         "1.3": (f"/sessions/{token}/launch/{link['id']}" for token in students)}
        self.caller, self.exam = seeded["administrator"], exam
        self.steady = {
            "launch by 1.1": plain(f"{home}/launch/{resource}"),
            "signed GET": signed_get(seeded["administrator"], lambda: (f"/api/v3/exams/{exam}", {"id": exam}, {})),
        }

    def send(self, kind, seconds):
        """Sends at a steady rate, whatever is answered."""
        prefix = self.folder / f"requests {kind}"
        write_requests(prefix, self.steady[kind], STEADY * seconds * 2)
        return lambda: run_wrk(self.server.address, prefix, seconds, CONNECTIONS, 1_000 * CONNECTIONS // STEADY)

    def alone(self, seconds):
        """What wrk says of each steady kind."""
        tasks = {kind: self.send(kind, seconds) for kind in self.steady}
        with ThreadPoolExecutor() as pool:
            running = {kind: pool.submit(task) for kind, task in tasks.items()}
            return {kind: run.result() for kind, run in running.items()}

    def beside(self, version, seconds):
        """The same while students launch by a version of LTI, and the milliseconds of each of their launches."""
        paths = list(itertools.islice(self.launches[version], STUDENTS * seconds // WITHIN))
        with ThreadPoolExecutor(1) as pool:
            students = pool.submit(self.launch_all, {"1.1": self.launch_1p1, "1.3": launch_1p3}[version], paths)
            return self.alone(seconds), students.result()

    def launch_all(self, launch, paths):
        begun = time.monotonic()

        def timed(number, path):
            time.sleep(max(0, begun + number * WITHIN / STUDENTS - time.monotonic()))
            connection = HTTPConnection(urlsplit(self.server.address).netloc, timeout=30)
            started = time.monotonic()
            launch(connection, path)
            took = time.monotonic() - started
            connection.close()
            return took * 1e3

        with ThreadPoolExecutor(CONNECTIONS) as students:
            return list(students.map(timed, itertools.count(), paths))

    def launch_1p1(self, connection, path):
        """A launch, and a call of the API."""
        get(connection, path)
        query = encode(sign(self.caller, {}, {"id": self.exam}))
        token = {"Authorization": f"Token token={self.caller['api_token']}"}
        get(connection, f"/api/v3/exams/{self.exam}?{query}", token)


def add_links(database, session):
    """Students like one of them, each with a link; returns its token."""
    others = [number for number, _ in servers.copy_sessions(database, session, STUDENTS + 1) if number != session]
    tokens = [secrets.token_hex(32) for _ in others]
    hashes = ", ".join(f"({number}, '{hashlib.sha256(token.encode()).hexdigest()}')"
                       for number, token in zip(others, tokens))
    database.query(f"WITH made (id, token) AS (VALUES {hashes}) UPDATE student_sessions SET token_hash = made.token "
                   "FROM made WHERE student_sessions.id = made.id")
    return tokens


def launch_1p3(connection, path):
    """A launch as a browser and a tool make it: login, authentication request, token."""
    page, cookies = get(connection, path)
    handed = {name: html.unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', page)}
    asked = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
             "redirect_uri": TOOL_1P3["tool_url"], "state": "s", "nonce": secrets.token_hex(16)}
    asked.update((name, handed[name]) for name in ("client_id", "login_hint", "lti_message_hint"))
    page, _ = get(connection, f"/lti/1.3/authorize?{urlencode(asked)}", {"Cookie": cookies})
    if 'name="id_token"' not in page:
        raise SystemExit(f"a launch by LTI 1.3 was refused: {page[-1000:]}")


def get(connection, path, headers=None):
    """A page, and the cookies that came with it."""
    connection.request("GET", path, headers={"Host": "exams.example", **(headers or {})})
    reply = connection.getresponse()
    page = reply.read().decode()
    if reply.status != 200:
        raise SystemExit(f"{path.split('?')[0]} answered {reply.status}: {page[-1000:]}")
    return page, "; ".join(cookie.split(";")[0] for cookie in reply.headers.get_all("Set-Cookie", []))


def compare_beside(hall, rounds, seconds):
    """The least percentiles of the rounds, in which all are measured in turns, and the ratios of those beside the two
    versions. The rate is steady and far below what the server can do: whatever else the machine does only adds."""
    measured, launched = {"alone": [], "1.1": [], "1.3": []}, {"1.1": [], "1.3": []}
    for _ in range(rounds):
        measured["alone"].append(hall.alone(seconds))
        for version, times in launched.items():
            steady, took = hall.beside(version, seconds)
            measured[version].append(steady)
            times += took
    runs = [run for rounds in measured.values() for kinds in rounds for run in kinds.values()]
    if any(run["refused"] or run["broken"] for run in runs):
        raise SystemExit("steady requests were refused")
    print(f"\n{hall.database.name}: {STEADY} a second of each kind, alone and beside {STUDENTS:,} students in {WITHIN} "
          "s who launch by LTI 1.1 or by 1.3\n")
    for version, times in launched.items():
        percentiles = quantiles(times, n=100)
        print(f"two requests of a student by {version}: p50 {percentiles[49]:.1f} ms, p99 {percentiles[98]:.1f} ms")
    print(f"\n{'ms':16}{'':6}{'alone':>9}{'by 1.1':>9}{'by 1.3':>9}{'1.3 ÷ 1.1':>11}")
    for kind in hall.steady:
        for percentile in ("p50", "p99"):
            alone, old, new = (min(run[kind][percentile] / 1e3 for run in runs) for runs in measured.values())
            print(f"{kind:16}{percentile:6}{alone:9.2f}{old:9.2f}{new:9.2f}{new / old:11.2f}", flush=True)
