"""The listener of cryptoassets.core 0.2 itself, on the url given: one line of JSON for each event that it understood."""

import json
import sys
import threading
import types

try:
    import cgi  # noqa: F401
except ImportError:
    # Gone from Python 3.13; the listener imports it and uses nothing of it.
    cgi = types.ModuleType("cgi")
    cgi.parse_header = cgi.parse_multipart = None
    sys.modules["cgi"] = cgi

from cryptoassets.core.utils.httpeventlistener import simple_http_event_listener

config = {"events": {"coffer": {"class": "cryptoassets.core.event.http.HTTPEventHandler", "url": sys.argv[1]}}}


@simple_http_event_listener(config)
def handle(event_name, data):
    print(json.dumps([event_name, data]), flush=True)


print("listening", flush=True)
threading.Event().wait()
