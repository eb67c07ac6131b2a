"""All pages about people: each file adds its own to the blueprint of the first."""

from __future__ import annotations

from bot.console import contact_groups, contact_lists, contacts

FILES = (contacts, contact_groups, contact_lists)
LOOK = contacts.LOOK
pages = contacts.pages
