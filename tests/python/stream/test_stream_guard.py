"""Who may ask: host, origin and token, on HTTP and on the WebSocket."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest
from spymaster.stream.guard import Access, is_loopback
from spymaster.stream.server import TOKEN_VARIABLE, token_of
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support.stream_server import Served, serving
from websockets.exceptions import InvalidStatus

TOKEN = "a-token-of-the-test-0123456789"
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}


@pytest.fixture(scope="module")
def locked(lake: Lake) -> Iterator[Served]:
    with serving(lake, token=TOKEN) as server:
        yield server


def refused(server: Served, headers: dict[str, str]) -> int:
    """Return the status with which a WebSocket is refused, before it is one."""
    with pytest.raises(InvalidStatus) as raised, server.client(headers=headers):
        pass
    response = raised.value.response
    assert response.headers["Content-Security-Policy"] == HEADERS["content-security-policy"]
    assert b'"reason"' in response.body
    return response.status_code


@pytest.mark.parametrize(
    "path", ["/", "/v1/hud/health", "/v1/hud/meta", "/v1/hud/nothing", "/static/nothing.js"]
)
def test_every_answer_has_the_headers(served: Served, path: str) -> None:
    answer = served.get(path)
    assert {name: answer.headers[name] for name in HEADERS} == HEADERS
    assert "server" not in answer.headers


def hosts_of_others(port: int) -> list[str]:
    return [
        "evil.example",
        f"evil.example:{port}",
        f"127.0.0.1.evil.example:{port}",
        f"localhost.evil.example:{port}",
        f"127.0.0.1:{port + 1}",
        "127.0.0.1",
        f"0.0.0.0:{port}",
        f"127.0.0.1:{port}@evil.example",
        f"127.0.0.1:{port}:{port}",
        f"[::1:{port}",
        "",
    ]


def test_other_hosts_are_refused(served: Served) -> None:
    for host in hosts_of_others(served.port):
        answer = served.get("/v1/hud/health", headers={"Host": host})
        assert (answer.status, list(answer.json())) == (403, ["reason"]), host


def test_hosts_of_this_machine_are_served(served: Served) -> None:
    for name in ("127.0.0.1", "localhost", "LOCALHOST", "[::1]"):
        headers = {"Host": f"{name}:{served.port}"}
        assert served.get("/v1/hud/health", headers=headers).status == 200


def test_a_websocket_of_another_host_is_refused(served: Served) -> None:
    request = (
        "GET /v1/hud/stream?symbol=ESZ5&dt=2025-10-01 HTTP/1.1\r\nHost: evil.example\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.sendall(request.encode())
        assert connection.recv(1 << 16).startswith(b"HTTP/1.1 403 ")


def origins_of_others(port: int) -> list[str]:
    return [
        "http://evil.example",
        "null",
        "",
        f"http://127.0.0.1:{port + 1}",
        f"http://localhost:{port}",
        f"http://127.0.0.1:{port}.evil.example",
        "http://127.0.0.1",
        f"ftp://127.0.0.1:{port}",
    ]


def test_pages_of_other_sites_are_refused(served: Served) -> None:
    for origin in origins_of_others(served.port):
        answer = served.get("/v1/hud/health", headers={"Origin": origin})
        assert (answer.status, list(answer.json())) == (403, ["reason"]), origin
        assert refused(served, {"Origin": origin}) == 403, origin


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_what_another_site_embeds_is_refused(served: Served, site: str) -> None:
    embedded = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    framed = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    link = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("/", "/v1/hud/health", "/v1/hud/explain"):
        for headers in (embedded, framed):
            answer = served.get(path, headers=headers)
            assert (answer.status, list(answer.json())) == (403, ["reason"]), path
    assert served.get("/v1/hud/days", headers=link).status == 403
    assert served.get("/", headers=link).status == 200
    assert refused(served, link) == 403


def test_what_the_page_asks_and_what_a_user_opens_is_served(served: Served) -> None:
    for site in ("same-origin", "none"):
        assert served.get("/v1/hud/health", headers={"Sec-Fetch-Site": site}).status == 200


def test_the_page_itself_is_served(served: Served) -> None:
    origin = {"Origin": f"http://{served.host}"}
    assert served.get("/v1/hud/health", headers=origin).status == 200
    with served.client(headers=origin, surfaces="snap") as client:
        client.batch()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong-token-of-the-test"},
        {"Authorization": "Bearer "},
        {"Authorization": TOKEN},
        {"Authorization": f"Basic {TOKEN}"},
        {"Cookie": f"spymaster_token={TOKEN}x"},
        {"Cookie": f"other={TOKEN}"},
        {"Cookie": "spymaster_token"},
        {"Authorization": "Bearer \xff\xfe"},
    ],
)
def test_without_the_token_nothing_is_served(locked: Served, headers: dict[str, str]) -> None:
    for path in ("/", "/v1/hud/health", "/v1/hud/meta", "/static/x.js", "/v1/hud/nothing"):
        answer = locked.get(path, headers=headers)
        assert (answer.status, list(answer.json())) == (401, ["reason"])
        assert TOKEN.encode() not in answer.body
    if all(value.isascii() for value in headers.values()):
        assert refused(locked, headers) == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": f"Bearer {TOKEN}"},
        {"Authorization": f"bearer {TOKEN}"},
        {"Cookie": f"spymaster_token={TOKEN}"},
        {"Cookie": f'a="b; c=d; spymaster_token={TOKEN}; e=f'},
    ],
)
def test_with_the_token_all_is_served(locked: Served, headers: dict[str, str]) -> None:
    assert locked.get("/v1/hud/health", headers=headers).status == 200
    with locked.client(headers=headers, surfaces="snap") as client:
        client.batch()


def test_the_token_does_not_excuse_another_origin(locked: Served) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Origin": "http://evil.example"}
    assert locked.get("/v1/hud/health", headers=headers).status == 403
    assert refused(locked, headers) == 403


def test_the_printed_address_leaves_the_token_in_a_cookie(locked: Served) -> None:
    answer = locked.get("/", symbol="ESZ5", token=TOKEN, speed="2")
    assert answer.status == 303
    assert answer.headers["Location"] == "/?symbol=ESZ5&speed=2"
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"spymaster_token={TOKEN};")
    assert {"HttpOnly", "SameSite=strict"} <= {part.strip() for part in cookie.split(";")}
    assert locked.get("/", token="x" * 30).status == 401
    # no other address takes it
    assert locked.get("/v1/hud/health", token=TOKEN).status == 401


def test_a_server_of_this_machine_needs_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    for host in ("127.0.0.1", "localhost", "::1", "127.0.0.2"):
        assert is_loopback(host)
        assert token_of(host) == (None, False)


def test_a_server_that_others_reach_has_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    for host in ("0.0.0.0", "::", "192.168.1.7", "my.machine", ""):
        assert not is_loopback(host)
        token, is_new = token_of(host)
        assert is_new
        assert token is not None
        assert len(token) >= 32
        assert token != token_of(host)[0]
    monkeypatch.setenv(TOKEN_VARIABLE, TOKEN)
    assert token_of("0.0.0.0") == (TOKEN, False)
    assert token_of("127.0.0.1") == (TOKEN, False)


@pytest.mark.parametrize("token", ["", "short", "x" * 129, "with spaces in it, twenty", "é" * 20])
def test_a_token_that_protects_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    monkeypatch.setenv(TOKEN_VARIABLE, token)
    with pytest.raises(SpymasterError, match="16 to 128") as raised:
        token_of("0.0.0.0")
    assert not token or token not in str(raised.value)


def test_names_of_a_server_that_others_reach() -> None:
    assert Access.of("0.0.0.0", 1, TOKEN).hosts == frozenset()
    assert Access.of("127.0.0.1", 1, None).hosts == {"127.0.0.1", "localhost", "::1"}
