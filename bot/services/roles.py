"""Who of staff may do what: the one table that pages and commands ask."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Role(StrEnum):
    """What somebody of staff is there for."""

    VIEWER = "viewer"
    CAMPAIGNER = "campaigner"
    CASEWORKER = "caseworker"
    EDITOR = "editor"
    ADMIN = "admin"


class Act(StrEnum):
    """What can be done, as far as it matters who does it."""

    HOME_READ = "home.read"
    REPORT_READ = "report.read"
    SIMULATE = "simulate"
    CONTENT_READ = "content.read"
    CONTENT_EDIT = "content.edit"
    CAMPAIGN_EDIT = "campaign.edit"
    UNMATCHED_READ = "unmatched.read"
    UNMATCHED_TEACH = "unmatched.teach"
    BROADCAST_READ = "broadcast.read"
    BROADCAST_WRITE = "broadcast.write"
    BROADCAST_SEND = "broadcast.send"
    BROADCAST_APPROVE = "broadcast.approve"
    CASE_READ = "case.read"
    CASE_WRITE = "case.write"
    CONTACT_READ = "contact.read"
    CONTACT_TAG = "contact.tag"
    CONTACT_BLOCK = "contact.block"
    CONTACT_REVEAL = "contact.reveal"
    CONTACT_IMPORT = "contact.import"
    CONTACT_EXPORT = "contact.export"
    CONTACT_ERASE = "contact.erase"
    DUTY_READ = "duty.read"
    DUTY_EDIT = "duty.edit"
    STAFF_EDIT = "staff.edit"
    AUDIT_READ = "audit.read"


_EVERYBODY: Final = frozenset({Act.HOME_READ, Act.REPORT_READ, Act.SIMULATE, Act.CONTENT_READ, Act.BROADCAST_READ})
_CAMPAIGNER: Final = _EVERYBODY | {
    Act.BROADCAST_WRITE,
    Act.BROADCAST_SEND,
    Act.BROADCAST_APPROVE,
    Act.CAMPAIGN_EDIT,
    Act.CONTACT_READ,
    Act.CONTACT_TAG,
    Act.CONTACT_IMPORT,
}
_CASEWORKER: Final = _EVERYBODY | {
    Act.CASE_READ,
    Act.CASE_WRITE,
    Act.DUTY_READ,
    Act.UNMATCHED_READ,
    Act.CONTACT_READ,
    Act.CONTACT_TAG,
    Act.CONTACT_BLOCK,
    Act.CONTACT_REVEAL,
    Act.CONTACT_ERASE,
}
_EDITOR: Final = _EVERYBODY | {Act.CONTENT_EDIT, Act.UNMATCHED_READ, Act.UNMATCHED_TEACH, Act.DUTY_READ}

ACTS: Final[Mapping[Role, frozenset[Act]]] = {
    Role.VIEWER: _EVERYBODY,
    Role.CAMPAIGNER: _CAMPAIGNER,
    Role.CASEWORKER: _CASEWORKER,
    Role.EDITOR: _EDITOR,
    Role.ADMIN: frozenset(Act),
}
"""A broadcast is approved by another than its author, whatever their roles: `services.broadcasts` sees to that."""

FRESH: Final = frozenset(
    {
        *(Act.CONTACT_EXPORT, Act.CONTACT_REVEAL, Act.CONTACT_ERASE),
        *(Act.BROADCAST_SEND, Act.BROADCAST_APPROVE, Act.STAFF_EDIT),
    }
)
"""For these somebody must have given their password a moment ago, so that no open laptop does them."""


def may(role: Role, act: Act) -> bool:
    """Whether somebody with this role may do it."""
    return act in ACTS[role]


def needs_second(role: Role) -> bool:
    """Whether a password alone is too little for this role: all who can see or do more than look at counts."""
    return role is not Role.VIEWER
