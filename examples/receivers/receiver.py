"""Takes webhooks: verifies each with the library of Standard Webhooks, keeps it once, and answers 204.

    pip install standardwebhooks cryptography
    PORT=3000 WEBHOOK_KEY=whsec_… python receiver.py

WEBHOOK_KEY is the endpoint's secret, or its public key (whpk_…) where it signs with `v1a`; `cryptography` is for the latter.
"""

import base64
import json
import os
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock

from standardwebhooks.webhooks import Webhook

TOLERANCE_S = 5 * 60


def by_secret(secret):
    return Webhook(secret).verify


def by_public_key(text):
    """The library knows secrets only; this is the rest of the specification."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(text.removeprefix("whpk_")))

    def check(body, headers):
        if not abs(time.time() - int(headers["webhook-timestamp"])) <= TOLERANCE_S:
            raise ValueError("signed long ago")
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        for one in headers["webhook-signature"].split(" "):
            version, signature = one.split(",", 1)
            if version == "v1a":
                try:
                    return key.verify(base64.b64decode(signature), signed)
                except InvalidSignature:
                    pass
        raise ValueError("no signature fits")

    return check


KEY = os.environ["WEBHOOK_KEY"]
# Raises where the body is not what was signed, or was signed long ago. The body is the bytes as they came.
check = by_public_key(KEY) if KEY.startswith("whpk_") else by_secret(KEY)
# In your program a table with a unique column, written in the transaction that does the work or queues it.
taken = set()
lock = Lock()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            check(body, {name.lower(): value for name, value in self.headers.items()})
        except Exception:
            return self.answer(401)
        webhook_id = self.headers["webhook-id"]
        with lock:
            if webhook_id not in taken:
                taken.add(webhook_id)
                print(webhook_id, json.loads(body)["type"], flush=True)
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "3000"))), Receiver)
print("listening on", server.server_address[1], flush=True)
server.serve_forever()
