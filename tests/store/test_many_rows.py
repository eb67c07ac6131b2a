"""Hundreds of rows in one call: what is in them is kept as it is, the same on both databases."""

import pytest
from sqlalchemy import bindparam, select, update

from bot.store.errors import Unwritten
from bot.store.statements import Statement
from bot.store.tables import Contact, ContactDay, ContactTag

ADD = Statement(
    lambda insert: insert(Contact),
    columns=("id", "number_key", "number_sealed", "created_at", "seen_at", "language", "school", "opted_out_at"),
)
RENAME = Statement(lambda _: update(Contact).where(Contact.id == bindparam("row")), columns=("school",))
TAG = Statement(lambda insert: insert(ContactTag).on_conflict_do_nothing())


def day(insert):
    new = insert(ContactDay)
    return new.on_conflict_do_update(
        index_elements=[ContactDay.contact_id, ContactDay.kind], set_={"day": new.excluded.day}
    )


DAY = Statement(day)
SCHOOLS = [
    "\u179f\u17b6\u179b\u17b6",
    'it\'s "quoted", \\ and %s {} :rows',
    "\U0001f33e \u2028 new\nline",
    "",
    None,
    "null",
]


def rows(*schools):
    return [
        {
            "id": (1 << 62) + serial,
            "number_key": bytes([serial, 0, 255, 92, 39]),
            "number_sealed": bytes(range(256)) if serial % 2 else None,
            "created_at": serial,
            "seen_at": -serial,
            "language": "km",
            "school": school,
            "opted_out_at": None if serial % 2 else 5,
        }
        for serial, school in enumerate(schools)
    ]


def kept(database, *columns):
    found = Statement(lambda _: select(*columns).order_by(*columns))
    return [tuple(row) for row in database.read(lambda tx: tx.all(found))]


def test_rows_are_kept_as_they_are(database):
    given = rows(*SCHOOLS)
    database.write(lambda tx: tx.run_many(ADD, given))
    columns = [getattr(Contact, name) for name in given[0]]
    assert kept(database, *columns) == [tuple(row.values()) for row in given]


def test_none_is_nothing_to_do(database):
    for statement in (ADD, RENAME, TAG):
        database.write(lambda tx, statement=statement: tx.run_many(statement, []))
    assert kept(database, Contact.id) == []


def test_what_is_there_stays_or_is_replaced_as_the_statement_says(database):
    given = rows("a", "b")
    first, second = (row["id"] for row in given)

    def work(tx):
        tx.run_many(ADD, given)
        tx.run_many(TAG, [{"contact_id": first, "tag": "x"}])
        tx.run_many(TAG, [{"contact_id": row, "tag": "x"} for row in (first, second)])
        for date in ("2026-12-30", "2026-12-31"):
            tx.run_many(DAY, [{"contact_id": row, "kind": "departure", "day": date} for row in (first, second)])
        tx.run_many(RENAME, [{"row": first, "school": "c"}, {"row": second, "school": None}])

    database.write(work)
    assert kept(database, ContactTag.contact_id, ContactTag.tag) == [(first, "x"), (second, "x")]
    assert {date for (date,) in kept(database, ContactDay.day)} == {"2026-12-31"}
    assert sorted(kept(database, Contact.id, Contact.school), key=str) == [(first, "c"), (second, None)]


def test_if_one_is_refused_none_is_kept(database):
    with pytest.raises(Unwritten):
        database.write(lambda tx: tx.run_many(ADD, [*rows("a", "b"), *rows("c")]))
    assert kept(database, Contact.id) == []
