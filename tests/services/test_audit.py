"""What staff do is kept in the transaction that does it, without numbers, and nobody can change it unseen (A7)."""

import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from services.campaigning import AUTHOR, OTHER, Office
from services.staffing import HERE, PASSWORD, come, events, taken_in, why, with_second
from sqlalchemy import delete, func, insert, select, update

from bot.services import audit, broadcasts, contacts, contacts_export, permits, privacy, staff
from bot.services.audit import About, Event
from bot.services.login import log_out
from bot.services.roles import Role
from bot.store import selfcheck
from bot.store.staff_tables import Audit, LoginTry, Staff, StaffSession
from bot.store.statements import Statement
from bot.store.tables import Contact, Mark

ROOT = Path(__file__).parent.parent.parent
NUMBER = "+85512345678"
_ROWS = Statement(lambda _: select(*Audit.__table__.columns).order_by(Audit.seq))


def rows(service):
    return service.database.read(lambda tx: tx.all(_ROWS))


def noted(service, count=5):
    """Some rows, of which one has a reason and is about somebody."""
    for turn in range(count):
        why = "their mother asked" if turn == 2 else None
        service.database.write(
            lambda tx, turn=turn, why=why: audit.note(
                service, tx, Event.CONTACT_ERASED, "Sokha", about=About("contact", turn), why=why, rows=turn
            )
        )


def change(service, seq, **values):
    statement = Statement(lambda _: update(Audit).where(Audit.seq == seq).values(**values))
    service.database.write(lambda tx: tx.run(statement))


def drop(service, *seqs):
    for seq in seqs:
        service.database.write(lambda tx, seq=seq: tx.run(Statement(lambda _: delete(Audit).where(Audit.seq == seq))))


def test_a_chain_that_nobody_touched_is_whole(service):
    assert audit.verify(service) == (0, None, None)
    noted(service)
    found = audit.verify(service)
    assert (found.rows, found.broken) == (5, None)
    noted(service, 1)
    assert audit.verify(service).end != found.end


@pytest.mark.parametrize(
    "values",
    [
        {"at": 1},
        {"who": "Dara"},
        {"who": None},
        {"staff_id": 7},
        {"act": "login"},
        {"about": "staff"},
        {"about_id": 99},
        {"detail": '{"rows": 3}'},
        {"why_sealed": b"another"},
        {"why_hash": b"another"},
        {"why_hash": None},
        {"previous": bytes(32)},
        {"chained": bytes(32)},
    ],
    ids=lambda values: "-".join(map(str, next(iter(values.items())))),
)
def test_a_row_that_was_changed_is_found(service, values):
    noted(service)
    change(service, 3, **values)
    assert audit.verify(service).broken == 3


@pytest.mark.parametrize("seqs", [(1,), (3,), (5,), (4, 5), (1, 2), (2, 3, 4), (1, 2, 3, 4, 5)], ids=str)
def test_a_row_that_was_taken_out_is_found(service, seqs):
    staff.add(service, "Sokha", Role.ADMIN, None)
    noted(service, 4)
    drop(service, *seqs)
    found = audit.verify(service)
    left = sorted(set(range(1, 6)) - set(seqs))
    assert found.broken == (1 if not left else seqs[0] if left[0] == 1 else left[0] - 1)


def test_who_makes_a_new_end_or_beginning_is_found(service):
    """Somebody with the database, who has not the key: rows are cut off and the marks made to fit, or taken away."""
    noted(service)
    for row in (1, 5):
        before = rows(service)
        drop(service, row)
        for name in ("audit_begin", "audit_end"):
            forged = Statement(lambda _, name=name: update(Mark).where(Mark.name == name).values(value=12345))
            kept = service.database.read(lambda tx: tx.all(Statement(lambda _: select(Mark.name, Mark.value))))
            service.database.write(lambda tx, forged=forged: tx.run(forged))
            assert audit.verify(service).broken is not None
            for mark, value in kept:
                back = Statement(lambda _, m=mark, v=value: update(Mark).where(Mark.name == m).values(value=v))
                service.database.write(lambda tx, back=back: tx.run(back))
        put_back = next(each for each in before if each[0] == row)
        again = dict(zip(Audit.__table__.columns.keys(), put_back, strict=True))
        service.database.write(lambda tx, again=again: tx.run(Statement(lambda insert: insert(Audit)), **again))
        assert audit.verify(service).broken is None


def test_rows_that_are_put_in_or_exchanged_are_found(service):
    noted(service)
    third, fourth = rows(service)[2:4]
    drop(service, 3, 4)
    names = list(Audit.__table__.columns.keys())
    for seq, row in ((4, third), (3, fourth)):
        values = dict(zip(names, row, strict=True)) | {"seq": seq}
        service.database.write(lambda tx, values=values: tx.run(Statement(lambda insert: insert(Audit)), **values))
    assert audit.verify(service).broken == 3


def test_a_reason_is_sealed_and_goes_with_the_person(service, database_url, tmp_path):
    service.database.write(
        lambda tx: tx.run(
            Statement(lambda _: insert(Contact), ("id", "number_key", "number_sealed", "created_at", "seen_at")),
            id=2,
            number_key=service.vault.number_key(NUMBER),
            number_sealed=b"",
            created_at=0,
            seen_at=0,
        )
    )
    noted(service)
    assert [each.why for each in audit.page(service)] == [None, None, "their mother asked", None, None]
    if database_url.startswith("sqlite"):
        assert b"mother" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    privacy.erase(service, NUMBER, "Sokha")
    about = audit.page(service, about=About("contact", 2))
    assert [(each.event, each.why) for each in about] == [("contact.erased", None)] * 2
    assert audit.verify(service).broken is None


def test_no_number_is_ever_noted(service):
    for detail in ({"name": "012 345 678"}, {"name": "caf\u00e9 \u17e0\u17e1\u17e2\u17e3\u17e4\u17e5\u17e6"}):
        with pytest.raises(ValueError, match="no number"):
            service.database.write(lambda tx, detail=detail: audit.note(service, tx, Event.LOGIN, "Sokha", **detail))
    with pytest.raises(ValueError, match="no number"):
        service.database.write(lambda tx: audit.note(service, tx, Event.LOGIN, NUMBER))
    service.database.write(lambda tx: audit.note(service, tx, Event.CONTACTS_WRITTEN, "Sokha", people=1_000_000))
    assert len(rows(service)) == 1


def test_what_is_undone_is_not_noted_and_what_is_not_noted_is_undone(service):
    def refused(tx):
        audit.note(service, tx, Event.LOGIN, "Sokha")
        raise RuntimeError("the act failed")

    def unnoted(tx):
        tx.run(Statement(lambda insert: insert(Mark)), name="act", value=1)
        audit.note(service, tx, Event.LOGIN, "Sokha", word=NUMBER)

    with pytest.raises(RuntimeError):
        service.database.write(refused)
    with pytest.raises(ValueError, match="number"):
        service.database.write(unnoted)
    assert rows(service) == []
    marks = service.database.read(lambda tx: tx.all(Statement(lambda _: select(Mark.name))))
    assert ("act",) not in marks


def test_pages_go_back_in_time(service):
    noted(service, 7)
    taken_in(service, "Dara")
    first = audit.page(service, limit=3)
    assert [each.seq for each in first] == [9, 8, 7]
    assert [each.seq for each in audit.page(service, first[-1].seq, 3)] == [6, 5, 4]
    assert [each.seq for each in audit.page(service, who="Dara")] == [9]
    assert [each.detail for each in audit.page(service, about=About("contact", 4))] == [{"rows": 4}]


def test_only_who_came_in_is_taken_for_themselves(service):
    """At a shell anybody can give any name."""
    taken_in(service, "Sokha")
    console = replace(service, door="console")
    for house in (service, console):
        house.database.write(lambda tx, house=house: audit.note(house, tx, Event.LOGOUT, "Sokha"))
    by_console, by_shell = audit.page(service, limit=2)
    assert by_console.staff_id is not None
    assert (by_shell.who, by_shell.staff_id) == ("Sokha", None)


def test_what_is_read_is_noted(service):
    got = audit.read_and_note(service, lambda tx: tx.all(_ROWS), Event.CONTACTS_EXPORTED, "Sokha", why="for a letter")
    assert got == []
    assert [(each.event, each.why) for each in audit.page(service)] == [("contacts.exported", "for a letter")]


def test_an_end_that_was_written_down_shows_that_a_copy_was_put_back(service, clock):
    noted(service, 3)
    third = audit.verify(service).end
    noted(service, 3)
    sixth = audit.verify(service).end
    assert str(third).startswith("3-")
    assert audit.verify(service, third).broken is None
    assert audit.verify(service, third._replace(sum="0" * 16)).broken == 3
    assert audit.verify(service, sixth._replace(seq=7)).broken == 7
    clock.forward(days=400)
    noted(service, 1)
    audit.purge(service, service.now() - audit.KEPT)
    assert audit.verify(service, third).broken is None  # its time is over


def test_old_rows_go_and_the_rest_can_still_be_checked(service, clock):
    noted(service, 5)
    clock.forward(days=200)
    noted(service, 3)
    clock.forward(days=166)
    assert audit.purge(service, service.now() - audit.KEPT) == 5
    assert audit.verify(service)[:2] == (3, None)
    change(service, 6, who="Dara")
    assert audit.verify(service).broken == 6
    change(service, 6, who="Sokha")
    drop(service, 6)
    assert audit.verify(service).broken == 6
    noted(service, 1)
    assert audit.verify(service).broken == 6


def test_the_newest_row_stays(service, clock):

    def many(tx):
        for turn in range(1_203):
            audit.note(service, tx, Event.LOGOUT, "Sokha", turn=turn)

    service.database.write(many)
    clock.forward(days=400)
    assert audit.purge(service, service.now() - audit.KEPT) == 1_202
    assert audit.verify(service)[:2] == (1, None)
    drop(service, 1_203)
    assert audit.verify(service).broken == 1


def test_the_hourly_purge_takes_what_is_old(service, clock):
    taken_in(service, "Sokha")
    come(service, "Sokha")
    privacy.purge(service)
    clock.forward(days=31)
    done = privacy.purge(service, confirmed=True)
    assert (done.staff_sessions, done.audit) == (1, 0)
    assert done.login_tries > 0
    clock.forward(days=366)
    noted(service, 1)
    assert privacy.purge(service, confirmed=True).audit == 3
    assert audit.verify(service)[:2] == (1, None)
    for table in (StaffSession.token, LoginTry.key):
        assert service.database.read(lambda tx, table=table: tx.all(Statement(lambda _: select(table)))) == []


def test_the_house_finds_what_is_wrong_with_staff(service):
    taken_in(service, "Sokha")
    come(service, "Sokha")
    assert service.database.read(lambda tx: selfcheck.broken(tx, 0)) == {}
    shut = Statement(lambda _: update(Staff).values(disabled_at=1))
    service.database.write(lambda tx: tx.run(shut))
    drop(service, 2)
    assert service.database.read(lambda tx: selfcheck.broken(tx, 0)) == {
        "somebody of staff is in who may not come in": 1,
        "a row of the audit is missing": 1,
    }


def test_two_at_once_make_one_chain(service):
    """Four threads, as of four people at the console."""
    threads = [threading.Thread(target=noted, args=(service, 25)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert audit.verify(service)[:2] == (100, None)


@pytest.fixture
def office(service):
    """Two hundred people who said yes to a campaign."""
    made = Office(service)
    made.people(200)
    return made


def test_each_step_of_a_broadcast_is_noted_with_who_did_it(office):
    service = office.service
    broadcast = broadcasts.create(service, office.draft())
    broadcasts.submit(service, broadcast, AUTHOR)
    permits.ask(service, broadcast, office.number(1), AUTHOR, "she asked for it")
    permits.grant(service, broadcast, office.number(1), OTHER)
    broadcasts.approve(service, broadcast, OTHER)
    broadcasts.approve(service, broadcast, OTHER)
    broadcasts.pause(service, broadcast, AUTHOR, "wait")
    broadcasts.resume(service, broadcast, AUTHOR)
    office.rounds(most=2)  # what the house does by itself is in the events of the broadcast
    broadcasts.cancel(service, broadcast, OTHER)
    steps = [
        (each.who, each.detail["act"]) for each in reversed(audit.page(service, about=About("broadcast", broadcast)))
    ]
    assert steps == [
        (AUTHOR, "create"),
        (AUTHOR, "submit"),
        (AUTHOR, "ask"),
        (OTHER, "grant"),
        (OTHER, "approve"),
        (AUTHOR, "pause"),
        (AUTHOR, "resume"),
        (OTHER, "cancel"),
    ]
    assert audit.verify(service).broken is None


def test_blocking_erasing_and_exporting_are_noted(office, tmp_path):
    service = office.service
    contacts.block(service, office.number(1), blocked=True, by="Sokha")
    contacts.block(service, office.number(1), blocked=False, by="Sokha")
    assert not contacts.block(service, "+85599999999", blocked=True, by="Sokha")
    privacy.erase(service, office.number(2), "Sokha")
    privacy.erase(service, "+85599999999")
    people = contacts_export.export(service, tmp_path / "out.csv", None, "Dara", "a letter to all")
    with pytest.raises(FileExistsError):
        contacts_export.export(service, tmp_path / "out.csv", None, "Dara", "again")
    told = [(each.event, each.who, each.why) for each in reversed(audit.page(service))]
    assert told == [
        ("contact.blocked", "Sokha", None),
        ("contact.unblocked", "Sokha", None),
        ("contact.erased", "Sokha", None),
        ("contact.erased", None, None),
        ("contacts.exported", "Dara", "a letter to all"),
        ("contacts.written", "Dara", None),
    ]
    assert audit.page(service)[0].detail == {"campaign": "all", "people": people}


def test_a_list_is_not_read_where_its_reading_cannot_be_noted(office, tmp_path):
    with pytest.raises(ValueError, match="number"):
        contacts_export.export(office.service, tmp_path / "out.csv", None, "Dara 012345678", "a letter")
    assert not (tmp_path / "out.csv").exists()


def test_nothing_that_was_typed_is_in_the_audit(service):
    """Names that are wrong are often passwords, and passwords are never kept."""
    secret, confirmed = with_second(service, "Sokha")
    taken_in(service, "Maly")
    log_out(service, come(service, "Maly").token)
    for typed in ((PASSWORD, "Maly"), ("Maly", "a wrong guess"), ("Sokha", PASSWORD, "000000")):
        assert why(service, *typed)
    come(service, "Sokha", code=confirmed.codes[0])
    kept = repr(rows(service))
    for said in (PASSWORD, "guess", secret, *confirmed.codes, HERE):
        assert said not in kept
    assert [event for event, _ in events(service)].count("login.failed") == 3


ACTING = """
import sys
from datetime import UTC, datetime
from functools import partial
from bot.services import privacy
from bot.services.service import Service
from bot.store import open_database
from bot.store.crypto import Vault
house = Service(open_database(sys.argv[1]), Vault(bytes(range(32))), None, None, partial(datetime.now, UTC))
print("ready", flush=True)
for number in range(int(sys.argv[2]), 100_000):
    privacy.erase(house, f"+85512{number:06}", "Sokha")
"""


def test_no_kill_comes_between_an_act_and_its_note(service, database_url):
    people = Statement(lambda _: select(func.count()).select_from(Contact))
    done = 0
    for turn in range(6):
        command = [sys.executable, "-c", ACTING, database_url, str(turn * 10_000)]
        acting = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
        assert acting.stdout.readline() == b"ready\n"
        time.sleep(0.05 + 0.013 * turn)  # in the middle of one or another
        acting.send_signal(signal.SIGKILL)
        acting.communicate()
        found = audit.verify(service)
        acts = service.database.read(lambda tx: tx.one(people))[0]
        assert (acts, found.broken) == (found.rows, None)
        assert acts > done
        done = acts
