"""A list as a caller asks for it, on a database with one institute and on one with very many."""

import json
import random

import servers
from load import ROWS_ON_A_PAGE, Row, signed_get

EXAMS_OF_EACH = 1_000
SORTED_BY = ["id", "name", "start_time", "created_at"]
FILTER = json.dumps({"web_cam": {"eq": True}})


class Site:
    """A server on a database with so many institutes, each with as many exams."""

    def __init__(self, programs, folder, database, institutes):
        self.database = database
        self.seeded = servers.seed(programs, folder, database, "reader")
        add_institutes(database, self.seeded["exam_id"], institutes - 1)
        add_exams(database, self.seeded["exam_id"])
        self.server = servers.examlink(programs, folder, database)

    def rows(self):
        """One row for each way to ask: as an administrator, who sees the institute, and as a teacher, who sees their own."""
        ways = [{}, {"status": "open"}, {"filter": FILTER}]
        ways += [{"sort": sort(column, "asc")} for column in SORTED_BY]
        ways += [{"filter": FILTER, "sort": sort(column, "desc")} for column in SORTED_BY]
        return [self.row(who, way) for who in ("administrator", "teacher") for way in ways]

    def row(self, who, way):
        def page():
            number = random.randrange(EXAMS_OF_EACH // 2 // ROWS_ON_A_PAGE) + 1
            return "/api/v3/exams", {}, {**way, "limit": str(ROWS_ON_A_PAGE), "page": str(number)}

        bare = str.maketrans("", "", '[]{}" ')
        name = " ".join([who, *(f"{name}={value.translate(bare)}" for name, value in way.items())])
        # Atomic, or a page with a row too few would be looked through for ever.
        expected = r'200 OK(?>.*?"institute_id"){%d}' % ROWS_ON_A_PAGE
        row = Row(name, self.server, self.database.processes, signed_get(self.seeded[who], page), expected)
        # Fewer requests are written beforehand than for a bare server.
        row.rate = 2_000.0
        return row


def sort(column, way):
    return json.dumps([{column: way}])


def add_institutes(database, exam, count):
    """Institutes with one teacher each, copied from those of an exam."""
    if count == 0:
        return
    own = {"institutes": f"id = (SELECT institute_id FROM exams WHERE id = {exam})",
           "users": f"id = (SELECT user_id FROM exams WHERE id = {exam})"}
    copy(database, "institutes", {"name": "name || ' ' || i"}, f"n, institutes WHERE {own['institutes']}", count)
    # The first institute is the one that was copied.
    others = f"institutes o, users u WHERE u.{own['users']} AND o.id <> u.institute_id"
    copy(database, "users", {"institute_id": "o.id", "email": "o.id || u.email"}, others, 1, "u.")


def add_exams(database, exam):
    """Exams of every institute, in turns, as time goes by."""
    values = {
        "institute_id": "u.institute_id", "user_id": "u.id", "name": "'Exam ' || (i * 7919 % 1000)",
        "status": "CASE WHEN i % 4 = 0 THEN 'draft' ELSE 'open' END",
        "start_time": "e.created_at + i * 7919 % 1000 * 3600000000", "created_at": "e.created_at + i * 1000000",
        # Two in three, in no step with the rest.
        "web_cam": "i * 7919 % 3 > 0",
    }
    authors = "SELECT min(id) FROM users WHERE role = 'teacher' GROUP BY institute_id"
    places = f"n, users u, exams e WHERE e.id = {exam} AND u.id IN ({authors}) ORDER BY i, u.id"
    copy(database, "exams", values, places, EXAMS_OF_EACH - 1, "e.")
    if database.name == "postgres":
        database.query("VACUUM ANALYZE")


def copy(database, table, values, places, count, source=""):
    """Inserts copies of a row with other `values`; `n` counts them in `i`."""
    columns = [name for name in database.columns(table) if name != "id"]
    written = ", ".join(values.get(name, f"{source}{name}") for name in columns)
    database.query(f"WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) "
                   f"INSERT INTO {table} ({', '.join(columns)}) SELECT {written} FROM {places}")
