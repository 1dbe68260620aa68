"""The two databases, new and empty, with the durability that a server in production has."""

import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import time
from pathlib import Path

DAY = 86_400
KEYS_IN_A_COMMIT = 64


class Sqlite:
    """A file on a disk. The server itself sets synchronous = FULL."""

    name = "sqlite"

    def __init__(self, folder):
        self.path = folder / "examlink.db"
        self.url = f"sqlite://{self.path}"

    def query(self, sql):
        with sqlite3.connect(self.path, timeout=60) as connection:
            # A database is filled by one statement, whose pages should stay in memory until it ends.
            connection.execute("PRAGMA cache_size = -2000000")
            rows = connection.execute(sql).fetchall()
        connection.close()
        return [[str(value) for value in row] for row in rows]

    def columns(self, table):
        return [name for name, in self.query(f"SELECT name FROM pragma_table_info('{table}')")]

    def add_nonces(self, count):
        """Spent nonces as they stand in the log: 16 bytes each, a commit at a time."""
        today = int(time.time()) // DAY
        rows = ((today, os.urandom(16 * KEYS_IN_A_COMMIT)) for _ in range(count // KEYS_IN_A_COMMIT))
        with sqlite3.connect(self.path) as connection:
            connection.executemany("INSERT INTO nonce_log (day, keys) VALUES (?, ?)", rows)
        connection.close()

    def processes(self):
        return []


class Postgres:
    """A database of its own in a cluster."""

    name = "postgres"

    def __init__(self, cluster):
        self.cluster = cluster
        self.database = f"bench_{secrets.token_hex(4)}"
        cluster.query("postgres", f"CREATE DATABASE {self.database}")
        self.url = f"postgres://examlink:{cluster.password}@127.0.0.1:{cluster.port}/{self.database}"

    def query(self, sql):
        return self.cluster.query(self.database, sql)

    def columns(self, table):
        return [name for name, in self.query(
            f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' ORDER BY ordinal_position")]

    def add_nonces(self, count):
        expires_at = (int(time.time()) + DAY) * 1_000_000
        self.query("INSERT INTO nonces SELECT decode(md5(random()::text || n), 'hex'), "
                   f"{expires_at} FROM generate_series(1, {count}) n")
        self.query("VACUUM ANALYZE nonces")

    def processes(self):
        return self.cluster.processes()


class Cluster:
    """A throw-away PostgreSQL server as `initdb` configures it: fsync and synchronous_commit are on."""

    # Of the write-ahead log, in segments of 16 MB: more than any measurement writes.
    LOG_SEGMENTS = 48

    def __init__(self, folder):
        self.folder = folder / "postgres"
        self.folder.mkdir()
        self.password = secrets.token_hex(16)
        self.port = free_port()
        password_file = self.folder / "password"
        password_file.write_text(self.password)
        if os.geteuid() == 0:
            for path in (self.folder, password_file):
                shutil.chown(path, "postgres", "postgres")
        self._run("initdb", "--pgdata", self.folder / "data", "--username", "examlink", "--pwfile", password_file,
                  "--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-instructions")
        settings = f"-c listen_addresses=127.0.0.1 -p {self.port} -k {self.folder}"
        self._run("pg_ctl", "start", "--pgdata", self.folder / "data", "--log", self.folder / "log", "--wait",
                  "--options", settings)
        self._fill_log()

    def _fill_log(self):
        """A new server makes each segment of its log when it needs it, and every commit waits for 16 MB of zeros. One
        that has run for a while uses old segments again; after this, so does ours."""
        self.query("postgres", "SELECT count(pg_logical_emit_message(false, 'bench', repeat('-', 16000000))) "
                               f"FROM generate_series(1, {self.LOG_SEGMENTS})")
        self.query("postgres", "CHECKPOINT")

    def query(self, database, sql):
        command = ["psql", "--no-psqlrc", "--tuples-only", "--no-align", "--field-separator=\t",
                   "--set=ON_ERROR_STOP=1", "--host=127.0.0.1", f"--port={self.port}", "--username=examlink",
                   f"--dbname={database}", f"--command={sql}"]
        environment = {**os.environ, "PGPASSWORD": self.password}
        done = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def processes(self):
        first = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return [first, *map(int, children)]

    def stop(self):
        self._run("pg_ctl", "stop", "--pgdata", self.folder / "data", "--mode", "immediate")

    @staticmethod
    def _run(program, *arguments):
        """PostgreSQL refuses to run as root; another user runs it as themselves."""
        command = [postgres_programs() / program, *arguments]
        user = "postgres" if os.geteuid() == 0 else None
        # The server would keep a pipe open for as long as it lives.
        subprocess.run(command, user=user, group=user, cwd="/", check=True, stdout=subprocess.DEVNULL)


def postgres_programs():
    """Debian keeps the server's programs out of PATH, in one folder for each version."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].parent if found else None


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
