"""What oauthlib makes of signed requests: one JSON object a line in, one a line out.

In: method, url, params (pairs of the body), secret, signature_method, signature. Out: the base string and the signature
that oauthlib makes of them, and whether it takes the signature that came.
"""

import json
import sys
from types import SimpleNamespace

from oauthlib.oauth1.rfc5849 import signature as oauth

SIGN = {"HMAC-SHA1": oauth.sign_hmac_sha1_with_client, "HMAC-SHA256": oauth.sign_hmac_sha256_with_client,
        "HMAC-SHA512": oauth.sign_hmac_sha512_with_client}
VERIFY = {"HMAC-SHA1": oauth.verify_hmac_sha1, "HMAC-SHA256": oauth.verify_hmac_sha256,
          "HMAC-SHA512": oauth.verify_hmac_sha512}


def answer(sent):
    bare, _, query = sent["url"].partition("?")
    params = oauth.collect_parameters(uri_query=query, body=[tuple(pair) for pair in sent["params"]])
    base_string = oauth.signature_base_string(sent["method"], oauth.base_string_uri(bare),
                                              oauth.normalize_parameters(params))
    client = SimpleNamespace(client_secret=sent["secret"], resource_owner_secret=None)
    request = SimpleNamespace(http_method=sent["method"], uri=bare, params=params, signature=sent["signature"])
    method = sent["signature_method"]
    return {"base_string": base_string, "signature": SIGN[method](base_string, client),
            "accepted": VERIFY[method](request, sent["secret"], None)}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
