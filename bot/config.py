"""Settings from the environment (`PHLOV_…`) or a `.env` file, checked once at the start."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PHLOV_"
ENV_FILE = Path(".env")


class SettingsError(Exception):
    """The settings cannot be used. One clear line for each mistake; no secret is ever part of a line."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def _address(value: str) -> str:
    """An http(s) address without user, query or fragment; a last slash is dropped."""
    try:
        parts = urlsplit(value)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"[?#@\s]", value) or not value.isascii():
        raise ValueError("must be an address such as https://phlov.example.org")
    return value.rstrip("/")


def _database(value: str) -> str:
    if not re.match(r"sqlite:///[^?]+$|postgresql(\+psycopg)?://\S+$", value):
        raise ValueError("must begin with sqlite:/// (and a file) or postgresql://")
    return value


def _number(value: str) -> str:
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}", value):
        raise ValueError("must be a number in the international form, such as +15005550006")
    return value


def _account(value: str) -> str:
    if not re.fullmatch(r"AC[0-9a-fA-F]{32}", value):
        raise ValueError("must be AC and 32 hexadecimal digits")
    return value


def _secret(value: SecretStr) -> SecretStr:
    if re.search(r"\s", value.get_secret_value()):
        raise ValueError("must not hold spaces")
    return value


Address = Annotated[str, AfterValidator(_address)]
Secret = Annotated[SecretStr, AfterValidator(_secret)]


class Settings(BaseSettings):
    """Every setting there is. Each is described in docs/settings.md, and a test compares the two."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, extra="ignore", frozen=True)

    data_dir: Path = Path("var")
    database_url: Annotated[str, AfterValidator(_database)] | None = None
    master_key: Secret | None = None
    host: Annotated[str, Field(pattern=r"^[0-9A-Za-z.:_-]+$")] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8000
    public_url: Address | None = None
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    threads: Annotated[int, Field(ge=1, le=64)] = 16
    max_body: Annotated[int, Field(ge=1024, le=1_048_576)] = 32_768
    log_format: Literal["json", "console"] = "json"
    twilio_account_sid: Annotated[str, AfterValidator(_account)] | None = None
    twilio_auth_token: Secret | None = None
    twilio_number: Annotated[str, AfterValidator(_number)] | None = None
    twilio_shared_key: Secret | None = None
    twilio_api_url: Address | None = None

    @property
    def database(self) -> str:
        """The database's address; a SQLite file in the data directory unless another is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'phlov.db'}"

    @property
    def own_numbers(self) -> frozenset[str]:
        """Numbers that are ours, in E.164; a text from one of them is a loop."""
        return frozenset(filter(None, [self.twilio_number]))

    @model_validator(mode="after")
    def _twilio_is_whole(self) -> Self:
        given = [name for name in type(self).model_fields if name.startswith("twilio_") and getattr(self, name)]
        needed = ("twilio_account_sid", "twilio_auth_token", "twilio_number", "public_url")
        missing = [PREFIX + name.upper() for name in needed if not getattr(self, name)]
        if given and missing:
            raise ValueError(f"{', '.join(missing)}: must be set too, because {PREFIX}{given[0].upper()} is set")
        return self

    @model_validator(mode="after")
    def _workers_fit(self) -> Self:
        if self.workers > 1 and self.database.startswith("sqlite"):
            raise ValueError("PHLOV_WORKERS: must be 1 on SQLite, which has one writer; more need PostgreSQL")
        return self


def load(env_file: Path = ENV_FILE) -> Settings:
    """The settings of the environment and of `env_file` (the environment wins), or `SettingsError`."""
    mistakes = _unknown(env_file)
    try:
        settings = Settings(_env_file=env_file)  # type: ignore[call-arg]  # known to pydantic-settings, not to its types
    except ValidationError as error:
        mistakes += [_line(str(e["loc"][0]) if e["loc"] else "", e["type"], e["msg"]) for e in error.errors()]
    if mistakes:
        raise SettingsError(tuple(mistakes))
    return settings


def _unknown(env_file: Path) -> list[str]:
    known = [PREFIX + name.upper() for name in Settings.model_fields]
    given = {*os.environ, *(dotenv_values(env_file) if env_file.is_file() else ())}
    strange = sorted(name for name in given if name.upper().startswith(PREFIX) and name.upper() not in known)
    return [f"{name}: there is no such setting{_nearest(name.upper(), known)}" for name in strange]


def _nearest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name[len(PREFIX) :], [item[len(PREFIX) :] for item in known], n=1, cutoff=0.6)
    return f"; did you mean {PREFIX}{near[0]}?" if near else "; all settings are in docs/settings.md"


_EXPECTED = {
    "int_parsing": "must be a whole number",
    "string_pattern_mismatch": "must be a host name or an IP address",
}


def _line(name: str, kind: str, message: str) -> str:
    """One line for one mistake; the value itself is never shown, it may be a secret in the wrong place."""
    wish = _EXPECTED.get(kind) or message.removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{PREFIX}{name.upper()}: {wish}" if name else wish
