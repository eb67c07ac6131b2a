"""What can be reached from outside, and what it answers to what."""

from io import BytesIO
from xml.etree import ElementTree

import pytest
from signed import PUBLIC, WORKER, callback, form, report, request, sid, sign

from bot.channels.twilio import SMS, STATUS
from bot.services import inbox
from bot.store.errors import Busy, Unwritten

SPOOFS = [
    {"Host": "evil.example"},
    {"X-Forwarded-Host": "evil.example"},
    {"X-Forwarded-Proto": "http"},
    {"X-Forwarded-Port": "1"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-Prefix": "/evil"},
    {"X-Forwarded-Path": "/evil"},
    {"X-Original-URL": "/metrics"},
    {"X-Rewrite-URL": "/metrics"},
    {"Forwarded": "host=evil.example;proto=http"},
    {"X-HTTP-Method-Override": "GET"},
    {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Host": "evil.example"},
]


def words(answer) -> list[str]:
    assert answer.content_type == "text/xml; charset=utf-8"
    return [message.text for message in ElementTree.fromstring(answer.data)]


def test_a_text_is_answered(post):
    answer = post(request(form("help")))
    assert answer.status_code == 200
    assert "191" in "".join(words(answer)), "the sender is in Thailand"
    assert f"{PUBLIC}{STATUS}?ref=" in answer.text


def test_a_text_that_comes_again_gets_the_same_bytes(post):
    again = request(form("help"))
    assert post(again).data == post(again).data


def test_a_report_is_kept(post):
    message = request(form("help"))
    post(message)
    answer = post(callback(report("delivered", sid()), 1))
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("sender", ["1294", "Smart", "+15005550006"])
def test_who_cannot_be_answered_gets_silence(post, sender):
    answer = post(request(form("help", sender=sender)))
    assert (answer.status_code, words(answer)) == (200, [])


# W5: nothing a request says about itself is believed


@pytest.mark.parametrize("spoof", SPOOFS)
def test_no_header_changes_what_is_signed(post, spoof):
    assert post(request(form("help")), **spoof).status_code == 200


@pytest.mark.parametrize("spoof", SPOOFS)
def test_a_signature_for_a_spoofed_address_is_refused(post, spoof):
    for url in ("https://evil.example" + SMS, "http://phlov.example.org" + SMS, PUBLIC + "/evil" + SMS):
        fields = form("help")
        answer = post(request(fields, signature=sign(url, list(fields.items()))), **spoof)
        assert answer.status_code == 403
        assert "evil" not in answer.text + str(answer.headers)


@pytest.mark.parametrize("path", ["//webhooks/twilio/sms", SMS + "/", "/healthz/", "//healthz", "/x/../healthz"])
def test_nothing_is_redirected(client, path):
    for method in ("GET", "POST"):
        answer = client.open(path, method=method, headers={"Host": "evil.example"})
        assert answer.status_code in (404, 405)
        assert "Location" not in answer.headers


# W6: size


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 403),
        (b"a" * 32768, 403),
        (b"a" * 32769, 413),
        (b"a" * 10_000_000, 413),
        (b"a=1&" * 8000, 400),
        (b"&" * 32768, 403),
    ],
)
def test_bodies_of_every_size(client, body, status):
    answer = client.post(SMS, data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == status


def test_a_body_without_a_length_is_read_no_further_than_allowed(client):
    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "wsgi.input_terminated": True}
    for size, status in ((100, 403), (40_000, 413)):
        body = BytesIO(b"a" * size)
        answer = client.post(SMS, input_stream=body, environ_overrides={**kind, "CONTENT_LENGTH": ""})
        assert answer.status_code == status
        assert body.tell() <= 32769


@pytest.mark.parametrize("length", ["-1", "1e3", "\u0661", "99999999999999999999999"])
def test_a_length_that_is_none(client, length):
    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": length}
    assert client.post(SMS, environ_overrides=kind).status_code in (400, 413)


def test_a_body_that_ends_early(client):
    kind = {"CONTENT_TYPE": "application/x-www-form-urlencoded", "CONTENT_LENGTH": "100"}
    assert client.post(SMS, data=b"a=1", environ_overrides=kind).status_code == 400


# When the database does not work


@pytest.mark.parametrize("error", [Busy, Unwritten])
def test_what_cannot_be_kept_is_never_acknowledged(post, monkeypatch, error):
    def fail(*_, **__):
        raise error("for a test")

    monkeypatch.setattr(inbox, "receive", fail)
    answer = post(request(form("help")))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_a_mistake_of_ours_is_500_and_nothing_is_kept(post, client, monkeypatch):
    real = inbox.step

    def fail(*_):
        raise ZeroDivisionError(WORKER)

    again = request(form("help"))
    monkeypatch.setattr(inbox, "step", fail)
    answer = post(again)
    assert answer.status_code == 500
    assert WORKER not in answer.text
    monkeypatch.setattr(inbox, "step", real)
    assert words(post(again)) != []
    assert client.get("/readyz").status_code == 200


# Everything else


ROUTES = {("POST", SMS), ("POST", STATUS), ("GET", "/healthz"), ("GET", "/readyz"), ("GET", "/metrics")}


def test_these_routes_exist_and_no_others(client):
    found = {
        (method, rule.rule) for rule in client.application.url_map.iter_rules() for method in rule.methods - {"HEAD"}
    }
    assert found == ROUTES


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize(
    "path", [*sorted({path for _, path in ROUTES}), "/", "/console/", "/webhooks/twilio", "/static/x"]
)
def test_other_methods_and_paths_are_refused_in_plain_words(client, method, path):
    answer = client.open(path, method=method)
    if (method.replace("HEAD", "GET"), path) in ROUTES:
        return
    assert answer.status_code in (404, 405)
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics", "/nothing"])
def test_every_answer_says_how_it_may_be_used(client, path):
    answer = client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"


def test_health(client):
    assert client.get("/healthz").text == "ok\n"
    assert (client.get("/readyz").status_code, client.get("/readyz").text) == (200, "ready\n")


def test_a_house_without_twilio_says_so(bare_client):
    for path in (SMS, STATUS):
        answer = bare_client.post(path)
        assert (answer.status_code, answer.text) == (503, "twilio: not set up here; set it up\n")
    assert bare_client.get("/readyz").status_code == 200


def test_counts(post, client):
    again = request(form("help"))
    post(again)
    post(again)
    post(request(form("help"), signature="x"))
    post(callback(report()))
    page = client.get("/metrics").text
    for line in (
        'phlov_inbound_total{channel="twilio",outcome="answered"} 1.0',
        'phlov_inbound_total{channel="twilio",outcome="duplicate"} 1.0',
        'phlov_inbound_total{channel="twilio",outcome="report"} 1.0',
        'phlov_refused_total{channel="twilio",reason="signature"} 1.0',
        'phlov_webhook_seconds_count{channel="twilio"} 4.0',
    ):
        assert line in page
    assert WORKER.removeprefix("+") not in page
