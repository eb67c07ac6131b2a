"""The SQL of SMSD's tables, once for both databases: what they say differently stands in capitals (`LOCAL_NOW`)."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_NAMED: Final = re.compile(r"(?<!:):([a-z]+)")
_SQLITE: Final = {
    "LOCAL_NOW": "datetime('now', 'localtime')",
    "EVER": "'2000-01-01 00:00:00'",
    "TRUTH(": "lower(",
    "PICKED_AT": 'datetime("SendingTimeOut", \'-60 seconds\') AND "SendingTimeOut" > "SendingDateTime"',
    "TO_COME": "datetime('now', 'localtime', '+90 seconds')",  # later than SMSD writes at any moment
    "AGE": "(julianday('now') - julianday(\"UpdatedInDB\")) * 86400",  # its trigger writes UTC
    "DAYS_AGO": "datetime('now', 'localtime', '-' || :days || ' days')",
    "AS_TEXT": "",
}
_POSTGRES: Final = {
    "LOCAL_NOW": "LOCALTIMESTAMP(0)",
    "EVER": "'2000-01-01 00:00:00'",
    "TRUTH(": "(",
    "PICKED_AT": '"SendingTimeOut" - interval \'60 seconds\' AND "SendingTimeOut" > "SendingDateTime"',
    "TO_COME": "LOCALTIMESTAMP(0) + interval '90 seconds'",
    "AGE": 'EXTRACT(EPOCH FROM LOCALTIMESTAMP - "UpdatedInDB")',
    "DAYS_AGO": "LOCALTIMESTAMP(0) - make_interval(days => :days)",
    "AS_TEXT": "::text",
}


@cache
def for_sqlite(statement: str) -> str:
    """As SQLite wants it."""
    for name, form in _SQLITE.items():
        statement = statement.replace(name, form)
    return statement


@cache
def for_postgres(statement: str) -> str:
    """As PostgreSQL and psycopg want it."""
    for name, form in _POSTGRES.items():
        statement = statement.replace(name, form)
    return _NAMED.sub(r"%(\1)s", statement)


VERSION: Final = 'SELECT "Version" FROM gammu'
ARRIVED: Final = """
SELECT "ID", "RecipientID", "SenderNumber", "ReceivingDateTime"AS_TEXT, "UDH", "Text", "TextDecoded", "Class"
FROM inbox WHERE TRUTH("Processed") = :no ORDER BY "ID" LIMIT :most"""
FORGET_ARRIVED: Final = 'DELETE FROM inbox WHERE "ID" = :row'
QUEUED: Final = """
SELECT "ID", "SenderID", "SendingTimeOut" > "SendingDateTime",
    "Retries" > 0 OR "SendingTimeOut" > TO_COME OR EXISTS (
        SELECT 1 FROM phones WHERE phones."ID" = "SenderID" AND phones."InsertIntoDB" > PICKED_AT
        AND phones."InsertIntoDB" < TO_COME)
FROM outbox WHERE "CreatorID" = :creator"""
GONE: Final = """
SELECT "CreatorID", "ID", "SequencePosition", "UDH", "Status", "StatusCode", "StatusError", AGE
FROM sentitems WHERE "CreatorID" = :creator ORDER BY "ID", "SequencePosition"
"""
REPORTED: Final = """
SELECT "CreatorID", "ID", "SequencePosition", "UDH", "Status", "StatusCode", "StatusError", AGE
FROM sentitems WHERE "CreatorID" LIKE :ours ORDER BY "CreatorID", "ID", "SequencePosition"
"""
PUT: Final = """
INSERT INTO outbox ("InsertIntoDB", "SendingDateTime", "SendingTimeOut", "DestinationNumber", "TextDecoded", "Coding",
    "UDH", "Class", "MultiPart", "SenderID", "DeliveryReport", "CreatorID", "Priority", "RelativeValidity")
VALUES (LOCAL_NOW, EVER, EVER, :recipient, :text, :coding,
    :udh, -1, :several, :phone, 'yes', :creator, :priority, :validity)
RETURNING "ID"
"""
PUT_MORE: Final = """
INSERT INTO outbox_multipart ("ID", "SequencePosition", "TextDecoded", "Coding", "UDH", "Class")
VALUES (:row, :position, :text, :coding, :udh, -1)"""
WITHDRAW: Final = """
DELETE FROM outbox WHERE "ID" = :row AND "SendingTimeOut" = "SendingDateTime" RETURNING "ID"
"""
CODES: Final = """
SELECT "StatusCode", 1 AS position FROM outbox WHERE "ID" = :row AND "Status" NOT LIKE :went UNION ALL
SELECT "StatusCode", "SequencePosition" FROM outbox_multipart WHERE "ID" = :row AND "Status" NOT LIKE :went
ORDER BY position"""
MARK: Final = """
INSERT INTO sentitems ("ID", "SequencePosition", "CreatorID", "Status", "StatusCode", "UDH", "Text", "SenderID")
SELECT "ID", 0, "CreatorID", 'SendingError', :code, '', '', coalesce("SenderID", '') FROM outbox WHERE "ID" = :row"""
DROP: Final = 'DELETE FROM outbox WHERE "ID" = :row'
DROP_MORE: Final = 'DELETE FROM outbox_multipart WHERE "ID" = :row'
MOVE: Final = """
UPDATE outbox SET "SenderID" = :phone WHERE "ID" = :row AND "SendingTimeOut" = "SendingDateTime"
"""
FORGET_PART: Final = 'DELETE FROM sentitems WHERE "CreatorID" = :creator AND "Status" = :status'
BLANK: Final = """
UPDATE sentitems SET "Text" = '', "TextDecoded" = '' WHERE "CreatorID" = :creator"""
FORGET_SENT: Final = 'DELETE FROM sentitems WHERE "CreatorID" = :creator'
FORGET_OLD: Final = """
DELETE FROM sentitems WHERE "CreatorID" LIKE :ours AND "SendingDateTime" < DAYS_AGO"""
PHONES: Final = """
SELECT "ID", "Send", AGE, "Signal", "Battery", "NetName",
    (SELECT count(*) FROM outbox WHERE "SenderID" = phones."ID") AS waiting
FROM phones ORDER BY waiting"""
SPLIT_SECONDS: Final = """
SELECT count(*) FROM outbox
WHERE max(length("SendingDateTime"), length("SendingTimeOut"), length("InsertIntoDB")) > 19"""
CUT_SECONDS: Final = """
UPDATE outbox SET "SendingDateTime" = substr("SendingDateTime", 1, 19),
    "SendingTimeOut" = substr("SendingTimeOut", 1, 19), "InsertIntoDB" = substr("InsertIntoDB", 1, 19)
WHERE max(length("SendingDateTime"), length("SendingTimeOut"), length("InsertIntoDB")) > 19"""
DROP_HALF: Final = """
DELETE FROM sentitems WHERE "ID" IN (SELECT "ID" FROM outbox
WHERE max(length("SendingDateTime"), length("SendingTimeOut"), length("InsertIntoDB")) > 19)"""
OVER_LONG: Final = """
SELECT count(*) FROM outbox
WHERE length("TextDecoded") > 160 OR (length("TextDecoded") > 70 AND "Coding" = 'Unicode_No_Compression')"""
