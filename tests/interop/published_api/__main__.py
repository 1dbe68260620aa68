"""A client of the published API, version 3, written from its documents alone. It calls everything.

    python published_api ORIGIN TOKEN SECRET

TOKEN and SECRET are a superuser's on a server without institutes, whose e-mail goes somewhere. Prints each row of the
published tables that it has shown, and at the end the calls that succeeded. Stops at the first thing that is not so.
"""
import sys

import documents, exams, institutes, problems, roles, sessions, signing, steps, tools, transport, users
from caller import Caller


class Stage:
    """The callers and the rows that the parts share."""

    def __init__(self, origin, token, secret):
        self.superuser = Caller(origin, token, secret)
        self.callers = [self.superuser]

    def caller(self, view):
        """The user of an answer that carries credentials."""
        caller = Caller(self.superuser.origin, view["api_token"], view["secret_key"])
        self.callers.append(caller)
        return caller


if __name__ == "__main__":
    stage = Stage(*sys.argv[1:])
    for part in (institutes, users, exams, tools, documents, sessions, roles, transport, signing, problems, steps):
        part.show(stage)
    for call in sorted(set().union(*(caller.succeeded for caller in stage.callers))):
        print("call", call)
