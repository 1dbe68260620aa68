"""Server processes: started, found at their port, and read out of /proc."""

import base64
import hmac
import json
import os
import secrets
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")

MASTER_KEY = base64.b64encode(secrets.token_bytes(32)).decode()

SEED = """
superuser = {{ name = "Superuser", email = "superuser@{name}.example" }}
institute = {{ name = "{name}", short_name = "{name}" }}
administrator = {{ name = "Administrator", email = "administrator@{name}.example" }}
teacher = {{ name = "Teacher", email = "teacher@{name}.example" }}
student = {{ name = "Student", email = "student@{name}.example" }}
[tool_provider]
name = "Quiz"
url = "https://quiz.example/launch?course=7"
consumer_key = "bench"
resource = "Question 1"
[exam]
name = "Algebra"
type = "demo"
duration_minutes = 600
instructions = "<p>{{tool}}</p>"
"""


class Server:
    """A running process that said on its first line where it listens."""

    def __init__(self, command, environment, log):
        self.started = time.monotonic()
        with open(log, "a") as errors:
            self.process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=subprocess.PIPE,
                                            stderr=errors, text=True)
        line = self.process.stdout.readline()
        if not line.startswith("listening on "):
            raise SystemExit(f"{command[0]} did not start: {Path(log).read_text()[-2000:]}")
        self.address = line.split()[-1]

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def peak_megabytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def seconds_to_answer(self, path):
        """From the start of the process to its first answer."""
        status, _ = fetch(self.address + path)
        if status != 200:
            raise SystemExit(f"{path} answered {status}")
        return time.monotonic() - self.started

    def stop(self):
        self.process.terminate()
        self.process.wait()


def hello(programs, folder):
    return Server([programs / "hello"], {}, folder / "hello.log")


def examlink(programs, folder, database, settings=None):
    started = {**environment(database), **(settings or {})}
    return Server([programs / "examlink", "serve"], started, folder / f"{database.name}.log")


def environment(database):
    return {"EXAMLINK_DATABASE_URL": database.url, "EXAMLINK_MASTER_KEY": MASTER_KEY,
            "EXAMLINK_REQUESTS_PER_SECOND": "0", "EXAMLINK_FAILURES_PER_SECOND": "0", "EXAMLINK_LISTEN": "127.0.0.1:0",
            "EXAMLINK_PUBLIC_URL": "https://exams.example"}


def seed(programs, folder, database, name):
    """One institute with all that a launch needs; returns what the command printed."""
    path = folder / f"{name}.toml"
    path.write_text(SEED.format(name=name))
    done = subprocess.run([programs / "examlink", "seed", path], env={**os.environ, **environment(database)},
                          check=True, capture_output=True, text=True)
    return json.loads(done.stdout)


def copy_exams(database, exam, count):
    """Fills up with copies of one exam; returns the ids of all of them."""
    columns = ", ".join(name for name in database.columns("exams") if name != "id")
    database.query(f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) "
                   f"INSERT INTO exams ({columns}) SELECT {columns} FROM exams, n WHERE id = {exam}")
    if database.name == "postgres":
        database.query("VACUUM ANALYZE")
    institute = f"(SELECT institute_id FROM exams WHERE id = {exam})"
    return [int(row[0]) for row in database.query(f"SELECT id FROM exams WHERE institute_id = {institute}")]


def copy_sessions(database, session, count):
    """Fills up with sessions of other students like one of them; returns the id and the student's id of all of them."""
    made = secrets.token_hex(4)
    other = {name: f"'{made}-' || i || {name}" for name in ("email", "token_hash", "student_id")}
    names = [name for name in database.columns("student_sessions") if name != "id"]
    values = ", ".join(other.get(name, name) for name in names)
    database.query(f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count - 1}) "
                   f"INSERT INTO student_sessions ({', '.join(names)}) SELECT {values} FROM student_sessions, n "
                   f"WHERE id = {session}")
    exam = f"(SELECT exam_id FROM student_sessions WHERE id = {session})"
    found = database.query(f"SELECT id, student_id FROM student_sessions WHERE exam_id = {exam}")
    return [(int(number), student) for number, student in found]


def ticket(purpose, text):
    """What the server's master key makes of a text."""
    key = hmac.digest(base64.b64decode(MASTER_KEY), b"examlink tickets", "sha256")
    return hmac.digest(key, purpose.encode() + b"\0" + text.encode(), "sha256")[:16].hex()


def cpu_seconds(pid):
    """User and system time of a process, and of the children that it has waited for."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / TICKS


def fetch(url, method="GET", headers=None):
    """Status and body, redirects not followed."""
    request = urllib.request.Request(url, method=method, headers=headers or {}, data=b"" if method == "POST" else None)
    opener = urllib.request.build_opener(Stay)
    try:
        with opener.open(request, timeout=30) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None
