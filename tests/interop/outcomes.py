"""Hands grades back by an independent LTI package, as a tool that uses it does.

    outcomes.py lti|pylti URL SOURCEDID KEY SECRET replace:0.83|read|delete ...

Prints one line of JSON for each operation: whether the package calls it a success, and the score that it read.
"""

import json
import sys

from lti.outcome_request import OutcomeRequest
from pylti.common import generate_request_xml, post_message


def by_lti(url, sourcedid, key, secret, operation, score):
    request = OutcomeRequest({
        "lis_outcome_service_url": url, "lis_result_sourcedid": sourcedid, "consumer_key": key,
        "consumer_secret": secret, "message_identifier": "1",
    })
    post = {"replace": lambda: request.post_replace_result(score), "read": request.post_read_result,
            "delete": request.post_delete_result}[operation]
    answer = post()
    return {"success": bool(request.was_outcome_post_successful()), "score": answer.score}


def by_pylti(url, sourcedid, key, secret, operation, score):
    body = generate_request_xml("1", f"{operation}Result", sourcedid, score)
    return {"success": post_message({key: {"secret": secret}}, key, url, body), "score": None}


def main():
    package, *tool = sys.argv[1:6]
    for asked in sys.argv[6:]:
        operation, _, score = asked.partition(":")
        send = {"lti": by_lti, "pylti": by_pylti}[package]
        print(json.dumps(send(*tool, operation, score or None)))


if __name__ == "__main__":
    main()
