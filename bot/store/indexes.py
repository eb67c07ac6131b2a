"""Indexes over part of a table's rows. Only a migration needs them: they make SQLAlchemy load 4 MB for PostgreSQL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import Index, text

from bot.store.case_tables import CaseFile, CaseNote, ContentChange
from bot.store.staff_tables import Audit, StaffSession
from bot.store.tables import (
    Broadcast,
    BroadcastEvent,
    Contact,
    ContactDay,
    ContactTag,
    Escalation,
    Inbound,
    Membership,
    Outbound,
)

if TYPE_CHECKING:
    from sqlalchemy.orm import InstrumentedAttribute


def _part(name: str, *columns: InstrumentedAttribute[object], where: str, unique: bool = False) -> Index:
    rows = text(where)
    return Index(name, *columns, unique=unique, sqlite_where=rows, postgresql_where=rows)


_part("ix_inbound_contact_id", Inbound.contact_id, where="contact_id IS NOT NULL")
_part(  # nobody is given a text of a broadcast twice
    "ix_outbound_contact_id",
    Outbound.contact_id,
    Outbound.broadcast_text_id,
    where="contact_id IS NOT NULL",
    unique=True,
)
_part(
    "ix_outbound_broadcast_text_id",
    Outbound.broadcast_text_id,
    Outbound.state,
    where="broadcast_text_id IS NOT NULL",
)
_part("ix_broadcast_open", Broadcast.starts_at, where="closed_at IS NULL")
Index("ix_broadcast_event_broadcast_id", BroadcastEvent.broadcast_id)
Index("ix_contact_day_day", ContactDay.kind, ContactDay.day)
_part("ix_outbound_provider_key", Outbound.provider_key, where="provider_key IS NOT NULL", unique=True)
_part(  # the outbox: what is not settled (services.delivery.State), by what a claim asks for
    "ix_outbound_due",
    Outbound.channel,
    Outbound.state,
    Outbound.priority,
    Outbound.due_at,
    where="state < 28",
)
_part(
    "ix_escalation_contact_id",  # one open escalation of a kind per person
    Escalation.contact_id,
    Escalation.kind,
    where="closed_at IS NULL",
    unique=True,
)
Index("ix_staff_session_staff_id", StaffSession.staff_id)
_part("ix_audit_about_about_id", Audit.about, Audit.about_id, where="about_id IS NOT NULL")
_part("ix_case_file_contact_id", CaseFile.contact_id, where="closed_at IS NULL", unique=True)
_part("ix_case_file_open", CaseFile.kind, CaseFile.news_at, CaseFile.id, where="closed_at IS NULL")
_part(
    "ix_case_file_assigned",
    CaseFile.assigned,
    CaseFile.news_at,
    CaseFile.id,
    where="closed_at IS NULL AND assigned IS NOT NULL",
)
_part("ix_case_file_waits", CaseFile.waits_until, CaseFile.id, where="closed_at IS NULL AND waits_until IS NOT NULL")
_part("ix_case_file_alert_at", CaseFile.alert_at, where="alert_at IS NOT NULL")
_part("ix_case_file_closed_at", CaseFile.closed_at, CaseFile.id, where="closed_at IS NOT NULL")
Index("ix_case_file_contact_id_opened_at", CaseFile.contact_id, CaseFile.opened_at)
Index("ix_case_note_case_id", CaseNote.case_id)
Index("ix_escalation_person", Escalation.contact_id)  # also those that are closed, or a purge reads all for each person
Index("ix_content_change_kind_name", ContentChange.kind, ContentChange.name)
# what staff look people up by, the newest first
_part("ix_contact_province", Contact.province, Contact.id, where="province IS NOT NULL")
_part("ix_contact_destination", Contact.destination, Contact.id, where="destination IS NOT NULL")
Index("ix_contact_tag_tag", ContactTag.tag, ContactTag.contact_id)
Index("ix_membership_code", Membership.code, Membership.contact_id)
