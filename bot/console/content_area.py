"""All pages about what people are told: each file adds its own to the blueprint of the first."""

from __future__ import annotations

from bot.console import content, content_lists, content_notices, content_numbers, content_topics, unmatched

FILES = (content, content_numbers, content_notices, content_topics, content_lists, unmatched)
LOOK = content.LOOK
pages = content.pages
