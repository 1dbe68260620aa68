"""What the two LTI tools share: command line, server, and the two answers.

A tool takes a POST on every path and answers JSON: 200 when it accepts the launch, 401 and a reason when it refuses it.
A refused launch does not spend its nonce, so one signed form can be sent changed, then as it was, then once more as a replay.
"""

import argparse
import logging
import threading

import flask
from werkzeug.serving import make_server


class LaunchRequest(flask.Request):
    @property
    def url(self):
        """The URL as it was asked for: the signature covers these bytes, and Flask's own `url` is a re-encoded one.

        The host is lower-cased as browsers do and RFC 5849 section 3.4.1.2 wants; PyLTI leaves it as it came.
        """
        return f"{self.scheme}://{self.host.lower()}{self.environ['REQUEST_URI']}"


def application():
    app = flask.Flask(__name__)
    app.request_class = LaunchRequest
    app.url_map.merge_slashes = False
    return app


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--key", required=True, help="the consumer key")
    parser.add_argument("--secret", required=True, help="the consumer secret")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    return parser.parse_args()


def accepted():
    form = flask.request.form.to_dict()
    named = {name: form.get(name) for name in ("user_id", "resource_link_id", "roles")}
    return {"verified": True, **named, "params": form}


def refused(reason):
    return {"verified": False, "reason": reason}, 401


def nonce():
    """What makes a launch unique: a second one with the same three values is a replay."""
    return tuple(flask.request.form.get(f"oauth_{part}") for part in ("consumer_key", "timestamp", "nonce"))


def serve(app, launch, port):
    """Serves `launch` on every path, one launch at a time, until the process is ended."""
    turn = threading.Lock()

    def take_turn(path=""):
        with turn:
            return launch()

    app.add_url_rule("/", view_func=take_turn, methods=["POST"])
    app.add_url_rule("/<path:path>", view_func=take_turn, methods=["POST"])
    listen(app, port)


def listen(app, port):
    """Serves an application, and says where, until the process is ended; port 0 takes a free one."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Threads, because browsers hold spare connections open.
    server = make_server("127.0.0.1", port, app, threaded=True)
    print(f"listening on http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()
