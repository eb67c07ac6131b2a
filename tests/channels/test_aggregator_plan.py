"""A description that could not work, or would not be safe, is refused at the start with the file, the place and why."""

import tomllib
from pathlib import Path

import pytest

from bot.channels.aggregator import wire
from bot.channels.aggregator_plan import read
from bot.channels.aggregator_table import Unsound
from bot.config import Settings, SettingsError

EXAMPLES = sorted((Path(__file__).parents[2] / "deploy" / "aggregators").glob("*.toml"))
SECRETS = {
    "PHLOV_AGGREGATOR_NUMBER": "+85512345678",
    "PHLOV_AGGREGATOR_USER": "us&er",
    "PHLOV_AGGREGATOR_SECRET": "pa ss?",
    "PHLOV_AGGREGATOR_WEBHOOK_SECRET": "hook",
}
LEAST = """\
[send]
url = "https://sms.example/send"
[send.form]
to = "{to}"
text = "{text}"
[send.success]
pattern = "OK"
"""
HOOK = '[webhook]\nsecret = "${PHLOV_AGGREGATOR_WEBHOOK_SECRET}"\nquery = "key"\n'
TEXTS = '[inbound]\nshape = "form"\nfrom = "from"\ntext = "text"\nid = "id"\n'
REPORTS = '[report]\nshape = "form"\nid = "id"\nstatus = "status"\n'
WHOLE = LEAST + HOOK + TEXTS + REPORTS


@pytest.mark.parametrize("file", EXAMPLES, ids=lambda file: file.stem)
def test_the_examples_are_sound(file):
    plan = read(file, SECRETS)
    assert plan.incoming
    assert plan.reporting
    assert plan.watch


def test_there_are_three_examples():
    assert [file.stem for file in EXAMPLES] == ["form", "get", "json"]


def test_the_least_there_can_be(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(LEAST)
    plan = read(file, {})
    assert (plan.watch, plan.incoming, plan.reporting) == (None, None, None)
    assert (plan.sending.method, plan.sending.joining, plan.sending.rate) == ("POST", "gateway", None)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("[send]", "[sent]", "sent: there is no such key; did you mean send?"),
        ("[send]", "[send", "is no TOML: Expected ']' at the end of a table declaration (at line 1, column 6)"),
        ('url = "https://sms.example/send"', "", "send.url: is missing"),
        ("https://sms.example/send", "sms.example", "send.url: must be an address such as https://sms.example.com/send"),
        ("https://sms.example/send", "ftp://sms.example/", "send.url: must be an address"),
        ("https://sms.example/send", "https://{to}.example/", "send.url: must be an address"),
        ("https://sms.example/send", "https://sms.example:99999/", "send.url: must be an address"),
        ("https://sms.example/send", "https://[::1/", "send.url: must be an address"),
        ("https://sms.example/send", "https://user:pass@sms.example/", "send.url: must be an address"),
        ("https://sms.example/send", "https://${PHLOV_AGGREGATOR_USER}/", "send.url: must be an address"),
        ("https://sms.example/send", "https://sms.example/{too}", "send.url: there is no {too}; there are"),
        ("[send.form]", "[send.from]", "send.form: there must be one of [send.form], [send.json] and [send.query]"),
        ("[send.form]", "[send.query]\na = 1\n[send.form]", "send.form: there must be one of"),
        ("[send.form]", "[send.form]\na = {b = 1}", "send.form: must hold single values"),
        ('to = "{to}"', 'to = "{two}"', "send.form: there is no {two}; there are"),
        ('to = "{to}"', 'to = "1"', "send.form: {to} or {to_no_plus} stands nowhere"),
        ('text = "{text}"', 'text = "hello"', "send.form: {text} or {text_hex_ucs2} stands nowhere"),
        ('text = "{text}"', 'text = "${HOME}"', "send.form: there is no ${HOME}; there are PHLOV_AGGREGATOR"),
        ('to = "{to}"', 'to = "{to}"\nd = 2026-01-01', "send.form: dates have no form of their own here"),
        ("[send.form]", 'method = "DELETE"\n[send.form]', "send.method: must be one of POST, GET, PUT"),
        ("[send.form]", 'concatenation = "udh"\n[send.form]', "send.concatenation: is udh, but {udh} stands nowhere"),
        ("[send.form]", 'concatenation = "no"\n[send.form]', "send.concatenation: must be one of gateway, udh, none"),
        ("[send.form]", 'from = "{to}"\n[send.form]', "send.from: is the same for every text"),
        ("[send.form]", "timeout = 0\n[send.form]", "send.timeout: must be from 1 to 60"),
        ("[send.form]", "timeout = 1.5\n[send.form]", "send.timeout: must be a whole number"),
        ("[send.form]", "dedupes = true\n[send.form]", "send.dedupes: is true, but {id} stands nowhere"),
        ("[send.form]", 'headers = {X = "{text}"}\n[send.form]', "send.headers.X: may hold no other braces than {id}"),
        ("[send.form]", 'headers = {"X Y" = "a"}\n[send.form]', "send.headers.X Y: is no name of a header"),
        ("[send.form]", 'headers = {X = "a\\nb: c"}\n[send.form]', "send.headers.X: must be of plain ASCII characters"),
        ("[send.form]", 'headers = {X = "é"}\n[send.form]', "send.headers.X: must be of plain ASCII characters"),
        ("[send.form]", "headers = {X = 1}\n[send.form]", "send.headers: must be texts"),
        ("[send.form]", 'coding = {gsm = "0"}\n[send.form]', "send.coding: must have the texts gsm7 and ucs2"),
        ("[send.form]", 'timout = 1\n[send.form]', "send.timout: there is no such key; did you mean timeout?"),
        ('pattern = "OK"', "status = [200]", "send.success: needs a pattern, an id or an id_json: a status alone"),
        ('pattern = "OK"', 'pattern = "(OK"', "send.success.pattern: is no regular expression"),
        ('pattern = "OK"', 'id = "OK"', "send.success.id: needs a group in parentheses"),
        ('pattern = "OK"', 'pattern = "OK"\nstatus = [20]', "send.success.status: must be a list of HTTP statuses"),
        ("[webhook]", '[[send.errors]]\ncause = "credit"\n[webhook]', "send.errors[1].status: is missing, and so is"),
        ("[webhook]", '[[send.errors]]\nstatus = [402]\n[webhook]', "send.errors[1].cause: is missing"),
        ("[webhook]", '[[send.errors]]\nstatus = [402]\ncause = "poor"\n[webhook]', "send.errors[1].cause: must be"),
        (HOOK, "", "webhook: is missing; without a secret anybody could send texts in the name of others"),
        ("${PHLOV_AGGREGATOR_WEBHOOK_SECRET}", "hook", "webhook.secret: must be a reference such as ${PHLOV"),
        ("${PHLOV_AGGREGATOR_WEBHOOK_SECRET}", "${PHLOV_NONE}", "webhook.secret: there is no ${PHLOV_NONE}"),
        ('query = "key"', "", "webhook.query: there must be one of query and header"),
        ('query = "key"', 'query = "key"\nheader = "X"', "webhook.query: there must be one of query and header"),
        ('query = "key"', 'query = "key"\nhmac = "sha256"', "webhook.hmac: is looked for in a header; name it"),
        ('query = "key"', 'header = "X"\nhmac = "md5"', "webhook.hmac: must be one of sha256, sha512, sha1"),
        (
            'query = "key"\n[inbound]\nshape = "form"', 'header = "X"\nhmac = "sha1"\n[inbound]\nshape = "query"',
            "webhook.hmac: signs the body, and a query is not in it",
        ),
        ('[inbound]\nshape = "form"', '[inbound]\nshape = "xml"', "inbound.shape: must be one of form, json, query"),
        ('from = "from"', "", "inbound.from: is missing"),
        ('text = "text"\nid = "id"', 'text = "text"', "inbound.id: is missing, and so are date and window"),
        ('text = "text"\n', 'text = "text"\neach = "a"\n', "inbound.each: is for JSON"),
        ('text = "text"\n', 'text = "text"\nhex_field = "a"\n', "inbound.hex_field: hex_field and hex_values go"),
        ('text = "text"\n', 'text = "text"\nwindow = 9999\n', "inbound.window: must be from 0 to 3600"),
        ('query = "key"', 'query = "key"\nanswer = "OK"\n#', None),
        ('id = "id"\nstatus = "status"', 'status = "status"', "report.id: is missing, and so is reference"),
        ('status = "status"', 'status = "status"\neach = "a"', "report.each: is for JSON"),
        ('status = "status"', 'status = "status"\nwords = {A = "done"}', "report.words.A: must be one of"),
    ],
)  # fmt: skip
def test_what_cannot_work_is_refused(tmp_path, old, new, line):
    file = tmp_path / "a.toml"
    assert old in WHOLE
    file.write_text(WHOLE.replace(old, new, 1))
    if line is None:
        assert read(file, SECRETS).answer == "OK"
        return
    with pytest.raises(Unsound) as unsound:
        read(file, SECRETS)
    assert str(unsound.value).startswith(f"{file}: {line}")
    assert "\n" not in str(unsound.value)


def test_a_file_that_sends_nothing(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(HOOK + TEXTS)
    with pytest.raises(Unsound, match="send: is missing"):
        read(file, SECRETS)


def test_an_answer_that_people_would_get_is_refused(tmp_path):
    file = tmp_path / "a.toml"
    inline = WHOLE.replace('query = "key"', 'query = "key"\nanswer = "OK"').replace(
        'id = "id"\n', 'id = "id"\nreply = "inline"\n', 1
    )
    file.write_text(inline)
    with pytest.raises(Unsound, match="would be sent to people"):
        read(file, SECRETS)


def test_a_number_that_is_none_is_refused(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(
        LEAST.replace("[send.form]", 'coding = {gsm7 = "text", ucs2 = "8"}\n[send.json]\nc = "{coding:number}"')
    )
    with pytest.raises(Unsound, match=r"send\.json: what is a number here cannot be one, such as 'text'"):
        read(file, SECRETS)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read(tmp_path, content):
    file = tmp_path / "a.toml"
    if content:
        file.write_bytes(content)
    with pytest.raises(SettingsError) as refused:
        wire(Settings(aggregator_file=str(file)))
    assert refused.value.lines[0].startswith(f"{file}: ")


def test_a_secret_that_is_not_set_is_named_and_no_secret_is_shown(tmp_path):
    file = EXAMPLES[0]
    settings = Settings(aggregator_file=str(file), aggregator_user="canary", aggregator_number="+85512345678")
    with pytest.raises(SettingsError) as refused:
        wire(settings)
    assert refused.value.lines == (f"{file}: send.headers.apikey: PHLOV_AGGREGATOR_SECRET is not set",)


def test_secrets_stand_nowhere_in_the_examples():
    for file in EXAMPLES:
        webhook = tomllib.loads(file.read_text())["webhook"]
        assert webhook["secret"] == "${PHLOV_AGGREGATOR_WEBHOOK_SECRET}"


def test_a_secret_is_escaped_in_an_address(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(LEAST.replace("/send", "/${PHLOV_AGGREGATOR_USER}/send?p=${PHLOV_AGGREGATOR_SECRET}"))
    assert read(file, SECRETS).sending.where.fill({}) == "/us%26er/send?p=pa%20ss%3F"


def test_a_login(tmp_path):
    file = tmp_path / "a.toml"
    file.write_text(LEAST.replace("[send.form]", 'login = "u:${PHLOV_AGGREGATOR_SECRET}"\n[send.form]'))
    assert read(file, SECRETS).sending.headers["Authorization"].fill({}) == "Basic dTpwYSBzcz8="
