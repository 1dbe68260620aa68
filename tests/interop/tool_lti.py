"""An LTI 1.1 tool on PyPI `lti`: its ToolProvider over oauthlib's own request validator.

Asked for content, it shows a page with a button that gives two links.
"""

import json
import logging

import flask
from lti import InvalidLTIRequestError
from lti.contentitem_response import ContentItemResponse
from lti.contrib.flask import FlaskToolProvider
from oauthlib.oauth1 import RequestValidator

import tool_server


class Validator(RequestValidator):
    """oauthlib's defaults: key and nonce of 20 to 30 letters and digits, a clock at most ten minutes off.

    One thing is relaxed: TLS is not asked for, as the tests run on loopback.
    """

    enforce_ssl = False
    dummy_client = "nobody00000000000000"

    def __init__(self, key, secret):
        super().__init__()
        self.secrets = {key: secret}
        self.spent = set()

    def validate_client_key(self, client_key, request):
        return client_key in self.secrets

    def get_client_secret(self, client_key, request):
        return self.secrets.get(client_key, "the secret of nobody")

    def validate_timestamp_and_nonce(self, client_key, timestamp, nonce, request, request_token=None, access_token=None):
        return (client_key, timestamp, nonce) not in self.spent


class Reasons(logging.Handler):
    """oauthlib returns only false; why, it tells its log."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())


PAGE = """<!DOCTYPE html><title>Choose</title><h1>Quizzes for {{ title }}</h1>
<form method="post" action="{{ action }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}<button>Add both</button></form>"""


def items(launch_url):
    """Two links: one with everything that a link can have, one that is launched where the tool is."""
    link = {"@type": "LtiLinkItem", "mediaType": "application/vnd.ims.lti.v1.ltilink"}
    quiz = {
        "url": f"{launch_url}?quiz=4",
        "title": "Quiz 4",
        "text": "Circles & squares",
        "icon": {"@id": "https://tool.example/quiz.png", "width": 50, "height": 50},
        "custom": {"quiz": "4", "student": "$User.id"},
        "placementAdvice": {"presentationDocumentTarget": "window", "displayWidth": 800},
        "lineItem": {"@type": "LineItem", "label": "Quiz 4", "scoreConstraints": {"@type": "NumericLimits", "normalMaximum": 10}},
    }
    graph = [link | quiz, link | {"title": "Essay"}]
    return {"@context": ["http://purl.imsglobal.org/ctx/lti/v1/ContentItem"], "@graph": graph}


def choose(given, provider):
    """The page on which an author chooses; the reply is signed by the package, for the return URL."""
    asked = provider.launch_params
    reply = {
        "lti_message_type": "ContentItemSelection",
        "lti_version": "LTI-1p0",
        "data": asked["data"],
        "lti_msg": "Two quizzes are yours.",
        "content_items": json.dumps(items(flask.request.base_url)),
    }
    response = ContentItemResponse(given.key, given.secret, params=reply, launch_url=asked["content_item_return_url"])
    fields = response.generate_launch_data()
    return flask.render_template_string(PAGE, title=asked["title"], action=response.launch_url, fields=fields)


def main():
    given = tool_server.arguments(__doc__)
    validator = Validator(given.key, given.secret)
    log = logging.getLogger("oauthlib.oauth1")
    log.setLevel(logging.DEBUG)

    def launch():
        reasons = Reasons()
        log.addHandler(reasons)
        try:
            provider = FlaskToolProvider.from_flask_request(given.secret, flask.request)
            valid = provider.is_valid_request(validator)
        except (InvalidLTIRequestError, ValueError) as error:
            return tool_server.refused(str(error))
        finally:
            log.removeHandler(reasons)
        if not valid:
            return tool_server.refused(" ".join(reasons.lines))
        validator.spent.add(tool_server.nonce())
        if provider.is_content_request():
            return choose(given, provider)
        return tool_server.accepted()

    tool_server.serve(tool_server.application(), launch, given.port)


if __name__ == "__main__":
    main()
