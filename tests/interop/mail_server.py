"""A mail server that prints each message it takes as one line of JSON.

It refuses whoever is called `bounced` for good, and whoever is called `later` the first time.
"""
import json
import socket
import sys
import time
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Taken:
    def __init__(self):
        self.seen = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        name = address.split("@")[0]
        if name == "bounced":
            return "550 5.1.1 nobody of that name"
        if name == "later" and address not in self.seen:
            self.seen.add(address)
            return "451 4.3.0 come again"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = message_from_bytes(envelope.content, policy=policy.default)
        print(json.dumps({
            "to": envelope.rcpt_tos, "from": envelope.mail_from, "id": message["Message-ID"],
            "subject": message["Subject"], "text": message.get_content(),
        }), flush=True)
        return "250 OK"


if __name__ == "__main__":
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    Controller(Taken(), hostname="127.0.0.1", port=port).start()
    print(f"listening on 127.0.0.1:{port}", flush=True)
    while sys.stdin.read(1):
        time.sleep(1)
