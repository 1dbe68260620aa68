"""An LTI 1.1 tool on PyPI `PyLTI`: its Flask decorator over python-oauth2. PyLTI keeps no nonces, so this tool does."""

import secrets

from pylti.flask import lti

import tool_server


def refused(exception):
    """PyLTI tells its users nothing; what python-oauth2 found stands behind its own error."""
    error = exception["exception"]
    return tool_server.refused(f"{error}: {error.__context__}")


def main():
    given = tool_server.arguments(__doc__)
    spent = set()
    app = tool_server.application()
    app.secret_key = secrets.token_hex()
    app.config["PYLTI_CONFIG"] = {"consumers": {given.key: {"secret": given.secret}}}

    @lti(app=app, request="initial", error=refused)
    def accept(lti):
        if tool_server.nonce() in spent:
            return tool_server.refused("nonce already used")
        spent.add(tool_server.nonce())
        return tool_server.accepted()

    def launch():
        try:
            return accept()
        except (KeyError, ValueError) as error:  # how python-oauth2 meets a missing or malformed timestamp
            return tool_server.refused(f"{type(error).__name__}: {error}")

    tool_server.serve(app, launch, given.port)


if __name__ == "__main__":
    main()
