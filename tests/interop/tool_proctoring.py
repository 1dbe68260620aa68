"""A proctoring tool (LTI Proctoring Services 1.0, Assessment Control 1.0) on PyJWT and Flask.

It is told of its platform by POST /platform, as an administrator would. `/login` and `/launch` are what a browser meets;
`/control` lets whoever tests it control the attempt that it saw last.
"""

import argparse
import datetime
import json
import secrets
import time
from html import escape
from urllib import parse, request

import flask
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

import tool_server

AP = "https://purl.imsglobal.org/spec/lti-ap/claim/"
LTI = "https://purl.imsglobal.org/spec/lti/claim/"
CONTROL = "https://purl.imsglobal.org/spec/lti-ap/scope/control.all"
KID = "watch-1"


def page(body):
    return f"<!doctype html><title>proctoring</title>{body}"


def post(url, fields, headers, kind):
    body = json.dumps(fields) if kind.endswith("json") else parse.urlencode(fields)
    with request.urlopen(request.Request(url, body.encode(), {"Content-Type": kind, **headers})) as reply:
        return json.loads(reply.read())


def application():
    app, platform, states, seen = flask.Flask(__name__), {}, {}, {}
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def signed(claims):
        now = int(time.time())
        return jwt.encode({"iss": platform["client_id"], "iat": now, "exp": now + 60, **claims}, key, "RS256", {"kid": KID})

    def answer(claims, **said):
        """The message by which the student may begin, or not, in a form for the browser."""
        unaltered = {name: claims[name] for name in (AP + "session_data", AP + "attempt_number")}
        token = signed({
            "aud": claims["iss"], "nonce": secrets.token_hex(), LTI + "message_type": "LtiStartAssessment",
            LTI + "version": "1.3.0", LTI + "deployment_id": claims[LTI + "deployment_id"],
            LTI + "resource_link": {"id": claims[LTI + "resource_link"]["id"]}, **unaltered,
            **{AP + name: value for name, value in said.items()}})
        return f'<form method="post" action="{escape(claims[AP + "start_assessment_url"])}">' \
               f'<input type="hidden" name="JWT" value="{token}">'

    @app.post("/platform")
    def meet():
        platform.update(flask.request.get_json())
        return {}

    @app.get("/jwks")
    def keys():
        public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
        return {"keys": [{**public, "kid": KID, "use": "sig", "alg": "RS256"}]}

    @app.post("/login")
    def login():
        said, state, nonce = flask.request.form, secrets.token_hex(), secrets.token_hex()
        states[state] = nonce
        asked = {
            "scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
            "client_id": said["client_id"], "redirect_uri": said["target_link_uri"], "state": state, "nonce": nonce,
            "login_hint": said["login_hint"], "lti_message_hint": said["lti_message_hint"]}
        return flask.redirect(f'{platform["auth_login_url"]}?{parse.urlencode(asked)}')

    @app.post("/launch")
    def launch():
        said = flask.request.form
        if "error" in said:
            return f"refused: {said['error']}: {said.get('error_description')}", 401
        public = jwt.PyJWKClient(platform["key_set_url"]).get_signing_key_from_jwt(said["id_token"])
        claims = jwt.decode(
            said["id_token"], public, ["RS256"], audience=platform["client_id"], issuer=platform["issuer"])
        assert claims["nonce"] == states.pop(said["state"]), "another nonce"
        attempt, name = claims[AP + "attempt_number"], escape(claims.get("name", "somebody"))
        if claims[LTI + "message_type"] == "LtiEndAssessment":
            back = escape(claims[LTI + "launch_presentation"]["return_url"])
            return page(f'<h1>Attempt {attempt} has ended</h1><a href="{back}">Leave</a>')
        assert claims[LTI + "message_type"] == "LtiStartProctoring", claims
        seen.update(claims)
        return page(f"<h1>Are you {name}, attempt {attempt}?</h1>"
                    f"{answer(claims, end_assessment_return=True)}<button>Here I am</button></form>"
                    f"{answer(claims, errormsg='Show your face')}<button>I hide my face</button></form>")

    @app.post("/control")
    def control():
        client = platform["client_id"]
        assertion = signed({"sub": client, "aud": platform["auth_token_url"], "jti": secrets.token_hex()})
        token = post(platform["auth_token_url"], {
            "grant_type": "client_credentials", "scope": CONTROL, "client_assertion": assertion,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        }, {}, "application/x-www-form-urlencoded")["access_token"]
        said = {
            "user": {"iss": seen["iss"], "sub": seen["sub"]}, "attempt_number": seen[AP + "attempt_number"],
            "resource_link": {"id": seen[LTI + "resource_link"]["id"]}, **flask.request.get_json(),
            "incident_time": datetime.datetime.now(datetime.timezone.utc).isoformat()}
        return post(seen[AP + "acs"]["assessment_control_url"], said, {"Authorization": f"Bearer {token}"},
                    "application/vnd.ims.lti-ap.v1.control+json")

    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    given = parser.parse_args()
    tool_server.listen(application(), given.port)


if __name__ == "__main__":
    main()
