"""The table of gateways: one line each. A gateway's file is imported only where its settings are given."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Final

from bot.channels import Unset, sends

if TYPE_CHECKING:
    from bot.channels import Channel
    from bot.config import Settings

Routes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """A gateway that Phlov knows: `module` has `wire(settings) -> Channel`; `setting` is the one that turns it on."""

    name: str
    module: str
    setting: str
    routes: Routes = ()


KINDS: Final = (
    Kind(
        "twilio",
        "bot.channels.twilio",
        "twilio_account_sid",
        (("POST", "/webhooks/twilio/sms"), ("POST", "/webhooks/twilio/status")),
    ),
    Kind(
        "aggregator",
        "bot.channels.aggregator",
        "aggregator_file",
        (
            ("POST", "/webhooks/aggregator/sms"),
            ("GET", "/webhooks/aggregator/sms"),
            ("POST", "/webhooks/aggregator/report"),
            ("GET", "/webhooks/aggregator/report"),
        ),
    ),
    Kind("smsgate", "bot.channels.smsgate", "smsgate_url", (("POST", "/webhooks/smsgate"),)),
    Kind("gammu", "bot.channels.gammu", "gammu_database"),
    Kind(
        "kannel",
        "bot.channels.kannel",
        "kannel_sendsms_url",
        (("GET", "/webhooks/kannel/sms"), ("GET", "/webhooks/kannel/dlr")),
    ),
    Kind("kannel_ussd", "bot.channels.kannel_ussd", "kannel_ussd_code", (("GET", "/webhooks/kannel/ussd"),)),
    Kind(
        "africastalking",
        "bot.channels.africastalking",
        "africastalking_secret",
        tuple(("POST", f"/webhooks/africastalking/{path}") for path in ("sms", "ussd", "delivery")),
    ),
    Kind(
        "ussd_bridge",
        "bot.channels.ussd_bridge",
        "ussd_bridge_file",
        (("POST", "/webhooks/ussd"), ("GET", "/webhooks/ussd")),
    ),
)


def wire(settings: Settings) -> dict[str, Channel]:
    """Every gateway by name; one without settings says so when it is called."""
    return {kind.name: _wired(kind, settings) for kind in KINDS}


def senders(settings: Settings) -> dict[str, Channel]:
    """The gateways that are set up and can send texts nobody asked for, by name."""
    return {name: each for name, each in wire(settings).items() if sends(each)}


def _wired(kind: Kind, settings: Settings) -> Channel:
    if not getattr(settings, kind.setting):
        return Unset(kind.name, kind.routes, f"set PHLOV_{kind.setting.upper()} and its companions (docs/settings.md)")
    channel: Channel = import_module(kind.module).wire(settings)
    return channel
