"""A platform of LTI 1.3 on PyPI `lti1p3platform` and Flask. Its one tool is at --tool. The library keeps no state, checks
neither redirect_uri nor the times of scores, and forgets who asked: `platform_pyjwt.py` does all that.

GET /launch?user=&role=&message=   begins a launch, or with message=deep_link a choice of content
GET /seen                          what came in, as JSON
"""

import argparse
import html
import logging

import flask
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.membership import Context
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request
from lti1p3platform.score import UpdateScoreStatus
from lti1p3platform.service_connector import AssignmentsGradesService, NamesRoleProvisioningService
from werkzeug.serving import make_server

ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership#"


def key_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


class FlaskRequest(Request):
    def build_metadata(self, request):
        return {
            "method": request.method, "form_data": request.form.to_dict(), "get_data": request.args.to_dict(),
            "headers": request.headers, "content_type": request.content_type, "path": request.path,
            "json": request.get_json(force=True, silent=True)}


class Platform(LTI1P3PlatformConfAbstract):
    def init_platform_config(self, registration):
        self._registration = registration

    def get_registration_by_params(self, **kwargs):
        return self._registration


class Login(OIDCLoginAbstract):
    def set_lti_message_hint(self, hint):
        self._lti_message_hint = hint

    def get_redirect(self, url):
        return flask.redirect(url)


class Launch(LTIAdvantageMessageLaunchAbstract):
    def render_launch_form(self, launch_data, **kwargs):
        url = launch_data.pop("launch_url")
        inputs = "".join(f'<input type="hidden" name="{name}" value="{html.escape(value)}">'
                         for name, value in launch_data.items())
        return (f'<!DOCTYPE html><meta charset="utf-8"><form action="{url}" method="post">{inputs}</form>'
                "<script>document.forms[0].submit()</script>")


class Gradebook(AssignmentsGradesService):
    """The parts of the gradebook that the library leaves to the host."""

    def __init__(self, seen, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.seen = seen

    def update_score(self, line_item_id, score):
        self.seen["scores"][score["userId"]] = score["scoreGiven"] / score["scoreMaximum"]
        return UpdateScoreStatus.SUCCESS

    def find_lineitems(self, **kwargs):
        raise NotImplementedError

    find_lineitem = create_lineitem = update_lineitem = delete_lineitem = get_results = find_lineitems


class Roster(NamesRoleProvisioningService):
    def get_member_data_page(self, role=None, **kwargs):
        members = [{"user_id": "249", "roles": [f"{ROLE}Learner"], "name": "Sam Student"},
                   {"user_id": "250", "roles": [f"{ROLE}Learner"], "name": "Kim Kaas"},
                   {"user_id": "9", "roles": [f"{ROLE}Instructor"], "name": "Ida Instructor"}]
        return {"content": [member for member in members if role in (None, *member["roles"])], "has_next": False}

    def get_context_by_id(self):
        return Context("course-1", "M1", "Mathematics")


def application(tool, origin):
    app = flask.Flask(__name__)
    private, public = key_pair()
    registration = Registration()
    registration.set_iss(origin).set_client_id("client-2").set_deployment_id("d-2")
    registration.set_launch_url(f"{tool}/lti/1.3/launch").set_deeplink_launch_url(f"{tool}/lti/1.3/launch")
    registration.set_oidc_login_url(f"{tool}/lti/1.3/login").set_tool_key_set_url(f"{tool}/.well-known/jwks.json")
    registration.set_platform_private_key(private).set_platform_public_key(public)
    platform = Platform(registration=registration)
    seen = {"scores": {}, "content_items": None}

    @app.get("/jwks")
    def keys():
        return platform.get_jwks()

    @app.get("/launch")
    def launch():
        login, said = Login(flask.request, platform), flask.request.args
        login.set_lti_message_hint(f"{said.get('message', 'launch')}-{said.get('role', 'Learner')}")
        return login.initiate_login(said.get("user", "249"))

    @app.get("/auth")
    def authorize():
        message, hint = Launch(FlaskRequest(flask.request), platform), flask.request.args["lti_message_hint"]
        kind, role = hint.split("-")
        message.set_user_data(flask.request.args["login_hint"], [ROLE + role], "Sam Student")
        message.set_launch_context_claim("course-1", context_title="Mathematics")
        if kind == "deep_link":
            message.set_dl(f"{origin}/return", "Choose", accept_types={"ltiResourceLink"})
        else:
            message.set_resource_link_claim("link-1")
            message.set_ags(f"{origin}/lineitems", f"{origin}/lineitems/1")
            message.set_nrps(f"{origin}/members")
        return message.lti_launch()

    @app.post("/return")
    def chosen():
        seen["content_items"] = platform.validate_deeplinking_resp(flask.request.form.to_dict())
        return "<!DOCTYPE html><h1>The course has them</h1>"

    @app.post("/token")
    def token():
        return platform.get_access_token(flask.request.form.to_dict())

    @app.post("/lineitems/<name>/scores")
    def score(name):
        service = Gradebook(
            seen, FlaskRequest(flask.request), platform, f"{origin}/lineitems", f"{origin}/lineitems/{name}")
        answer = service.handle_resp(service.handle_update_score, line_item_id=name)
        return flask.jsonify(answer.result), answer.code

    @app.get("/members")
    def members():
        service = Roster(FlaskRequest(flask.request), platform, f"{origin}/members")
        answer = service.handle_resp(service.handle_get_members)
        return flask.jsonify(answer.result), answer.code

    @app.get("/seen")
    def shown():
        return seen

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
