"""Real Kannel and real gammu-smsd: messages a second against what each daemon does alone."""

from __future__ import annotations

from pathlib import Path

from benchmarks import daemons_kannel, daemons_smsd
from benchmarks.daemons_kannel import LANES, RATE, Found
from benchmarks.daemons_tests import needed
from benchmarks.report import Section, table

METHOD = f"""\
Debian's own daemons with the configuration shipped in `deploy/`, no SIM and no operator: Kannel with its fake SMSC
driver, whose other end counts parts; gammu-smsd with an AT modem on a pseudo-terminal that takes each part at once.
`phlov run` is on SQLite with `synchronous=FULL`; its people have all written before. More is better in every ratio.

Kannel: two of them, one with Phlov behind it, one with a web server in a process of its own that answers an empty 200,
loaded in turn. Out, alone: {LANES} threads post to sendsms with urllib3, as many as Phlov has lanes; through Phlov:
as many broadcast rows are put into its outbox in one commit, and Phlov is told that the operator allows {RATE} texts a
second. Both ask for both reports of each text. The rate is counted from the first part to the last at the operator's;
with reports, until the last has come home. In: the texts of (a), all at once, each from another person; through Phlov
until each is understood and kept, and until the last part of the last answer is at the operator's; against the latter
stands what Kannel alone needs for as many texts in and then as many parts out.

SMSD: two of them at the same time, for each hardly uses the machine (`loopsleep = 1`: about a part a second). Out,
alone: rows straight into its `outbox`. In: texts that come all at once, until Phlov has kept them, against until that
SMSD has read them off the SIM (looking for them every second here; Phlov looks into its tables twice a second)."""


def measure(folder: Path, *, short: bool) -> Section:
    """About two minutes at full length. Raises `RuntimeError` if a daemon is missing, or a text lost or doubled."""
    needed()
    rounds, texts, few = (1, 100, 4) if short else (3, 1000, 15)
    found = daemons_kannel.measure(folder / "kannel", rounds, texts)
    by_modem = daemons_smsd.measure(folder / "smsd", few)
    figures = daemons_kannel.figures(found) + daemons_smsd.figures(by_modem)
    counts = f"Kannel: {rounds} x {texts} texts each way; SMSD: {few} texts each way. Rates of each round:"
    return Section("(h) Real daemons", METHOD, figures, [counts, details(found)])


def details(found: Found) -> str:
    names = [("out", "out"), ("reported", "with reports"), ("in", "in"), ("answered", "in and answered")]
    rows = [
        [cell, *(" ".join(f"{one[name]:.0f}" for one in rounds if name in one) for name, _ in names)]
        for cell, rounds in found.items()
    ]
    return table(["Kannel, texts/s", *(words for _, words in names)], rows)
