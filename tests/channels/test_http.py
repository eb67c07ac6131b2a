"""HTTP out, against a peer on this machine that does all that gateways do wrong."""

import logging
import re
import socket
import ssl
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path
from time import monotonic

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from peer import drips, hangs_up, holds, listening, nobody, raw, says, then

from bot.channels import http
from bot.protocol import SendError

SECRET = "a-secret-of-ours"
WORKER = "+66812345678"


def post(url, body=b"{}", timeout=30.0, lines=None, where="/messages", method="POST"):
    headers = {"Content-Type": "application/json", "Authorization": SECRET}
    return http.post(lines or http.pool(url), method, where, headers=headers, body=body, timeout=timeout)


def failed(url, **more):
    with pytest.raises(SendError) as failure:
        post(url, **more)
    return failure.value


def test_a_request_and_its_answer():
    with listening(says(202, b'{"id":"7"}', X_Id="7")) as peer:
        answer = post(peer.url, WORKER.encode(), where="/messages?a=%20b+c&d")
    assert (answer.status, answer.headers["x-id"], answer.body) == (202, "7", b'{"id":"7"}')
    (asked,) = peer.asked
    assert (asked.method, asked.target, asked.body) == ("POST", "/messages?a=%20b+c&d", WORKER.encode())
    assert asked.headers["authorization"] == SECRET
    assert asked.headers["user-agent"] == "Phlov"


@pytest.mark.parametrize(
    ("answer", "status", "body"),
    [
        (b"HTTP/1.0 200 OK\r\n\r\nOK: 1", 200, b"OK: 1"),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nOK: 1", 200, b"OK: 1"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nOK\r\n3\r\n: 1\r\n0\r\n\r\n", 200, b"OK: 1"),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 OK\r\nContent-Length: 2\r\n\r\nOK", 202, b"OK"),
        (b"HTTP/1.1 204 No Content\r\n\r\n", 204, b""),
        (b"HTTP/1.1 500\r\nContent-Length: 0\r\n\r\n", 500, b""),
    ],
)
def test_answers_old_and_new(answer, status, body):
    with listening(then(raw(answer), hangs_up)) as peer:
        got = post(peer.url)
    assert (got.status, got.body) == (status, body)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status):
    with listening(says(200)) as other, listening(says(status, Location=f"{other.url}/x")) as peer:
        assert post(peer.url).status == status
    assert (len(peer.asked), len(other.asked)) == (1, 0)


@pytest.mark.parametrize("variable", ["http_proxy", "HTTP_PROXY", "all_proxy"])
def test_proxies_of_the_environment_see_nothing(variable, monkeypatch):
    with listening(says(200)) as proxy, listening(says(200)) as peer:
        monkeypatch.setenv(variable, proxy.url)
        post(peer.url)
    assert (len(peer.asked), len(proxy.asked)) == (1, 0)


def test_nobody_listens():
    with nobody() as url:
        failure = failed(url)
    assert (failure.retry, failure.sent, failure.cause) == (True, "no", "network")


def test_a_host_whose_first_address_is_dead(monkeypatch):
    with listening(says(200, b"ok")) as peer:
        port = int(peer.url.rpartition(":")[2])
        both = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port)) for host in ("127.0.0.2", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
        assert post(f"http://gateway.example:{port}").body == b"ok"


def test_a_host_by_its_name():
    with listening(says(200, b"ok")) as peer:
        assert post(peer.url.replace("127.0.0.1", "localhost")).body == b"ok"


def test_no_time_is_left_to_connect(monkeypatch):
    resolve = socket.getaddrinfo

    def late(*given, **more):
        threading.Event().wait(0.15)
        return resolve(*given, **more)

    monkeypatch.setattr(socket, "getaddrinfo", late)
    with listening(says(200)) as peer:
        failure = failed(peer.url, timeout=0.1)
    assert peer.asked == []
    assert (failure.retry, failure.sent, failure.cause) == (True, "no", "network")


def test_a_host_without_an_address(monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", _no_such_host)
    failure = failed("http://gateway.invalid")
    assert (failure.retry, failure.sent, failure.cause) == (True, "no", "network")


def _no_such_host(*_, **__):
    raise socket.gaierror(-2, "Name or service not known")


def test_a_resolver_that_never_answers(monkeypatch):
    stuck, true = threading.Event(), socket.getaddrinfo

    def resolve(*given, flags=0):
        if flags != socket.AI_NUMERICHOST:
            stuck.wait(20)
        return true("localhost.", *given[1:], flags=flags)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    began = monotonic()
    failure = failed("http://gateway.invalid", timeout=0.2)
    stuck.set()
    assert monotonic() - began < 10
    assert (failure.retry, failure.sent, failure.cause) == (True, "no", "network")


def test_a_connection_that_is_never_taken():
    """A full queue of connections: the system drops ours without a word."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        with socket.create_connection(full.getsockname()), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(full.getsockname())
            began = monotonic()
            failure = failed(url, timeout=0.2)
    assert monotonic() - began < 10
    assert (failure.sent, failure.cause) == ("no", "network")


def test_a_peer_that_speaks_no_tls():
    with listening(says(200)) as peer:
        failure = failed(peer.url.replace("http:", "https:"))
    assert (failure.retry, failure.sent, failure.cause) == (True, "no", "network")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory) -> Callable[[str], tuple[ssl.SSLContext, str]]:
    """Makes a certificate for an address: what a peer needs, and the file by which it is trusted."""

    def make(address: str) -> tuple[ssl.SSLContext, str]:
        key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
        now = datetime.now(UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(address))]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        file = tmp_path_factory.mktemp("tls") / "both.pem"
        file.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
        return server, str(file)

    return make


def test_a_certificate_that_is_trusted(certificate, monkeypatch):
    server, file = certificate("127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", file)
    with listening(says(202, b"ok"), tls=server) as peer:
        lines = http.pool(peer.url)
        assert [post(peer.url, lines=lines).body for _ in range(3)] == [b"ok"] * 3
    assert peer.lines == 1


@pytest.mark.parametrize(("address", "trusted"), [("127.0.0.1", False), ("127.0.0.2", True)])
def test_a_certificate_that_is_not(certificate, monkeypatch, address, trusted):
    """Unknown, or of another address: nothing is said to whoever that is."""
    server, file = certificate(address)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", file)
    with listening(says(200), tls=server) as peer:
        failure = failed(peer.url)
    assert peer.asked == []
    assert (failure.retry, failure.sent, failure.cause) == (True, "no", "network")


def test_drops_over_tls_do_not_buy_time_either(certificate, monkeypatch):
    server, file = certificate("127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", file)
    with listening(drips(WHOLE, 0.05), tls=server) as peer:
        began = monotonic()
        failure = failed(peer.url, timeout=0.4)
    assert monotonic() - began < 10
    assert failure.sent == "unknown"


def test_a_handshake_that_never_ends():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = monotonic()
        failure = failed(f"https://127.0.0.1:{silent.getsockname()[1]}", timeout=0.3)
    assert monotonic() - began < 10
    assert (failure.sent, failure.cause) == ("no", "network")


@pytest.mark.parametrize(
    "host",
    ["169.254.169.254", "2852039166", "0xa9fea9fe", "[::ffff:169.254.169.254]", "[fe80::1]", "0.0.0.0", "0", "[::]",
     "[::ffff:0.0.0.0]", "224.0.0.1", "[ff02::1]"],
)  # fmt: skip
def test_addresses_that_are_none_for_a_gateway(host):
    failure = failed(f"http://{host}:9/latest/meta-data", timeout=1)
    assert (failure.sent, failure.cause) == ("no", "config")


def test_a_name_that_leads_to_such_an_address(monkeypatch):
    there = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("169.254.169.254", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: there)
    assert failed("http://gateway.example").cause == "config"


@pytest.mark.parametrize("url", ["ftp://x", "file:///etc/passwd", "http://", "gateway", "//x"])
def test_only_http(url):
    with pytest.raises(ValueError, match="not an http"):
        http.pool(url)


WHOLE = b"HTTP/1.1 202 Accepted\r\nContent-Length: 400\r\n\r\n" + b"x" * 400


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_what_others_repeat_is_said_once(method):
    """A GET may be repeated by the rules of HTTP; where it sends a text it must not."""
    with listening(hangs_up, says(200)) as peer:
        failure = failed(peer.url, method=method, body=None)
    assert (len(peer.asked), failure.sent) == (1, "unknown")


@pytest.mark.parametrize(
    "behaviour",
    [
        hangs_up,
        holds,
        drips(WHOLE, 0.05),
        then(raw(WHOLE[:60]), holds),
        then(raw(WHOLE[:60]), hangs_up),
        then(raw(b"HTTP/1.1 202 Acc"), hangs_up),
        then(raw(b"\0\0\0 nonsense\r\n\r\n"), hangs_up),
        then(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"), hangs_up),
        then(raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab"), hangs_up),
        then(raw(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n"), hangs_up),
    ],
    ids=["hangs up", "no answer", "drops", "half, silence", "half", "half a line", "junk", "chunk", "no chunk", "huge"],
)
def test_once_something_was_said_its_end_is_unknown(behaviour):
    with listening(behaviour) as peer:
        began = monotonic()
        failure = failed(peer.url, timeout=0.4)
        took = monotonic() - began
    assert len(peer.asked) == 1, "a text must not be posted twice"
    assert (failure.retry, failure.sent) == (True, "unknown")
    assert took < 10


def test_an_answer_without_end_is_left():
    def flood(line, peer):
        line.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while not peer.over.is_set():
            line.sendall(b"1\r\nx\r\n")

    with listening(flood) as peer:
        failure = failed(peer.url, timeout=0.05)
    assert (failure.retry, failure.sent) == (True, "unknown")


def test_a_long_answer_is_cut_and_its_line_is_left():
    long = b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + b"x" * 200_000
    with listening(then(raw(long), holds), says(200)) as peer:
        lines = http.pool(peer.url)
        assert len(post(peer.url, lines=lines).body) == http.LARGEST
        assert post(peer.url, lines=lines).body == b""
    assert peer.lines == 2


def test_texts_that_follow_closely_share_a_line():
    with listening(says(200, b"ok")) as peer:
        lines = http.pool(peer.url)
        for _ in range(5):
            post(peer.url, lines=lines)
    assert (len(peer.asked), peer.lines) == (5, 1)


def test_a_line_that_was_idle_is_not_trusted(monkeypatch):
    """A server that hangs up when idle does so at the worst moment: between our look at the line and our words."""
    monkeypatch.setattr(http, "IDLE", 0.0)
    with listening(says(200, b"ok")) as peer:
        lines = http.pool(peer.url)
        for _ in range(3):
            post(peer.url, lines=lines)
    assert (len(peer.asked), peer.lines) == (3, 3)


def test_a_line_that_the_peer_closed_is_not_used_again():
    with listening(then(says(200, b"ok"), hangs_up), says(200)) as peer:
        lines = http.pool(peer.url)
        post(peer.url, lines=lines)
        while lines.pool.queue[-1].is_connected:
            pass
        assert post(peer.url, lines=lines).status == 200
    assert peer.lines == 2


def test_a_late_answer_does_not_shorten_the_next_ones_time():
    with listening(drips(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 0.015)) as peer:
        lines = http.pool(peer.url)
        for _ in range(4):
            assert post(peer.url, lines=lines, timeout=2.0).status == 200


def test_many_threads_post_at_once():
    with listening(says(200, b"ok")) as peer:
        lines = http.pool(peer.url, lines=2)
        threads = [threading.Thread(target=post, args=(peer.url, b"%d" % row, 30.0, lines)) for row in range(24)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert {asked.body for asked in peer.asked} == {b"%d" % row for row in range(24)}


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("0", 0, 0),
        ("120", 120, 120),
        (" 7 ", 7, 7),
        ("99999999999999", http.PATIENCE, http.PATIENCE),
        (timedelta(seconds=300), 290, 300),
        (timedelta(days=-9), 0, 0),
        ("Sun, 22 Nov 2099 09:00:00 GMT", http.PATIENCE, http.PATIENCE),
    ],
    ids=["none", "120", "blanks", "too-long", "a-time-ahead", "a-time-past", "a-time-far-ahead"],
)
def test_how_long_a_gateway_wants_peace(said, least, most):
    if isinstance(said, timedelta):
        said = format_datetime(datetime.now(UTC) + said, usegmt=True)
    assert least <= http.Answer(429, {"retry-after": said}, b"").after <= most


FAR = "Sun, 22 Nov 2026 09:00:00 +99999999999999999"


@pytest.mark.parametrize("said", ["", "-1", "soon", "1.5.2", "²", "Sun, 99 Nov 2026", "\0", FAR])
def test_a_pause_nobody_can_read(said):
    assert http.Answer(429, {"retry-after": said}, b"").after is None


@pytest.mark.parametrize(
    ("status", "retry", "sent", "cause"),
    [
        (200, True, "unknown", "unknown"),
        (302, True, "no", "config"),
        (400, False, "no", "unknown"),
        (401, True, "no", "config"),
        (402, True, "no", "credit"),
        (403, True, "no", "config"),
        (404, True, "no", "config"),
        (408, True, "no", "network"),
        (413, False, "no", "too_long"),
        (422, False, "no", "unknown"),
        (429, True, "no", "throttled"),
        (500, True, "unknown", "unknown"),
        (503, True, "unknown", "unknown"),
    ],
)
def test_what_a_status_means(status, retry, sent, cause):
    failure = http.refusal(http.Answer(status, {"retry-after": "9"}, b""))
    assert (failure.retry, failure.sent, failure.cause, failure.after) == (retry, sent, cause, 9)


def test_nothing_is_logged(caplog):
    caplog.set_level(0)
    logging.getLogger("here").debug("the log is on")
    with listening(says(302, Location=f"http://x/{SECRET}"), hangs_up) as peer:
        post(peer.url, where=f"/{SECRET}?to={WORKER[1:]}")
        failure = failed(peer.url, where=f"/{SECRET}?to={WORKER[1:]}")
    assert caplog.messages == ["the log is on"]
    assert SECRET not in str(failure)
    assert failure.__cause__ is None
    assert failure.__suppress_context__


@pytest.mark.parametrize(
    ("url", "where"),
    [("http://x", "/"), ("https://x:8/a/b", "/a/b"), ("http://x/a?b=c", "/a?b=c"), ("http://x?b", "/?b")],
)
def test_what_follows_the_host(url, where):
    assert http.target(url) == where


OUTWARD = re.compile(r"(?m)^\s*(import|from) (urllib\.request|urllib3|http\.client|requests|httpx|smtplib|ftplib)\b")


def test_nothing_else_calls_out():
    """So that what holds here for addresses holds for whatever Phlov ever asks of another machine."""
    here = Path(http.__file__)
    files = [*here.parents[1].rglob("*.py")]
    calling = {file.name for file in files if OUTWARD.search(file.read_text(encoding="utf-8"))}
    assert calling == {here.name}
    assert len(files) > 150
