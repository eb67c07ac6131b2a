"""Settings from the environment (`PHLOV_…`) and a `.env` file, checked once at the start."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, ValidationError, create_model
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.config import PREFIX, Settings, SettingsError

ENV_FILE = Path(".env")


def load(env_file: Path = ENV_FILE) -> Settings:
    """The settings of the environment and of `env_file` (the environment wins), or `SettingsError`."""
    try:
        mistakes = _unknown(env_file)
    except UnicodeDecodeError as error:
        raise SettingsError((f"{env_file}: is not UTF-8 text; write it anew",)) from error
    except OSError as error:
        raise SettingsError((f"{env_file}: cannot be read: {error.strerror}",)) from error
    try:
        settings = Settings(**Environment(_env_file=env_file).model_dump())
    except ValidationError as error:
        mistakes += [_line(str(e["loc"][0]), e["type"], e["msg"]) for e in error.errors()]
    else:
        mistakes += _together(settings)
    if mistakes:
        raise SettingsError(tuple(mistakes))
    return settings


def _matching(pattern: str, wish: str) -> AfterValidator:
    def check(value: str | None) -> str | None:
        if value is not None and not re.fullmatch(pattern, value):
            raise ValueError(f"must {wish}")
        return value

    return AfterValidator(check)


def _address(value: str | None) -> str | None:
    """An http(s) address without user, query or fragment; a last slash is dropped."""
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"[?#@\s]", value) or not value.isascii():
        raise ValueError("must be an address such as https://phlov.example.org")
    return value.rstrip("/")


_DATABASE = r"sqlite:///[^?]+|postgresql(\+psycopg)?://\S+"
_ASCII = _matching(r"[!-~]+", "be ASCII without spaces")
_NO_SPACES = _matching(r"\S+", "not hold spaces")
_NUMBER = _matching(r"\+[1-9][0-9]{6,14}", "be a number in the international form, such as +15005550006")
_CHECKS: dict[str, Any] = {
    "database_url": _matching(_DATABASE, "begin with sqlite:/// (and a file) or postgresql://"),
    "master_key": _NO_SPACES,
    "host": _matching(r"[0-9A-Za-z.:_-]+", "be a host name or an IP address"),
    "port": Field(ge=1, le=65535),
    "public_url": AfterValidator(_address),
    "workers": Field(ge=1, le=64),
    "threads": Field(ge=1, le=512),
    "max_body": Field(ge=1024, le=1_048_576),
    "route": _matching(r"[a-z_]+(,[a-z_]+)*", "be names of gateways with commas between, such as gammu,twilio"),
    "budget_day": Field(ge=1),
    "budget_country": Field(ge=1),
    "jobs_url": _matching(r"(postgresql(\+psycopg)?|rediss?)://\S+", "begin with postgresql:// or redis://"),
    "worker_port": Field(ge=1, le=65535),
    "twilio_account_sid": _matching(r"AC[0-9a-fA-F]{32}", "be AC and 32 hexadecimal digits"),
    "twilio_auth_token": _NO_SPACES,
    "twilio_number": _NUMBER,
    "twilio_shared_key": _NO_SPACES,
    "twilio_api_url": AfterValidator(_address),
    "smsgate_url": AfterValidator(_address),
    "smsgate_user": _matching(r"[^:\s]+", "hold neither spaces nor a colon"),
    "smsgate_password": _NO_SPACES,
    "smsgate_signing_key": _NO_SPACES,
    "smsgate_number": _NUMBER,
    "smsgate_sim": Field(ge=1, le=3),
    "smsgate_window": Field(ge=0, le=86_400),
    "smsgate_rate": Field(ge=1, le=6000),
    "aggregator_number": _NUMBER,
    "gammu_database": _matching(_DATABASE, "begin with sqlite:/// (and a file) or postgresql://"),
    "gammu_number": _matching(r"\+[1-9][0-9]{6,14}", "be a number in the international form, such as +85512345678"),
    "kannel_sendsms_url": AfterValidator(_address),
    "kannel_username": _ASCII,
    "kannel_password": _ASCII,
    "kannel_secret": _matching(r"[0-9A-Za-z_.~-]{16,}", "be 16 or more letters, digits and . _ ~ -"),
    "kannel_number": _matching(r"\+?[0-9]{3,15}", "be a short code or number, such as 1280 or +85512345678"),
    "kannel_callback_url": AfterValidator(_address),
    "kannel_rate": Field(ge=1, le=1000),
    "kannel_status_url": AfterValidator(_address),
    "kannel_status_password": _matching(r"[0-9A-Za-z_.~-]+", "be letters, digits and . _ ~ -"),
    "kannel_ussd_code": _matching(r"\*[0-9]+(\*[0-9]+)*#", "be dialled as *1280#"),
    "africastalking_secret": _matching(r"[0-9A-Za-z_.~-]{16,}", "be 16 or more letters, digits and . _ ~ -"),
    "africastalking_username": _NO_SPACES,
    "africastalking_api_key": _ASCII,
    "africastalking_number": _matching(r"\+?[0-9A-Za-z ]{3,15}", "be a short code, a number or a name of ours"),
    "africastalking_api_url": AfterValidator(_address),
    "africastalking_rate": Field(ge=1, le=1000),
    "africastalking_ussd_letters": Field(ge=100, le=182),
    "africastalking_ussd_units": Field(ge=70, le=91),
    "ussd_bridge_secret": _matching(r"[0-9A-Za-z_.~-]{16,}", "be 16 or more letters, digits and . _ ~ -"),
    "ussd_sms": _matching(r"[a-z_]+", "be the name of a gateway, such as gammu, or none"),
    "gammu_phones": _matching(r"[^,\s]+(,[^,\s]+)*", "be phone ids of SMSD with commas between, such as MODEM1,MODEM2"),
}


def _model() -> Callable[..., BaseSettings]:
    """The fields of `Settings`, read from the environment, each with its check."""
    hints = get_type_hints(Settings)
    wanted: dict[str, Any] = {
        item.name: (Annotated[hints[item.name], _CHECKS.get(item.name)], item.default) for item in fields(Settings)
    }
    return create_model("Environment", __base__=_Base, **wanted)


class _Base(BaseSettings):
    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", hide_input_in_errors=True
    )


Environment = _model()


def _unknown(env_file: Path) -> list[str]:
    known = [PREFIX + item.name.upper() for item in fields(Settings)]
    given = {*os.environ, *(dotenv_values(env_file) if env_file.is_file() else ())}
    strange = sorted(name for name in given if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [f"{name}: there is no such setting{_nearest(name.upper(), known)}" for name in strange]


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name[len(PREFIX) :], [item[len(PREFIX) :] for item in known], n=1, cutoff=0.6)
    return f"; did you mean {PREFIX}{near[0]}?" if near else "; all settings are in docs/settings.md"


_COMPANIONS = {
    "twilio": ("twilio_account_sid", "twilio_auth_token", "twilio_number", "public_url"),
    "gammu": ("gammu_database", "gammu_number"),
    "africastalking": ("africastalking_secret",),
    "ussd_bridge": ("ussd_bridge_file", "ussd_bridge_secret"),
    "smsgate": ("smsgate_url", "smsgate_user", "smsgate_password", "smsgate_signing_key", "smsgate_number"),
    "aggregator": ("aggregator_file",),
    "kannel": ("kannel_sendsms_url", "kannel_username", "kannel_password", "kannel_secret", "kannel_number"),
}
"""What a gateway needs as soon as one of its settings is given."""
_PAIRS = (("africastalking_username", "africastalking_api_key"),)
"""Of no use without each other."""


def _together(settings: Settings) -> list[str]:
    """What is wrong only in company."""
    found = []
    for gateway, needed in _COMPANIONS.items():
        of_it = [item for item in fields(Settings) if item.name.startswith(f"{gateway}_")]
        given = [item.name for item in of_it if getattr(settings, item.name) != item.default]
        missing = [PREFIX + name.upper() for name in needed if not getattr(settings, name)]
        if given and missing:
            found.append(f"{', '.join(missing)}: must be set too, because {PREFIX}{given[0].upper()} is set")
    for pair in _PAIRS:
        missing = [PREFIX + name.upper() for name in pair if not getattr(settings, name)]
        if len(missing) == 1:
            found.append(f"{missing[0]}: must be set too, because its companion is set")
    if settings.database.startswith("sqlite"):
        if settings.workers > 1:
            found.append("PHLOV_WORKERS: must be 1 on SQLite, which has one writer; more need PostgreSQL")
        if not settings.deliver:
            found.append("PHLOV_DELIVER: must be true on SQLite, which has one process; others need PostgreSQL")
        if settings.jobs_url:
            found.append("PHLOV_JOBS_URL: is for several processes, which need PostgreSQL; leave it out on SQLite")
    return found


def _line(name: str, kind: str, message: str) -> str:
    """One line for one mistake; the value itself is never shown, it may be a secret in the wrong place."""
    if kind == "int_parsing":
        message = "must be a whole number"
    wish = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{PREFIX}{name.upper()}: {wish}"
