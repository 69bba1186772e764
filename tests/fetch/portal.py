"""A small HTTP server that behaves as portals do, on 127.0.0.1."""

import base64
import hashlib
import json
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Asked:
    """One request as it came in."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


Behavior = Callable[["Handler"], bool]


@dataclass
class Portal:
    """What the server holds and how it behaves.

    ``behaviors[path]`` are used up one a request, in order; one that returns True has answered. MoDaC's objects
    are in ``objects``, everything else in ``files``.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    signed: set[str] = field(default_factory=set)
    etags: bool = True
    ranges: bool = True
    users: dict[str, str] = field(default_factory=lambda: {"ada": "right horse"})
    tokens: set[str] = field(default_factory=set)
    forbidden: set[str] = field(default_factory=set)
    behaviors: dict[str, list[Behavior]] = field(default_factory=lambda: defaultdict(list))
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    logins: int = 0
    closing: threading.Event = field(default_factory=threading.Event)

    def requests_of(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]


class Handler(BaseHTTPRequestHandler):
    """Answers from the portal of its server."""

    protocol_version = "HTTP/1.1"

    @property
    def portal(self) -> Portal:
        return self.server.portal

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer()

    def do_POST(self):
        self.answer()

    def answer(self):
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.portal.asked.append(
            Asked(
                self.command,
                parts.path,
                parts.query,
                {name.lower(): value for name, value in self.headers.items()},
                body,
            )
        )
        waiting = self.portal.behaviors[parts.path]
        if waiting and waiting.pop(0)(self):
            return
        if parts.path.startswith("/api/"):
            self.answer_modac(parts.path)
        elif parts.path in self.portal.files:
            self.send_content(parts.path, self.portal.files[parts.path], self.portal.ranges)
        else:
            self.send_plain(404, b"nothing here")

    def send_plain(self, status, body=b"", content_type="text/plain", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_content(self, path, content, ranges, cut_after=None, silent_after=None, pause=0.0, length=True):
        etag = f'"{hashlib.md5(content, usedforsecurity=False).hexdigest()}"' if self.portal.etags else ""
        start, asked = 0, re.fullmatch(r"bytes=(\d+)-", self.headers.get("range", ""))
        if asked and ranges and self.headers.get("if-range", etag) == etag:
            start = int(asked[1])
            if start >= len(content):
                self.send_plain(416, Content_Range=f"bytes */{len(content)}")
                return
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        if etag:
            self.send_header("ETag", etag)
        self.send_header("Content-Type", self.portal.types.get(path, "application/octet-stream"))
        if length:
            self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = len(content) if cut_after is None else start + cut_after
        for position in range(start, min(end, len(content)), 4096):
            self.wfile.write(content[position : min(position + 4096, end)])
            if silent_after is not None and position >= silent_after:
                self.portal.closing.wait(600)
                return
            time.sleep(pause)
        self.wfile.flush()
        if cut_after is not None or not length:
            self.close_connection = True
            self.connection.close() if cut_after is not None else None

    def answer_modac(self, path):
        portal = self.portal
        if path == "/api/authenticate":
            kind, _, text = self.headers.get("authorization", "").partition(" ")
            user, _, password = base64.b64decode(text).decode().partition(":") if kind == "Basic" else ("", "", "")
            if portal.users.get(user) != password or not password:
                self.send_plain(401, b"wrong")
                return
            portal.logins += 1
            token = f"token-{portal.logins}-of-{user}"
            portal.tokens = {token}
            self.send_plain(200, token.encode())
            return
        if self.headers.get("authorization", "").removeprefix("Bearer ") not in portal.tokens:
            self.send_plain(401, b"Not Authorized")
            return
        name = re.sub(r"^/api/(v2/)?dataObject|/download$|/generateDownloadRequestURL$", "", path)
        if name in portal.forbidden:
            self.send_plain(400, b"Invalid Permissions")
        elif name not in portal.objects:
            self.send_plain(404, b"no such object")
        elif path.endswith("/generateDownloadRequestURL"):
            self.send_json({"downloadRequestURL": f"{portal.url}/signed{name}?Signature=a-secret"})
        elif path.endswith("/download") and name in portal.signed:
            self.send_json({"downloadRequestURL": f"{portal.url}/signed{name}?Signature=a-secret"})
        elif path.endswith("/download"):
            self.send_content(path, portal.objects[name], ranges=False)
        else:
            content = portal.objects[name]
            pairs = [
                ("source_file_size", len(content)),
                ("checksum", hashlib.md5(content, usedforsecurity=False).hexdigest()),
            ]
            entries = [{"attribute": key, "value": str(value)} for key, value in pairs]
            entries.append({"attribute": "a_system_attribute_without_value"})
            self.send_json({"metadataEntries": {"selfMetadataEntries": {"systemMetadataEntries": entries}}})

    def send_json(self, value):
        self.send_plain(200, json.dumps(value).encode(), "application/json;charset=UTF-8")


def answers(status: int, body: bytes = b"", content_type: str = "text/plain", **headers) -> Behavior:
    """Answer one request with a status."""

    def behave(handler: Handler) -> bool:
        handler.send_plain(status, body, content_type, **headers)
        return True

    return behave


def cuts_after(count: int, content: Callable[[Portal], bytes] | None = None) -> Behavior:
    """Send ``count`` bytes of one answer and close the connection."""

    def behave(handler: Handler) -> bool:
        path = urlsplit(handler.path).path
        found = content(handler.portal) if content else handler.portal.files[path]
        handler.send_content(path, found, handler.portal.ranges, cut_after=count)
        return True

    return behave


def is_slow(pause: float) -> Behavior:
    """Send one answer with pauses."""

    def behave(handler: Handler) -> bool:
        path = urlsplit(handler.path).path
        handler.send_content(path, handler.portal.files[path], handler.portal.ranges, pause=pause)
        return True

    return behave


def stays_silent_after(count: int) -> Behavior:
    """Send the first bytes, and then nothing for longer than any test takes."""

    def behave(handler: Handler) -> bool:
        path = urlsplit(handler.path).path
        handler.send_content(path, handler.portal.files[path], handler.portal.ranges, silent_after=count)
        return True

    return behave


def hangs(seconds: float) -> Behavior:
    """Say nothing for a while, then close."""

    def behave(handler: Handler) -> bool:
        time.sleep(seconds)
        handler.close_connection = True
        handler.connection.close()
        return True

    return behave


def redirects(to: str, status: int = 302) -> Behavior:
    """Send elsewhere."""
    return answers(status, Location=to)


def running_portal() -> Iterator[Portal]:
    """Yield a portal that is being served; for a fixture."""
    portal = Portal()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.portal = portal
    portal.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield portal
    portal.closing.set()
    server.shutdown()
    server.server_close()
