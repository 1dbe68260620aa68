"""An LTI 1.1 tool on PyPI `lti`: its ToolProvider over oauthlib's own request validator."""

import logging

import flask
from lti import InvalidLTIRequestError
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
        return tool_server.accepted()

    tool_server.serve(tool_server.application(), launch, given.port)


if __name__ == "__main__":
    main()
