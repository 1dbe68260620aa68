"""An LTI 1.3 tool that keeps its state at the platform (`lti_storage_target`), because a browser may take no cookie from it.

The token is verified by PyJWT. It is told of its platform by POST /platform, as an administrator would.
"""

import argparse
import json
import secrets
from urllib.parse import urlencode, urlsplit

import flask
import jwt

import tool_server

# Asks the frame around this one, and takes an answer from the platform alone.
SCRIPT = """
const {origin, subject, key, value, next, expected} = JSON.parse(document.body.dataset.asked);
const message_id = crypto.randomUUID();
addEventListener("message", (event) => {
  if (event.origin !== origin || event.data.message_id !== message_id) return;
  if (next) location.href = next;
  else document.querySelector("h1").textContent = event.data.value === expected
    ? "verified without a cookie" : "another state: " + JSON.stringify(event.data);
});
parent.postMessage({subject, message_id, key, value}, origin);
"""


def page(heading, asked):
    data = json.dumps(asked).replace("&", "&amp;").replace('"', "&quot;")
    return f'<!doctype html><title>tool</title><body data-asked="{data}"><h1>{heading}</h1><script>{SCRIPT}</script>'


def application():
    app, platform = flask.Flask(__name__), {}

    def origin():
        parts = urlsplit(platform["auth_login_url"])
        return f"{parts.scheme}://{parts.netloc}"

    @app.post("/platform")
    def meet():
        platform.update(flask.request.get_json())
        return {}

    @app.post("/login")
    def login():
        said = flask.request.form
        if said.get("lti_storage_target") != "_parent":
            return "the platform offers no storage", 400
        state, nonce = secrets.token_hex(), secrets.token_hex()
        asked = {
            "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
            "client_id": platform["client_id"], "redirect_uri": flask.request.url_root + "launch",
            "state": state, "nonce": nonce, "login_hint": said["login_hint"],
            "lti_message_hint": said["lti_message_hint"],
        }
        where = f'{platform["auth_login_url"]}?{urlencode(asked)}'
        return page("asking", {"origin": origin(), "subject": "lti.put_data", "key": state, "value": nonce, "next": where})

    @app.post("/launch")
    def launch():
        said = flask.request.form
        if "error" in said:
            return f"refused: {said['error']}: {said.get('error_description')}", 401
        key = jwt.PyJWKClient(platform["key_set_url"]).get_signing_key_from_jwt(said["id_token"])
        claims = jwt.decode(said["id_token"], key, ["RS256"], audience=platform["client_id"], issuer=platform["issuer"])
        return page("checking", {
            "origin": origin(), "subject": "lti.get_data", "key": said["state"], "expected": claims["nonce"]})

    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    given = parser.parse_args()
    tool_server.listen(application(), given.port)


if __name__ == "__main__":
    main()
