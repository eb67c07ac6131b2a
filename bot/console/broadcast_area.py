"""All pages of broadcasts: each file adds its own to the blueprint of the first."""

from __future__ import annotations

from bot.console import broadcast_permits, broadcast_report, broadcast_send, broadcast_write, broadcasts

FILES = (broadcasts, broadcast_write, broadcast_send, broadcast_report, broadcast_permits)
LOOK = broadcasts.LOOK
pages = broadcasts.pages
