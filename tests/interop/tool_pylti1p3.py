"""An LTI 1.3 tool on PyPI `PyLTI1p3` and Flask. It is told of its platform by POST /platform, as an administrator would;
on its fork `pylti1p3next`, which knows Dynamic Registration, a platform's administrator registers it at /register.

`/login` and `/launch` are what a browser meets; `/launches/<id>/…` lets whoever tests it use the services of a launch.
"""

import argparse
import datetime
import secrets

import flask
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from flask_caching import Cache
from pylti1p3.contrib.flask import (
    FlaskCacheDataStorage, FlaskMessageLaunch, FlaskOIDCLogin, FlaskRequest)
from pylti1p3.deep_link_resource import DeepLinkResource
from pylti1p3.exception import LtiException, LtiServiceException
from pylti1p3.grade import Grade
from pylti1p3.lineitem import LineItem
from pylti1p3.tool_config import ToolConfDict

import tool_server

try:
    from pylti1p3.contrib.flask import FlaskServiceConnector
except ImportError:
    CONNECTOR = {}
else:  # the fork
    CONNECTOR = {"service_connector_cls": FlaskServiceConnector}


def key_pair():
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


def registration_at(request, config):
    from pylti1p3.dynamic_registration import DynamicRegistration

    class Registration(DynamicRegistration):
        client_name = "Quiz that registered itself"
        description = "Quizzes"

        def get_openid_configuration_endpoint(self):
            return request.args["openid_configuration"]

        def get_registration_token(self):
            return request.args["registration_token"]

        def get_initiate_login_uri(self):
            return request.url_root + "login"

        def get_jwks_uri(self):
            return request.url_root + "jwks"

        def get_redirect_uris(self):
            return [self.get_target_link_uri()]

        def get_target_link_uri(self):
            return request.url_root + "launch"

        def get_domain(self):
            return request.host

        def get_logo_uri(self):
            return request.url_root + "logo.png"

        def get_scopes(self):
            return ["https://purl.imsglobal.org/spec/lti-ags/scope/score",
                    "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem",
                    "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly",
                    "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"]

        def get_claims(self):
            return ["sub", "name"]

        def get_messages(self):
            return [{"type": "LtiResourceLinkRequest"}]

        def complete_registration(self, said, registered):
            tool = registered["https://purl.imsglobal.org/spec/lti-tool-configuration"]
            config[said["issuer"]] = [{
                "default": True, "client_id": registered["client_id"], "key_set_url": said["jwks_uri"],
                "auth_login_url": said["authorization_endpoint"], "auth_token_url": said["token_endpoint"],
                "deployment_ids": [tool["deployment_id"]]}]

    return Registration()


def application():
    app = flask.Flask(__name__)
    app.secret_key = secrets.token_hex()
    app.config.update(CACHE_TYPE="SimpleCache", CACHE_DEFAULT_TIMEOUT=600)
    storage = FlaskCacheDataStorage(Cache(app))
    private, public = key_pair()
    config = {}

    def tool():
        made = ToolConfDict(config)
        for issuer, clients in config.items():
            for client in clients:
                made.set_private_key(issuer, private, client_id=client["client_id"])
                made.set_public_key(issuer, public, client_id=client["client_id"])
        return made

    def restored(launch_id):
        return FlaskMessageLaunch.from_cache(
            launch_id, FlaskRequest(), tool(), launch_data_storage=storage, **CONNECTOR)

    @app.errorhandler(LtiException)
    def refused(error):
        return f"launch refused: {error}", 401

    @app.errorhandler(LtiServiceException)
    def failed(error):
        return {"status": error.response.status_code, "said": error.response.text}, 502

    @app.post("/platform")
    def meet():
        said = flask.request.get_json()
        config[said.pop("issuer")] = [{"default": True, **said}]
        return {}

    @app.get("/register")
    def register():
        registration = registration_at(flask.request, config)
        registration.register()
        return registration.complete_html()

    @app.route("/jwks")
    def keys():
        return tool().get_jwks()

    @app.route("/login", methods=["GET", "POST"])
    def login():
        started = FlaskOIDCLogin(FlaskRequest(), tool(), launch_data_storage=storage)
        return started.redirect(flask.request.url_root + "launch")

    @app.post("/launch")
    def launch():
        message = FlaskMessageLaunch(FlaskRequest(), tool(), launch_data_storage=storage)
        data = message.get_launch_data()
        if message.is_deep_link_launch():
            return message.get_deep_link().output_response_form(items())
        text = f"PyLTI1p3 has verified the launch of {data.get('name', 'somebody')}"
        return f"<!doctype html><title>tool</title><h1>{text}</h1><p id=launch>{message.get_launch_id()}</p>"

    def items():
        link = DeepLinkResource().set_url(flask.request.url_root + "launch").set_title("Chapter 3 quiz")
        link.set_custom_params({"chapter": "3"})
        link.set_lineitem(LineItem().set_score_maximum(40).set_label("Chapter 3").set_resource_id("chapter-3"))
        return [link, DeepLinkResource().set_url(flask.request.url_root + "launch").set_title("Chapter 4 quiz")]

    @app.get("/launches/<launch_id>/claims")
    def said(launch_id):
        return restored(launch_id).get_launch_data()

    @app.get("/launches/<launch_id>/members")
    def members(launch_id):
        return list(restored(launch_id).get_nrps().get_members())

    @app.get("/launches/<launch_id>/line_items")
    def line_items(launch_id):
        return list(restored(launch_id).get_ags().get_lineitems())

    @app.post("/launches/<launch_id>/line_items")
    def create_line_item(launch_id):
        wanted = flask.request.get_json()
        item = LineItem().set_label(wanted["label"]).set_score_maximum(wanted["maximum"]).set_tag(wanted["tag"])
        return {"id": restored(launch_id).get_ags().find_or_create_lineitem(item).get_id()}

    @app.post("/launches/<launch_id>/scores")
    def score(launch_id):
        message, wanted = restored(launch_id), flask.request.get_json()
        grade = Grade().set_score_given(wanted["given"]).set_score_maximum(wanted["maximum"])
        grade.set_timestamp(datetime.datetime.now(datetime.timezone.utc).isoformat())
        grade.set_activity_progress("Completed").set_grading_progress("FullyGraded")
        grade.set_user_id(message.get_launch_data()["sub"])
        item = LineItem().set_label(wanted["label"]).set_tag(wanted["tag"]) if "label" in wanted else None
        message.get_ags().put_grade(grade, item)
        return {}

    @app.get("/launches/<launch_id>/results")
    def results(launch_id):
        service = restored(launch_id).get_ags()
        return list(service.get_grades(service.get_lineitem()))

    return app


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free port")
    given = parser.parse_args()
    tool_server.listen(application(), given.port)


if __name__ == "__main__":
    main()
