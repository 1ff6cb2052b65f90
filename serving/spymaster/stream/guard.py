"""Who may ask: host and origin of every request, a token beyond this machine, safe headers."""

from __future__ import annotations

import hmac
import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "spymaster_token"
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_HOST = re.compile(r"(?P<name>\[[0-9a-fA-F:]+\]|[^:\[\]]+)(:(?P<port>\d{1,5}))?", re.ASCII)
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# methods that change nothing
_READING = ("GET", "HEAD")
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def is_loopback(host: str) -> bool:
    """Return whether a host to listen on can be reached from this machine only."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True)
class Access:
    """Who may ask.

    Attributes:
        hosts: names by which browsers may reach the server; empty for any.
        port: its port.
        token: secret that every request carries; None on a server of this machine only.
    """

    hosts: frozenset[str]
    port: int
    token: str | None = None

    @classmethod
    def of(cls, host: str, port: int, token: str | None) -> Access:
        """Return the access to a server that listens on a host.

        With a token any name may stand in the address, as this machine may have several.
        """
        names = frozenset({host, *_LOOPBACK}) if token is None else frozenset()
        return cls(names, port, token)


class Guard:
    """Refuses requests by host, origin and token, and adds headers to each answer.

    A page of another site can reach a server of this machine: by its address, then the origin is
    the other site's; or by a name that was made to point here [DNS rebinding], then the host is.
    What may change something must name its origin.
    """

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        refusal = self._refusal(scope)
        await (refusal or self._app)(scope, receive, send_with_headers)

    def _refusal(self, scope: Scope) -> Response | None:
        headers = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        origins = [value.decode("latin-1") for name, value in headers if name == b"origin"]
        if len(hosts) != 1 or not self._is_known(hosts[0]):
            return _refuse(403, "this server does not answer to this host name")
        if any(origin not in _origins(hosts[0]) for origin in origins):
            return _refuse(403, "pages of other sites may not ask this server")
        if _is_of_another_site(scope):
            return _refuse(403, "pages of other sites may not ask this server")
        is_change = scope["type"] == "http" and scope["method"] not in _READING
        if is_change and len(origins) != 1:
            return _refuse(403, "only the page of this server may change something")
        if self._access.token is None:
            return None
        return self._refusal_of_token(scope, self._access.token)

    def _is_known(self, host: str) -> bool:
        if not self._access.hosts:
            return True
        found = _HOST.fullmatch(host)
        if found is None:
            return False
        name = found["name"].strip("[]").lower()
        return name in self._access.hosts and int(found["port"] or 80) == self._access.port

    def _refusal_of_token(self, scope: Scope, token: str) -> Response | None:
        given = _tokens(scope)
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        if scope["type"] == "http" and scope["path"] == "/" and "token" in asked:
            given += asked.pop("token")
            if _is_any(given, token):
                return _enter(token, asked)
        if _is_any(given, token):
            return None
        return _refuse(401, "the token is missing or wrong; open the address that was printed")


def _is_of_another_site(scope: Scope) -> bool:
    """Return whether a browser says that another site caused a request, a link to the page apart.

    An image or a script of another site carries no origin.
    """
    headers = dict(scope["headers"])
    if headers.get(b"sec-fetch-site", b"none") in (b"none", b"same-origin"):
        return False
    is_link = headers.get(b"sec-fetch-mode") == b"navigate"
    is_whole_page = headers.get(b"sec-fetch-dest") == b"document"
    return not (scope["type"] == "http" and scope["path"] == "/" and is_link and is_whole_page)


def _tokens(scope: Scope) -> list[str]:
    """Return what a request gives as token, in a cookie or as a bearer."""
    given = []
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        scheme, _, rest = text.partition(" ")
        if name == b"authorization" and scheme.lower() == "bearer":
            given.append(rest)
        elif name == b"cookie":
            cookies = (part.strip().partition("=") for part in text.split(";"))
            given += [value for key, _, value in cookies if key == COOKIE]
    return given


def _is_any(given: list[str], token: str) -> bool:
    """Compare in a time that does not depend on the token."""
    matches = [hmac.compare_digest(each.encode(), token.encode()) for each in given]
    return any(matches)


def _enter(token: str, asked: dict[str, list[str]]) -> Response:
    """Keep the token in a cookie and take it out of the address."""
    query = urlencode(asked, doseq=True)
    response = RedirectResponse(f"/?{query}" if query else "/", status_code=303)
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict")
    response.headers["cache-control"] = "no-store"
    return response


def _origins(host: str) -> tuple[str, str]:
    return f"http://{host}", f"https://{host}"


def _refuse(status: int, reason: str) -> Response:
    return JSONResponse({"reason": reason}, status_code=status)
