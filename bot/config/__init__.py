"""The settings as plain values. `bot.config.environment` reads and checks them; a server need not pay for that."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Literal, Self

PREFIX = "PHLOV_"


class SettingsError(Exception):
    """The settings cannot be used. One clear line for each mistake; no secret is ever part of a line."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting there is. Each is described in docs/settings.md, and a test compares the two."""

    data_dir: Path = Path("var")
    database_url: str | None = field(default=None, repr=False)
    master_key: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 8000
    public_url: str | None = None
    workers: int = 1
    threads: int = 256
    max_body: int = 32_768
    log_format: Literal["json", "console"] = "json"
    console: bool = True
    console_plain: bool = False
    deliver: bool = True
    route: str | None = None
    budget_day: int | None = None
    budget_country: int | None = None
    prices_file: str | None = None
    jobs_url: str | None = field(default=None, repr=False)
    worker_port: int | None = None
    twilio_account_sid: str | None = None
    twilio_auth_token: str | None = field(default=None, repr=False)
    twilio_number: str | None = None
    twilio_shared_key: str | None = field(default=None, repr=False)
    twilio_api_url: str | None = None
    twilio_content_retention: Literal["retain", "discard"] | None = None
    twilio_address_retention: Literal["retain", "obfuscate"] | None = None
    smsgate_url: str | None = None
    smsgate_user: str | None = None
    smsgate_password: str | None = field(default=None, repr=False)
    smsgate_signing_key: str | None = field(default=None, repr=False)
    smsgate_number: str | None = None
    smsgate_sim: int | None = None
    smsgate_window: int = 300
    smsgate_rate: int = 20
    aggregator_file: str | None = None
    aggregator_number: str | None = None
    aggregator_user: str | None = field(default=None, repr=False)
    aggregator_secret: str | None = field(default=None, repr=False)
    aggregator_webhook_secret: str | None = field(default=None, repr=False)
    gammu_database: str | None = field(default=None, repr=False)
    gammu_number: str | None = None
    gammu_phones: str | None = None
    kannel_sendsms_url: str | None = None
    kannel_username: str | None = None
    kannel_password: str | None = field(default=None, repr=False)
    kannel_secret: str | None = field(default=None, repr=False)
    kannel_number: str | None = None
    kannel_callback_url: str | None = None
    kannel_rate: int | None = None
    kannel_status_url: str | None = None
    kannel_status_password: str | None = field(default=None, repr=False)
    kannel_ussd_code: str | None = None
    kannel_ussd_script: Literal["km", "km_Latn", "en"] | None = None
    africastalking_secret: str | None = field(default=None, repr=False)
    africastalking_username: str | None = None
    africastalking_api_key: str | None = field(default=None, repr=False)
    africastalking_number: str | None = None
    africastalking_api_url: str | None = None
    africastalking_rate: int | None = None
    africastalking_ussd_entry: Literal["accumulated", "last"] | None = None
    africastalking_ussd_script: Literal["km", "km_Latn", "en"] | None = None
    africastalking_ussd_letters: int | None = None
    africastalking_ussd_units: int | None = None
    ussd_bridge_file: str | None = None
    ussd_bridge_secret: str | None = field(default=None, repr=False)
    ussd_sms: str | None = None

    @property
    def database(self) -> str:
        """The database's address; a SQLite file in the data directory unless another is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'phlov.db'}"

    @property
    def own_numbers(self) -> frozenset[str]:
        """Numbers that are ours, at every gateway, in E.164; a text from one of them is a loop."""
        numbers = (getattr(self, item.name) for item in fields(self) if item.name.endswith("_number"))
        return frozenset(filter(None, numbers))

    def dump(self) -> bytes:
        """For another process of this house; holds the secrets."""
        return json.dumps({**asdict(self), "data_dir": str(self.data_dir)}).encode()

    @classmethod
    def restore(cls, dumped: bytes) -> Self:
        """What `dump` made."""
        values = json.loads(dumped)
        return cls(**{**values, "data_dir": Path(values["data_dir"])})
