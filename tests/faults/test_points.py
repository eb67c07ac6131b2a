"""K3: killed at each named point of sending a text of each kind, by a gateway that knows ids again and by another."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from house import clean

POINTS = Path(__file__).with_name("points.py")

ONCE = ("ACCEPTED", 1)
TWICE = ("ACCEPTED", 2)
NOT_SENT = ("UNKNOWN", 0)
GIVEN_UP = ("UNKNOWN", 1)

KNOWS = {
    (kind, point): ONCE
    for kind in ("emergency", "reply", "confirmation", "broadcast")
    for point in ("after claim", "before post", "after post", "after mark")
}
"""Whatever happens, the same id is handed over again and taken once."""

DOES_NOT = {
    ("emergency", "after claim"): ONCE,
    ("emergency", "before post"): ONCE,
    ("emergency", "after post"): TWICE,  # nobody can know: twice is better than never
    ("emergency", "after mark"): ONCE,
    ("reply", "after claim"): ONCE,
    ("reply", "before post"): ONCE,
    ("reply", "after post"): TWICE,  # the same, while it is fresh; a gateway that reports has told in time
    ("reply", "after mark"): ONCE,
    ("confirmation", "after claim"): NOT_SENT,  # once at most
    ("confirmation", "before post"): NOT_SENT,
    ("confirmation", "after post"): GIVEN_UP,
    ("confirmation", "after mark"): ONCE,
    ("broadcast", "after claim"): NOT_SENT,  # once at most; it is counted as unknown
    ("broadcast", "before post"): NOT_SENT,
    ("broadcast", "after post"): GIVEN_UP,
    ("broadcast", "after mark"): ONCE,
}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[bool, str, str], tuple[str, int]]:
    command = [sys.executable, str(POINTS), str(tmp_path_factory.mktemp("points"))]
    done = subprocess.run(
        command,
        env=clean() | {"PYTHONPATH": str(POINTS.parents[1])},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if '"knows"' in line]
    return {(each["knows"], each["kind"], each["point"]): (each["state"], each["texts"]) for each in lines}


@pytest.mark.parametrize("cell", KNOWS, ids=" ".join)
def test_by_a_gateway_that_knows_ids_again_every_text_is_sent_once(found: dict, cell: tuple[str, str]) -> None:
    assert found[True, *cell] == KNOWS[cell]


@pytest.mark.parametrize("cell", DOES_NOT, ids=" ".join)
def test_by_one_that_does_not_the_rule_for_the_kind_decides(found: dict, cell: tuple[str, str]) -> None:
    assert found[False, *cell] == DOES_NOT[cell]
