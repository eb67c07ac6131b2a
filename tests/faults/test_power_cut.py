"""P1c: the power fails while texts come in. P2: so does a sync, and the disk forgets what it should have kept."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import power
import pytest
from house import clean
from power import Damage
from tracing import read, recorder

from bot.store.opening import open_store

CUTS = int(os.environ.get("FAULTS_CUTS", "10000"))
CONTROL_CUTS = 400
TEXTS = 160
RECEIVER = Path(__file__).with_name("receiver.py")
SENDER = Path(__file__).with_name("sender.py")
MEMORY = Path("/dev/shm")


@pytest.fixture
def scratch(tmp_path: Path) -> Iterator[Path]:
    """Where images of the disk are made: in memory if there is such a place."""
    with tempfile.TemporaryDirectory(prefix="phlov-cuts-", dir=MEMORY if MEMORY.is_dir() else tmp_path) as folder:
        yield Path(folder)


def cut(
    folder: Path,
    scratch: Path,
    cuts: int,
    *,
    threads: int,
    mutant: str = "",
    inject: tuple[str, ...] = (),
    beside: str = "",
) -> Damage:
    """Receive texts under strace, then cut the power at random moments of what was recorded."""
    store = open_store(f"sqlite:///{folder / 'phlov.db'}", folder)
    store.database.close()
    keys = {name: store.vault.provider_key("twilio", name) for name in (f"SM{n:032x}" for n in range(1, TEXTS + 1))}
    before = {str(folder / "phlov.db"): (folder / "phlov.db").read_bytes()}
    assert not (folder / "phlov.db-wal").exists()
    trace = folder / "trace"
    command = [sys.executable, str(RECEIVER), str(folder), str(TEXTS), str(threads), mutant, beside]
    done = subprocess.run(
        [*recorder(trace, *inject), *command], env=clean(), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert sorted(done.stdout.split()) == sorted(keys)
    calls = [call for call in read(trace) if call.file.startswith(str(folder)) or call.data.startswith(b"SM")]
    damage = power.cut(calls, before, keys, cuts, scratch)
    failed = sum(call.failed for call in calls)
    print(f"\n{mutant or 'as shipped'}, {threads} threads, {len(calls)} calls, {failed} failed: {damage}")
    return damage


def test_no_power_cut_loses_what_was_acknowledged(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CUTS // 2, threads=1)
    assert (damage.lossy, damage.corrupt) == (0, 0), damage
    assert damage.open_writes > CUTS // 10, "the cuts met no write that could be lost"


def test_nor_where_texts_share_a_commit(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CUTS - CUTS // 2, threads=8)
    assert (damage.lossy, damage.corrupt) == (0, 0), damage


@pytest.mark.parametrize("threads", [1, 8])
def test_nor_beside_work_that_does_not_wait_for_the_disk(
    strace: str, tmp_path: Path, scratch: Path, threads: int
) -> None:
    damage = cut(tmp_path, scratch, CUTS // 10, threads=threads, beside="beside")
    assert (damage.lossy, damage.corrupt) == (0, 0), damage
    assert damage.open_writes > CUTS // 100, "the cuts met no write that could be lost"


def test_control_a_sync_left_to_the_checkpoint_loses_texts(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CONTROL_CUTS, threads=1, mutant="NORMAL")
    assert damage.lossy > CONTROL_CUTS // 4
    assert not damage.corrupt


def test_control_no_sync_at_all_corrupts_the_file(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CONTROL_CUTS, threads=1, mutant="OFF")
    assert damage.lossy + damage.corrupt > CONTROL_CUTS // 4
    assert damage.corrupt


def handed_over(folder: Path, scratch: Path, cuts: int, *, lanes: int, mutant: str = "") -> Damage:
    """Send answers under strace, then cut the power: whatever the gateway was given must be known to be on its way."""
    open_store(f"sqlite:///{folder / 'phlov.db'}", folder).database.close()
    before = {str(folder / "phlov.db"): (folder / "phlov.db").read_bytes()}
    trace = folder / "trace"
    command = [sys.executable, str(SENDER), str(folder), str(TEXTS), str(lanes), *([mutant] if mutant else [])]
    done = subprocess.run(
        [*recorder(trace), *command], env=clean(), capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    names = done.stdout.split()
    assert len(set(names)) == len(names) == TEXTS
    calls = [call for call in read(trace) if call.file.startswith(str(folder)) or call.data.startswith(b"SM")]
    keys = {name: int(name[2:], 16) for name in names}
    damage = power.cut(calls, before, keys, cuts, scratch, power.HANDED_OVER)
    print(f"\n{mutant or 'as shipped'}, {lanes} lanes, {len(calls)} calls: {damage}")
    return damage


@pytest.mark.parametrize("lanes", [1, 4])
def test_no_power_cut_forgets_what_a_gateway_was_given(strace: str, tmp_path: Path, scratch: Path, lanes: int) -> None:
    damage = handed_over(tmp_path, scratch, CUTS // 10, lanes=lanes)
    assert (damage.lossy, damage.corrupt) == (0, 0), damage
    assert damage.open_writes > CUTS // 100, "the cuts met no write that could be lost"


def test_control_a_sync_left_to_the_checkpoint_forgets_it(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = handed_over(tmp_path, scratch, CONTROL_CUTS, lanes=1, mutant="NORMAL")
    assert damage.lossy > CONTROL_CUTS // 4


FAILING = ("-e", "inject=fdatasync,fsync:error=EIO:when=30..40")


def test_a_failed_sync_acknowledges_nothing(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CUTS // 10, threads=1, inject=FAILING)
    assert (damage.lossy, damage.corrupt) == (0, 0), damage


def test_nor_does_one_of_work_that_did_not_wait_for_it(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CUTS // 10, threads=1, inject=FAILING, beside="beside")
    assert (damage.lossy, damage.corrupt) == (0, 0), damage


def test_control_a_failed_sync_taken_for_done_loses_texts(strace: str, tmp_path: Path, scratch: Path) -> None:
    damage = cut(tmp_path, scratch, CONTROL_CUTS, threads=1, mutant="swallow failed commits", inject=FAILING)
    assert damage.lossy
