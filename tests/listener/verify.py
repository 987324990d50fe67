"""Verifies a post by the `standardwebhooks` package of PyPI, as an application does. Reads {secret, headers, body} as JSON."""

import json
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

post = json.load(sys.stdin)
secret = post["secret"]
# A plain text is given as bytes; only what begins with whsec_ is base64.
webhook = Webhook(secret if secret.startswith("whsec_") else secret.encode())
webhook.verify(post["body"], post["headers"], json_parse=False)
try:
    webhook.verify(post["body"] + "x", post["headers"], json_parse=False)
except WebhookVerificationError:
    print("verified")
