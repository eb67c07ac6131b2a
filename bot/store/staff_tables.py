"""The tables of staff: who may come in, who is in, who tried, and what was done."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy import UniqueConstraint as Unique

from bot.store.columns import SQLITE_CLUSTERED, SQLITE_STRICT, Table, Whole, blob, few, key, moment, whole, word
from bot.store.typed import Mapped, mapped_column


class Staff(Table):
    """One of staff. `folded` is the name as `services.names.folded` has it; `role` a `services.roles.Role`.

    `password` (argon2id) is NULL until a welcome code was used; `welcome` is a keyed hash of that code, good until
    `welcome_until`. `totp_sealed` is the secret of the second factor, `totp_step` the last of its codes that was used,
    `recovery` (JSON) the keyed hashes of the codes for the day the phone is lost. Nobody is deleted: the audit names
    them.
    """

    __tablename__ = "staff"
    __table_args__ = (Unique("folded"), SQLITE_STRICT)

    id: Mapped[key]
    name: Mapped[word]
    folded: Mapped[word]
    role: Mapped[word]
    password: Mapped[word | None]
    totp_sealed: Mapped[blob | None]
    totp_step: Mapped[whole | None]
    recovery: Mapped[word]
    language: Mapped[word | None]
    welcome: Mapped[blob | None]
    welcome_until: Mapped[moment | None]
    created_at: Mapped[moment]
    changed_at: Mapped[moment]
    disabled_at: Mapped[moment | None]


class StaffSession(Table):
    """Somebody of staff who is in, by a keyed hash of what their browser shows. `proved_at`: the last time they gave
    their password; `offered_sealed`: the secret of a second factor that is being set up."""

    __tablename__ = "staff_session"
    __table_args__ = (SQLITE_CLUSTERED,)

    token: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    staff_id: Mapped[int] = mapped_column(Whole, ForeignKey("staff.id"))
    created_at: Mapped[moment]
    seen_at: Mapped[moment]
    until: Mapped[moment]
    proved_at: Mapped[moment]
    offered_sealed: Mapped[blob | None]


class LoginTry(Table):
    """How often somebody tried to come in, by a keyed hash of the name, of the address, or of both.

    Of a name: `tries` that failed since the last one that did not, the last at `at`. Of an address: `at` is when it
    has been quiet long enough for as many tries as ever. Of both: somebody came in by that name from there before.
    """

    __tablename__ = "login_try"
    __table_args__ = (SQLITE_CLUSTERED,)

    key: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tries: Mapped[few]
    at: Mapped[moment]
    locked_until: Mapped[moment]


class Audit(Table):
    """One thing that was done, seen or tried, in the transaction that did it. No row is ever changed.

    `who` is the name it was done by and `staff_id` whose that is, where they came in with their password; neither is
    known of a wrong name. `about` and `about_id` name a row. `detail` (JSON) holds counts and words of the house.
    `why_sealed` is the reason that was given: it goes when the person it is about is erased, while `why_hash` stays.
    `chained` is a keyed hash of all that and of `previous`, which is the `chained` of the row before: whoever changes
    or takes out a row breaks the chain.
    """

    __tablename__ = "audit"
    __table_args__ = (SQLITE_STRICT,)

    seq: Mapped[key]
    at: Mapped[moment]
    who: Mapped[word | None]
    staff_id: Mapped[whole | None]
    act: Mapped[word]
    about: Mapped[word | None]
    about_id: Mapped[whole | None]
    detail: Mapped[word]
    why_sealed: Mapped[blob | None]
    why_hash: Mapped[blob | None]
    previous: Mapped[blob]
    chained: Mapped[blob]
