"""The tables of cases, of those who are called out for them, of what staff changed, and of lists on their way in."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Integer, LargeBinary, SmallInteger, Text

from bot.store.columns import SQLITE_CLUSTERED, SQLITE_STRICT, Table, Whole, blob, few, key, moment, whole, word
from bot.store.typed import Mapped, mapped_column


class CaseFile(Table):
    """What staff do for a person who needs one of them. A person has one that is open, or none.

    `kind` is the most urgent of what opened or joined it (`services.cases.Kind`); `news_at` the last time the person
    texted or was put on it. `acknowledged_at`: somebody of staff has seen it. `assigned`: whose it is (`staff.id`).
    `locked_by` is answering it until `locked_until`. `alerts` counts the alerts that went to duty phones for it, the
    next is due at `alert_at` (NULL: none). Closed, it has an `outcome`; `referred` names where the person was sent.
    """

    __tablename__ = "case_file"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    contact_id: Mapped[int] = mapped_column(Whole, ForeignKey("contact.id"))
    kind: Mapped[word]
    opened_at: Mapped[moment]
    news_at: Mapped[moment]
    acknowledged_at: Mapped[moment | None]
    assigned: Mapped[whole | None]
    locked_by: Mapped[whole | None]
    locked_until: Mapped[moment | None]
    alerts: Mapped[few]
    alert_at: Mapped[moment | None]
    waits_until: Mapped[moment | None]
    closed_at: Mapped[moment | None]
    outcome: Mapped[word | None]
    referred: Mapped[word | None]


class CaseNote(Table):
    """One thing that was done about a case: a note, a reply, a referral, a new owner, an end, a new beginning.

    `kind` is a `services.case_notes.Kind`; `text_sealed` what was written; `outbound_id` the text that went out;
    `word` says the rest in a word of the house, such as an outcome. `staff_id` is NULL where the house did it.
    """

    __tablename__ = "case_note"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    case_id: Mapped[int] = mapped_column(Whole, ForeignKey("case_file.id"))
    staff_id: Mapped[whole | None]
    at: Mapped[moment]
    kind: Mapped[word]
    word: Mapped[str | None] = mapped_column(Text)
    text_sealed: Mapped[blob | None]
    outbound_id: Mapped[whole | None]


class DutyPhone(Table):
    """A phone that is alerted when an emergency waits. `turn`: the lowest first; `channel` is the gateway it is
    reached by; `owner` says whose it is, by their name as staff."""

    __tablename__ = "duty_phone"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    owner: Mapped[word]
    number_key: Mapped[blob]
    number_sealed: Mapped[blob]
    channel: Mapped[word]
    language: Mapped[word]
    turn: Mapped[few]
    added_at: Mapped[moment]
    disabled_at: Mapped[moment | None]


class ContentChange(Table):
    """A version of something staff look after, laid over the files: the newest that is not undone holds.

    `kind` is a `services.content.Kind` (helpline, notice, canned, hours, holiday), `name` says which; `value` (JSON)
    is the whole of it, NULL where it was taken away. It holds no person. No row is ever deleted.
    """

    __tablename__ = "content_change"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    kind: Mapped[word]
    name: Mapped[word]
    value: Mapped[word | None]
    staff_id: Mapped[whole | None]
    who: Mapped[word]
    at: Mapped[moment]
    undone_at: Mapped[moment | None]
    undone_by: Mapped[word | None]


class Upload(Table):
    """A list of contacts that staff gave to a page: sealed, in parts, until it is in or an hour is over.

    `how` (JSON) says how it is read and for which campaign; `confirmed_at`: staff saw what it would do, and want it;
    `told` (JSON): what became of it, in counts.
    """

    __tablename__ = "upload"
    __table_args__ = (SQLITE_STRICT,)

    id: Mapped[key]
    staff_id: Mapped[whole]
    who: Mapped[word]
    at: Mapped[moment]
    parts: Mapped[whole]
    how: Mapped[word]
    confirmed_at: Mapped[moment | None]
    finished_at: Mapped[moment | None]
    told: Mapped[word | None]


class UploadPart(Table):
    """A part of such a list."""

    __tablename__ = "upload_part"
    __table_args__ = (SQLITE_CLUSTERED,)

    upload_id: Mapped[int] = mapped_column(Whole, ForeignKey("upload.id"), primary_key=True, autoincrement=False)
    part: Mapped[int] = mapped_column(Whole, primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class DailyOutcome(Table):
    """What became of texts of a channel in a day (UTC), without a link to anybody. `outcome`: what the plots tell
    (`services.outcomes.Outcome`). `shard` as in `daily_count`."""

    __tablename__ = "daily_outcome"
    __table_args__ = (SQLITE_CLUSTERED,)

    day: Mapped[str] = mapped_column(Text, primary_key=True)
    channel: Mapped[str] = mapped_column(Text, primary_key=True)
    outcome: Mapped[str] = mapped_column(Text, primary_key=True)
    shard: Mapped[int] = mapped_column(SmallInteger().with_variant(Integer(), "sqlite"), primary_key=True)
    texts: Mapped[whole]
