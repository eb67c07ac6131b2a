"""Sending by Twilio's REST API: the only file that pays for `twilio.rest`, imported at the first send."""

from __future__ import annotations

import logging
from typing import Any, Final
from urllib.parse import urlsplit

from requests.exceptions import ConnectionError as Unconnected
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import NewConnectionError

from bot.protocol import Outbound, SendError, Sent

TIMEOUT: Final = 10.0
"""Seconds for each wait on the API; the library itself would wait for ever."""

LATER: Final = frozenset({20003, 20429, 21606, 21611, 30001, 30003, 30008, 30017, 30036})
"""Twilio's errors after which the same text may be taken later: throttled, queue full, account to be put right."""

_silent = logging.getLogger("bot.channels.twilio_rest.silent")
_silent.disabled = True  # the library logs each request with its address and headers


class Elsewhere(TwilioHttpClient):
    """Twilio's own client, sent to another address (a test's server); everything else is unchanged."""

    def __init__(self, address: str, **options: Any) -> None:
        super().__init__(**options)
        self._to = urlsplit(address)
        if self.session:
            self.session.trust_env = False

    def request(self, method: str, url: str, *args: Any, **named: Any) -> Any:  # type: ignore[override]
        """One request, its scheme and host replaced."""
        moved = urlsplit(url)._replace(scheme=self._to.scheme, netloc=self._to.netloc)
        return super().request(method, moved.geturl(), *args, **named)


def connect(account_sid: str, auth_token: str, api_url: str | None) -> Client:
    """A client with time limits that never repeats a request by itself."""
    options: dict[str, Any] = {"timeout": TIMEOUT, "max_retries": 0, "logger": _silent}
    http = Elsewhere(api_url, **options) if api_url else TwilioHttpClient(**options)
    return Client(account_sid, auth_token, http_client=http)


def create(client: Client, outbound: Outbound, sender: str, callback: str) -> Sent:
    """Create the message; raises `SendError`. What is known of the text after each failure is told by `sent`."""
    try:
        message = client.messages.create(
            to=outbound.recipient,
            from_=sender,
            body=outbound.text,
            status_callback=callback,
            smart_encoded=False,
        )
    except TwilioRestException as error:
        raise _refusal(error.status, error.code) from None
    except RequestException as error:
        raise _broken(error) from None
    except (ValueError, TypeError, AttributeError):  # what the library raises on an answer of another shape
        raise SendError("Twilio's answer cannot be read", retry=True, sent="unknown") from None
    if not message.sid:
        raise SendError("Twilio's answer names no message", retry=True, sent="unknown")
    return Sent(message.sid)


def _refusal(status: int, code: int | None) -> SendError:
    reason = f"Twilio answered HTTP {status}, error {code or 'not named'}"
    if status >= 500:
        return SendError(reason, retry=True, sent="unknown")
    return SendError(reason, retry=status == 429 or code in LATER, sent="no")


def _broken(error: RequestException) -> SendError:
    """No connection means nothing was said; anything later may have reached Twilio."""
    cause = getattr(error.args[0] if error.args else None, "reason", None)
    unsaid = isinstance(error, ConnectTimeout) or (
        isinstance(error, Unconnected) and isinstance(cause, NewConnectionError)
    )
    return SendError(f"Twilio: {type(error).__name__}", retry=True, sent="no" if unsaid else "unknown")
