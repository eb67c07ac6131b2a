"""Settings are checked at the start, with one clear line for each mistake, and no secret in any of them."""

import re
from pathlib import Path

import pytest

from bot.config import Settings, SettingsError
from bot.config.environment import load

NOWHERE = Path("/nonexistent/.env")
TWILIO = {
    "PHLOV_TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "PHLOV_TWILIO_AUTH_TOKEN": "a-secret-token",
    "PHLOV_TWILIO_NUMBER": "+15005550006",
    "PHLOV_PUBLIC_URL": "https://phlov.example.org/",
}


SMSGATE = {
    "PHLOV_SMSGATE_URL": "http://192.168.1.20:8080/",
    "PHLOV_SMSGATE_USER": "sms",
    "PHLOV_SMSGATE_PASSWORD": "a-secret-password",
    "PHLOV_SMSGATE_SIGNING_KEY": "a-secret-key",
    "PHLOV_SMSGATE_NUMBER": "+85512345678",
}


@pytest.fixture(autouse=True)
def bare(monkeypatch):
    for name in Settings.__dataclass_fields__:
        monkeypatch.delenv(f"PHLOV_{name.upper()}", raising=False)


def mistakes(monkeypatch, **given: str) -> tuple[str, ...]:
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as error:
        load(NOWHERE)
    return error.value.lines


def test_nothing_has_to_be_set():
    settings = load(NOWHERE)
    assert (settings.host, settings.port, settings.workers, settings.max_body) == ("127.0.0.1", 8000, 1, 32768)
    assert settings.database == "sqlite:///var/phlov.db"
    assert settings.own_numbers == frozenset()


def test_the_database_lies_in_the_data_directory(monkeypatch):
    monkeypatch.setenv("PHLOV_DATA_DIR", "/srv/phlov")
    assert load(NOWHERE).database == "sqlite:////srv/phlov/phlov.db"


def test_twilio_is_set_up_whole(monkeypatch):
    for name, value in TWILIO.items():
        monkeypatch.setenv(name, value)
    settings = load(NOWHERE)
    assert settings.public_url == "https://phlov.example.org"
    assert settings.own_numbers == {"+15005550006"}
    assert "a-secret-token" not in repr(settings)


@pytest.mark.parametrize("missing", TWILIO)
def test_half_of_twilio_is_refused(monkeypatch, missing):
    lines = mistakes(monkeypatch, **{name: value for name, value in TWILIO.items() if name != missing})
    assert len(lines) == 1
    assert lines[0].startswith(f"{missing}: must be set too")


def test_a_phone_is_set_up_whole(monkeypatch):
    for name, value in SMSGATE.items():
        monkeypatch.setenv(name, value)
    settings = load(NOWHERE)
    assert settings.smsgate_url == "http://192.168.1.20:8080"
    assert (settings.smsgate_window, settings.smsgate_rate, settings.smsgate_sim) == (300, 20, None)
    assert settings.own_numbers == {"+85512345678"}
    assert "a-secret" not in repr(settings)


@pytest.mark.parametrize("missing", SMSGATE)
def test_half_of_a_phone_is_refused(monkeypatch, missing):
    lines = mistakes(monkeypatch, **{name: value for name, value in SMSGATE.items() if name != missing})
    assert len(lines) == 1
    assert lines[0].startswith(f"{missing}: must be set too")


def test_secrets_of_an_aggregator_need_its_file(monkeypatch):
    (line,) = mistakes(monkeypatch, PHLOV_AGGREGATOR_SECRET="a-secret")
    assert line == "PHLOV_AGGREGATOR_FILE: must be set too, because PHLOV_AGGREGATOR_SECRET is set"


def test_empty_values_are_as_if_not_set(monkeypatch):
    monkeypatch.setenv("PHLOV_TWILIO_NUMBER", "")
    monkeypatch.setenv("PHLOV_PORT", "")
    assert load(NOWHERE).port == 8000


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("PHLOV_PORT", "http", "PHLOV_PORT: must be a whole number"),
        ("PHLOV_PORT", "70000", "PHLOV_PORT: must be less than or equal to 65535"),
        ("PHLOV_HOST", "my host", "PHLOV_HOST: must be a host name or an IP address"),
        ("PHLOV_WORKERS", "0", "PHLOV_WORKERS: must be greater than or equal to 1"),
        ("PHLOV_WORKERS", "2", "PHLOV_WORKERS: must be 1 on SQLite, which has one writer; more need PostgreSQL"),
        ("PHLOV_LOG_FORMAT", "xml", "PHLOV_LOG_FORMAT: must be 'json' or 'console'"),
        ("PHLOV_PUBLIC_URL", "phlov.org", "PHLOV_PUBLIC_URL: must be an address such as https://phlov.example.org"),
        ("PHLOV_PUBLIC_URL", "https://a/?b", "PHLOV_PUBLIC_URL: must be an address such as https://phlov.example.org"),
        ("PHLOV_PUBLIC_URL", "https://u:p@a", "PHLOV_PUBLIC_URL: must be an address such as https://phlov.example.org"),
        ("PHLOV_PUBLIC_URL", "https://a:x", "PHLOV_PUBLIC_URL: must be an address such as https://phlov.example.org"),
        (
            "PHLOV_DATABASE_URL",
            "mysql://x",
            "PHLOV_DATABASE_URL: must begin with sqlite:/// (and a file) or postgresql://",
        ),
        ("PHLOV_TWILIO_ACCOUNT_SID", "AC1", "PHLOV_TWILIO_ACCOUNT_SID: must be AC and 32 hexadecimal digits"),
        ("PHLOV_TWILIO_AUTH_TOKEN", "two words", "PHLOV_TWILIO_AUTH_TOKEN: must not hold spaces"),
        (
            "PHLOV_TWILIO_NUMBER",
            "012345678",
            "PHLOV_TWILIO_NUMBER: must be a number in the international form, such as +15005550006",
        ),
        ("PHLOV_SMSGATE_WINDOW", "-1", "PHLOV_SMSGATE_WINDOW: must be greater than or equal to 0"),
        ("PHLOV_SMSGATE_SIM", "4", "PHLOV_SMSGATE_SIM: must be less than or equal to 3"),
        ("PHLOV_SMSGATE_USER", "a:b", "PHLOV_SMSGATE_USER: must hold neither spaces nor a colon"),
        ("PHLOV_TWILIO_CONTENT_RETENTION", "hide", "PHLOV_TWILIO_CONTENT_RETENTION: must be 'retain' or 'discard'"),
        ("PHLOV_TWILO_NUMBER", "1", "PHLOV_TWILO_NUMBER: there is no such setting; did you mean PHLOV_TWILIO_NUMBER?"),
        (
            "PHLOV_AFRICASTALKING_SECRET",
            "short",
            "PHLOV_AFRICASTALKING_SECRET: must be 16 or more letters, digits and . _ ~ -",
        ),
        (
            "PHLOV_AFRICASTALKING_USSD_UNITS",
            "60",
            "PHLOV_AFRICASTALKING_USSD_UNITS: must be greater than or equal to 70",
        ),
        ("PHLOV_XYZZY", "1", "PHLOV_XYZZY: there is no such setting; all settings are in docs/settings.md"),
    ],
)
def test_one_line_for_a_mistake(monkeypatch, name, value, line):
    assert mistakes(monkeypatch, **{name: value}) == (line,)


def test_all_mistakes_are_told_at_once(monkeypatch):
    lines = mistakes(monkeypatch, PHLOV_PORT="x", PHLOV_WORKERS="x", PHLOV_NONE="x")
    assert len(lines) == 3


def test_no_value_is_ever_shown(monkeypatch):
    lines = mistakes(
        monkeypatch, PHLOV_PORT="canary1", PHLOV_TWILIO_AUTH_TOKEN="canary2 x", PHLOV_MASTER_KEY="canary 3"
    )
    assert "canary" not in "".join(lines)


def test_a_file_is_read_and_the_environment_wins(monkeypatch, tmp_path):
    file = tmp_path / ".env"
    file.write_text("PHLOV_PORT=8001\nPHLOV_HOST=0.0.0.0\nEDITOR=vi\n")
    monkeypatch.setenv("PHLOV_PORT", "8002")
    settings = load(file)
    assert (settings.host, settings.port) == ("0.0.0.0", 8002)


def test_unknown_names_in_the_file_are_refused_too(tmp_path):
    file = tmp_path / ".env"
    file.write_text("PHLOV_PROT=8001\n")
    with pytest.raises(SettingsError, match="did you mean PHLOV_PORT"):
        load(file)


def test_a_file_that_is_no_text_is_told_in_one_line(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes(b"PHLOV_PORT=8001\n\xff\xfe\n")
    with pytest.raises(SettingsError) as refused:
        load(file)
    assert refused.value.lines == (f"{file}: is not UTF-8 text; write it anew",)


def test_every_setting_is_described():
    described = set(re.findall(r"`(PHLOV_[A-Z_]+)`", Path("docs/settings.md").read_text()))
    assert described == {f"PHLOV_{name.upper()}" for name in Settings.__dataclass_fields__}


def test_no_secret_is_shown():
    secret = {name for name in Settings.__dataclass_fields__ if re.search(r"secret|password|token|key", name)}
    assert {name for name in secret if Settings.__dataclass_fields__[name].repr} == set()


def test_settings_can_be_handed_on():
    settings = Settings(data_dir=Path("/srv"), twilio_auth_token="t", port=1)
    assert Settings.restore(settings.dump()) == settings


KANNEL = {
    "PHLOV_KANNEL_SENDSMS_URL": "http://127.0.0.1:13013/cgi-bin/sendsms",
    "PHLOV_KANNEL_USERNAME": "phlov",
    "PHLOV_KANNEL_PASSWORD": "a-secret-word",
    "PHLOV_KANNEL_SECRET": "a-secret-of-sixteen",
    "PHLOV_KANNEL_NUMBER": "1280",
}


def test_kannel_is_set_up_whole(monkeypatch):
    for name, value in KANNEL.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("PHLOV_KANNEL_USSD_CODE", "*1280#")
    assert "a-secret" not in repr(load(NOWHERE))


@pytest.mark.parametrize("missing", KANNEL)
def test_half_of_kannel_is_refused(monkeypatch, missing):
    lines = mistakes(monkeypatch, **{name: value for name, value in KANNEL.items() if name != missing})
    assert [line.partition(":")[0] for line in lines] == [missing]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET", "short"),
        ("SECRET", "with a space and & too"),
        ("NUMBER", "Phlov"),
        ("SENDSMS_URL", "127.0.0.1:13013"),
        ("USSD_CODE", "1280"),
        ("USSD_SCRIPT", "th"),
        ("RATE", "0"),
    ],
)
def test_a_wrong_setting_of_kannel_is_named(monkeypatch, name, value):
    lines = mistakes(monkeypatch, **{**KANNEL, f"PHLOV_KANNEL_{name}": value})
    assert [line.partition(":")[0] for line in lines] == [f"PHLOV_KANNEL_{name}"]


def test_a_key_that_fits_into_no_header_is_refused(monkeypatch):
    monkeypatch.setenv("PHLOV_AFRICASTALKING_SECRET", "0123456789abcdef")
    monkeypatch.setenv("PHLOV_AFRICASTALKING_USERNAME", "sandbox")
    [line] = mistakes(monkeypatch, PHLOV_AFRICASTALKING_API_KEY="key…")
    assert line == "PHLOV_AFRICASTALKING_API_KEY: must be ASCII without spaces"


def test_africas_talking_may_take_calls_alone(monkeypatch):
    monkeypatch.setenv("PHLOV_AFRICASTALKING_SECRET", "0123456789abcdef")
    assert load(NOWHERE).africastalking_api_key is None
    monkeypatch.setenv("PHLOV_AFRICASTALKING_USERNAME", "sandbox")
    with pytest.raises(SettingsError, match="PHLOV_AFRICASTALKING_API_KEY: must be set too"):
        load(NOWHERE)
    monkeypatch.setenv("PHLOV_AFRICASTALKING_API_KEY", "key")
    monkeypatch.delenv("PHLOV_AFRICASTALKING_SECRET")
    with pytest.raises(SettingsError, match="PHLOV_AFRICASTALKING_SECRET: must be set too"):
        load(NOWHERE)
