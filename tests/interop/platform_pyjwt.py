"""A platform of LTI 1.3 on PyJWT alone: strict where `lti1p3platform` is not. Its one tool is at --tool.

GET /launch?user=&role=&message=&manner=&members=&custom=
                                                    begins a launch, or with message=deep_link a choice of content
GET /course?storage=&...                            a course page with the tool in a frame; storage names the frame that
                                                    keeps the state of tools: _parent, or another one in that page
GET /seen                                           what came in, as JSON
POST /revoke                                        ends every access token
GET /register?url=                                  the tool's registration page with a token, as a redirect

The manner says how scores are taken: ok, later (503 once), refuses (403), items (the launch names the course's line
items alone), pages (the same, and they are listed one to a page, whatever is asked for). members says how the course's
members are listed: course (two to a page), all (in one page, whatever is asked for), refuses (403), broken (no JSON),
slow, endless (each page leads to the next), elsewhere (the next page is of another origin), or at which URL; without it
they are not.
"""

import argparse
import html
import json
import logging
import secrets
import threading
import time
from datetime import datetime
from urllib.parse import urlencode

import flask
import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from werkzeug.serving import make_server

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
AGS = "https://purl.imsglobal.org/spec/lti-ags/"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CLIENT, DEPLOYMENT = "client-1", "d-1"
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/"
MEMBERS = f"{NRPS}scope/contextmembership.readonly"
SCOPES = [f"{AGS}scope/lineitem", f"{AGS}scope/score", MEMBERS]
OTHER_ITEMS = [{"id": f"http://localhost/{name}", "label": name, "scoreMaximum": 10} for name in ("quiz", "essay")]
COURSE = [
    {"user_id": "249", "roles": [f"{ROLE}Learner"], "status": "Active", "name": "Sam Student"},
    {"user_id": "9", "roles": [f"{ROLE}Instructor"], "status": "Active", "name": "Ida Instructor"},
    {"user_id": "1", "roles": [f"{ROLE}Learner"], "status": "Active", "name": "Zoë <b>Zuse</b>"},
    {"user_id": "2", "roles": [f"{ROLE}Learner"], "given_name": "Bob", "family_name": "Bell"},
    {"user_id": "3", "roles": [f"{ROLE}Learner"], "status": "Inactive", "name": "Lea Left"},
    {"user_id": "4", "roles": [f"{ROLE}Learner", f"{ROLE}Instructor"], "status": "Active", "name": "Tom Tutor"},
    {"user_id": "5", "roles": [f"{ROLE}Mentor"], "status": "Active", "name": "Max Mentor"},
    {"user_id": "6", "roles": [f"{ROLE}Learner"], "status": "Active"},
    {"user_id": "7", "roles": ["Learner"], "status": "Active", "name": " ", "email": "ada@example.edu"},
]

# Keeps what each origin asks it to, and shows what it heard.
STORAGE = """<!DOCTYPE html><meta charset="utf-8"><h1>The course heard</h1><script>
const kept = new Map();
addEventListener("message", ({data: {subject, message_id, key, value}, origin, source}) => {
  document.querySelector("h1").textContent += ` ${subject}`;
  if (subject === "lti.put_data") kept.set(`${origin} ${key}`, value);
  value = kept.get(`${origin} ${key}`) ?? null;
  source.postMessage({subject: `${subject}.response`, message_id, key, value}, origin);
});
</script>"""


def application(tool, origin):
    app, turn = flask.Flask(__name__), threading.Lock()
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    known = {"client": CLIENT, "redirect": f"{tool}/lti/1.3/launch", "login": f"{tool}/lti/1.3/login",
             "jwks": f"{tool}/.well-known/jwks.json", "registration": None}
    hints, tokens, spent, latest = {}, {}, set(), {}
    seen = {"calls": [], "scores": {}, "items": [], "content_items": None, "tokens": 0, "members": [],
            "registrations": []}

    def tool_says(token, audience):
        """What the tool signs with one of its keys, now, for us, and for the first time."""
        found = jwt.PyJWKClient(known["jwks"], cache_keys=False).get_signing_key_from_jwt(token)
        said = jwt.decode(token, found.key, algorithms=["RS256"], audience=audience,
                          options={"require": ["exp", "iat", "iss", "aud"]})
        once = said.get("jti") or said.get("nonce")
        if said["iss"] != known["client"] or not once or once in spent:
            raise jwt.InvalidTokenError("not the tool's, or used before")
        spent.add(once)
        return said

    @app.errorhandler(jwt.PyJWTError)
    def refused(error):
        return {"error": "invalid_client", "error_description": str(error)}, 400

    @app.get("/jwks")
    def keys():
        public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
        return {"keys": [public | {"kid": "k-1", "alg": "RS256", "use": "sig"}]}

    @app.get("/launch")
    def launch():
        hint = secrets.token_urlsafe()
        hints[hint] = flask.request.args.to_dict()
        storage = {"lti_storage_target": hints[hint]["storage"]} if "storage" in hints[hint] else {}
        return flask.redirect(known["login"] + "?" + urlencode({
            "iss": origin, "login_hint": hints[hint].get("user", "249"), "target_link_uri": known["redirect"],
            "lti_message_hint": hint, "client_id": known["client"], "lti_deployment_id": DEPLOYMENT} | storage))

    @app.get("/storage")
    def storage():
        return STORAGE

    @app.get("/course")
    def course():
        storage, query = flask.request.args.get("storage"), html.escape(flask.request.query_string.decode())
        if storage in (None, "_parent"):
            page = STORAGE if storage else '<!DOCTYPE html><meta charset="utf-8"><h1>The course</h1>'
            return f'{page}<iframe src="/launch?{query}"></iframe>'
        # The tool comes once the storage is there.
        return (f'<!DOCTYPE html><meta charset="utf-8"><iframe></iframe><iframe name="{html.escape(storage)}" src="/storage" '
                f'''onload="document.querySelector('iframe').src = '/launch?{query}'"></iframe>''')

    @app.get("/auth")
    def authorize():
        asked = flask.request.args
        wanted = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none",
                  "client_id": known["client"], "redirect_uri": known["redirect"]}
        if any(asked.get(name) != value for name, value in wanted.items()) or not asked.get("nonce"):
            return "the tool asks what it must not", 400
        said = hints.pop(asked["lti_message_hint"], None)
        if said is None or asked["login_hint"] != said.get("user", "249"):
            return "nobody is logged in so", 400
        token = jwt.encode(message(said) | {"nonce": asked["nonce"]}, key, "RS256", {"kid": "k-1"})
        fields = {"id_token": token, "state": asked["state"]}
        inputs = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                         for name, value in fields.items())
        return (f'<!DOCTYPE html><meta charset="utf-8"><form action="{known["redirect"]}" method="post">{inputs}'
                "</form><script>document.forms[0].submit()</script>")

    def message(said):
        now = int(time.time())
        claims = {
            "iss": origin, "aud": known["client"], "iat": now, "exp": now + 300, "sub": said.get("user", "249"),
            "name": said.get("name", "Sam Student"), f"{CLAIM}version": "1.3.0", f"{CLAIM}deployment_id": DEPLOYMENT,
            f"{CLAIM}target_link_uri": known["redirect"], f"{CLAIM}roles": [ROLE + said.get("role", "Learner")],
            f"{CLAIM}context": {"id": "course-1", "title": "Mathematics"},
        }
        if said.get("message") == "deep_link":
            settings = {"deep_link_return_url": f"{origin}/return", "accept_types": ["ltiResourceLink"],
                        "accept_presentation_document_targets": ["iframe"], "accept_multiple": True,
                        "accept_lineitem": True, "data": "d & 1"}
            return claims | {f"{CLAIM}message_type": "LtiDeepLinkingRequest",
                             f"{DEEP_LINKING}deep_linking_settings": settings}
        manner = said.get("manner", "ok")
        place = {"lineitems": f"{origin}/lineitems?manner={manner}"}
        if manner not in ("items", "pages"):
            place["lineitem"] = f"{origin}/lineitems/{manner}?course=1"
        if "members" in said:
            listed = said["members"]
            url = listed if listed.startswith("http") else f"{origin}/members/{listed}?course=1&look={said.get('look')}"
            claims[f"{NRPS}claim/namesroleservice"] = {"context_memberships_url": url, "service_versions": ["2.0"]}
        return claims | {
            f"{CLAIM}message_type": "LtiResourceLinkRequest", f"{CLAIM}resource_link": {"id": "link-1"},
            f"{CLAIM}custom": json.loads(said.get("custom", "{}")),
            f"{AGS}claim/endpoint": {"scope": SCOPES, **place}}

    @app.post("/return")
    def chosen():
        said = tool_says(flask.request.form["JWT"], origin)
        if said[f"{CLAIM}deployment_id"] != DEPLOYMENT or said[f"{DEEP_LINKING}data"] != "d & 1":
            return "this is no answer to what was asked", 400
        seen["content_items"] = said[f"{DEEP_LINKING}content_items"]
        titles = ", ".join(html.escape(item["title"]) for item in seen["content_items"])
        return f'<!DOCTYPE html><meta charset="utf-8"><h1>The course has {titles}</h1>'

    @app.post("/token")
    def token():
        form = flask.request.form
        kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
        if form["grant_type"] != "client_credentials" or form["client_assertion_type"] != kind:
            return {"error": "unsupported_grant_type"}, 400
        said = tool_says(form["client_assertion"], f"{origin}/token")
        if said["sub"] != said["iss"]:
            return {"error": "invalid_client"}, 400
        granted = [scope for scope in form["scope"].split() if scope in SCOPES]
        made = secrets.token_urlsafe()
        tokens[made] = granted
        seen["tokens"] += 1
        return {"access_token": made, "token_type": "Bearer", "expires_in": 3600, "scope": " ".join(granted)}

    @app.post("/revoke")
    def revoke():
        tokens.clear()
        return {}

    def may(scope):
        bearer = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
        if bearer not in tokens:
            flask.abort(401)
        if scope not in tokens[bearer]:
            flask.abort(403)

    def typed(body, media_type, status=200):
        return flask.Response(json.dumps(body), status, content_type=f"application/vnd.ims.lis.v2.{media_type}+json")

    @app.get("/members/<manner>")
    def members(manner):
        asked, bearer = flask.request.args, flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
        page = int(asked.get("page", 0))
        seen["members"].append(asked.to_dict() | {"manner": manner, "known_token": bearer in tokens})
        may(MEMBERS)
        kind = "application/vnd.ims.lti-nrps.v2.membershipcontainer+json"
        if flask.request.headers.get("Accept") != kind:
            return "another media type", 406
        if manner == "refuses":
            return "not <here>", 403
        if manner == "broken":
            return "[" * 200_000, 200
        if manner == "slow":
            time.sleep(8)
        listed = COURSE
        if manner != "all":
            listed = [member for member in COURSE if {asked["role"], asked["role"].split("#")[-1]} & {*member["roles"]}]
        last = page + 1 >= len(listed) / 2
        shown = listed if manner == "all" else listed[page * 2:page * 2 + 2]
        answer = flask.Response(json.dumps({
            "id": f"{origin}/members/{manner}", "context": {"id": "course-1"}, "members": shown}), content_type=kind)
        there = origin.replace("localhost", "127.0.0.1") if manner == "elsewhere" else origin
        if manner == "endless" or manner != "all" and not last:
            query = urlencode(asked.to_dict() | {"page": page + 1})
            answer.headers["Link"] = f'<{there}/members/{manner}?{query}>; rel="next"'
        return answer

    @app.get("/lineitems")
    def line_items():
        may(f"{AGS}scope/lineitem")
        asked = flask.request.args
        if asked["manner"] == "pages":
            page, items = int(asked.get("page", 0)), [*OTHER_ITEMS, *seen["items"]]
            answer = typed(items[page:page + 1], "lineitemcontainer")
            if page + 1 < len(items):
                answer.headers["Link"] = f'<?{urlencode(asked.to_dict() | {"page": page + 1})}>; rel="next"'
            return answer
        wanted = asked.get("resource_id")
        return typed([item for item in seen["items"] if wanted in (None, item.get("resourceId"))], "lineitemcontainer")

    @app.post("/lineitems")
    def create_line_item():
        may(f"{AGS}scope/lineitem")
        if flask.request.content_type != "application/vnd.ims.lis.v2.lineitem+json":
            return "another media type", 415
        # As slow as a gradebook is.
        time.sleep(0.3)
        item = flask.request.get_json(force=True) | {"id": f"{origin}/lineitems/made-{len(seen['items'])}"}
        seen["items"].append(item)
        return typed(item, "lineitem", 201)

    @app.post("/lineitems/<name>/scores")
    def score(name):
        with turn:
            if flask.request.content_type != "application/vnd.ims.lis.v1.score+json":
                return "another media type", 415
            said = flask.request.get_json(force=True)
            bearer = flask.request.headers.get("Authorization", "").removeprefix("Bearer ")
            seen["calls"].append(said | {"item": name, "query": flask.request.query_string.decode(),
                                         "known_token": bearer in tokens})
            may(f"{AGS}scope/score")
            if name == "later" and sum(call["item"] == name for call in seen["calls"]) == 1:
                return "come again", 503
            if name == "refuses":
                return "nobody <here> is called so", 403
            at, place = datetime.fromisoformat(said["timestamp"]), (name, said["userId"])
            if place in latest and latest[place] >= at:
                return "a later score is here", 409
            latest[place] = at
            seen["scores"].setdefault(name, {})[said["userId"]] = (
                said["scoreGiven"] / said["scoreMaximum"] if "scoreGiven" in said else None)
            return flask.Response(status=204)

    @app.get("/seen")
    def shown():
        return seen

    @app.get("/.well-known/openid-configuration")
    def configuration():
        return {
            "issuer": origin, "authorization_endpoint": f"{origin}/auth", "token_endpoint": f"{origin}/token",
            "token_endpoint_auth_methods_supported": ["private_key_jwt"], "jwks_uri": f"{origin}/jwks",
            "registration_endpoint": f"{origin}/registrations", "scopes_supported": ["openid", *SCOPES],
            "response_types_supported": ["id_token"], "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "claims_supported": ["sub", "name"],
            "https://purl.imsglobal.org/spec/lti-platform-configuration": {
                "product_family_code": "moodle", "version": "4.5",
                "messages_supported": [{"type": "LtiResourceLinkRequest"}], "variables": []}}

    @app.get("/register")
    def register():
        known["registration"] = secrets.token_urlsafe()
        asked = urlencode({"openid_configuration": f"{origin}/.well-known/openid-configuration",
                           "registration_token": known["registration"]})
        listen = ('<!DOCTYPE html><meta charset="utf-8"><h1>Add a tool</h1><script>addEventListener("message", (event) => '
                  '{ document.querySelector("h1").textContent = event.data.subject; })</script>')
        return f'{listen}<iframe src="{html.escape(flask.request.args["url"])}?{html.escape(asked)}"></iframe>'

    @app.post("/registrations")
    def registrations():
        bearer, known["registration"] = known["registration"], None
        if bearer is None or flask.request.headers.get("Authorization") != f"Bearer {bearer}":
            return {"error": "invalid_token", "error_description": "the registration token is unknown or spent"}, 401
        said = flask.request.get_json()
        seen["registrations"].append(said)
        known.update(login=said["initiate_login_uri"], redirect=said["redirect_uris"][0], jwks=said["jwks_uri"])
        tool = said[TOOL] | {"deployment_id": DEPLOYMENT}
        return said | {"client_id": known["client"], TOOL: tool}, 201

    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tool", required=True, help="where the tool is")
    given = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # The issuer holds the port, which is known once the server has taken it.
    server = make_server("127.0.0.1", 0, flask.Flask(__name__), threaded=True)
    origin = f"http://localhost:{server.port}"
    server.app = application(given.tool, origin)
    print(f"listening on {origin}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
