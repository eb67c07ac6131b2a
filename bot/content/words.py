"""`make words`: bring the catalogs up to date with `messages/`, and say what a translator still has to do.

Run as `python -m bot.content.words [--check]`; with --check nothing is written and a stale catalog is a fault.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

from bot.content.book import LANGUAGES, Language
from bot.content.console import CONTEXT as CONSOLE
from bot.content.loader import ROOT, po_path
from bot.content.template import changed

HEADER = """\
# {name} texts of Phlov. Made by `make words` from messages/; only the translations (msgstr) are written by hand.
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"

"""
NAMES: dict[Language, str] = {"km": "Khmer", "km_Latn": "Khmer in Latin letters", "en": "English"}
SOURCE: Language = "en"
LATIN: Language = "km_Latn"


def template(root: Path) -> Catalog:
    """Every text of `messages/` below `root`, in the order of the files."""
    catalog = Catalog()
    with (root / "babel.cfg").open() as config:
        methods, options = parse_mapping_cfg(config)  # type: ignore[no-untyped-call]
    found = extract_from_dir(root, methods, options, directory_filter=lambda path: _wanted(root, Path(path)))
    for name, line, text, comments, context in sorted(found, key=lambda item: (item[0], item[1])):
        catalog.add(text, None, [(Path(name).as_posix(), line)], auto_comments=comments, context=context)
    return catalog


def _wanted(root: Path, path: Path) -> bool:
    """Only `messages/` is walked: the tree also holds virtual environments."""
    return root / "messages" in (path, *path.parents)


def refresh(root: Path, language: Language) -> tuple[Catalog, bytes]:
    """The catalog as it must be, and the bytes of its file. Texts that are gone are dropped, none is guessed."""
    path = po_path(root / "locale", language)
    catalog = read_po(BytesIO(path.read_bytes() if path.exists() else b""), locale=language)
    # A template of its own for each language: Babel takes the messages of a template over as they are, not copies.
    catalog.update(template(root), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    if language == LATIN:
        _without_console(catalog)
    if language == SOURCE:
        _only_differing(catalog)
    out = BytesIO()
    out.write(HEADER.format(name=NAMES[language], language=language).encode())
    # width 0: no wrapped lines, so a changed word is one changed line; no header with dates, so a run changes nothing.
    write_po(out, catalog, width=0, omit_header=True, sort_by_file=True)
    return catalog, out.getvalue()


def _without_console(catalog: Catalog) -> None:
    """Staff read Khmer as it is written: their pages are never in Latin letters."""
    for message in [message for message in catalog if message.context == CONSOLE]:
        catalog.delete(message.id, message.context)


def _only_differing(catalog: Catalog) -> None:
    """English is the source, so its catalog holds only what is said otherwise."""
    for message in [message for message in catalog if message.id and not message.string]:
        catalog.delete(message.id, message.context)


def problems(catalog: Catalog, language: Language) -> Iterator[str]:
    """What a translator has to do, one sentence each."""
    for message in catalog:
        reason = _problem(message) if message.id else None
        if reason:
            place = ":".join(str(part) for part in message.locations[0]) if message.locations else "?"
            yield f"{place}: {language}: {reason}: {message.context}: {str(message.id)[:60]!r}"


def _problem(message: Message) -> str | None:
    if message.fuzzy:
        return "fuzzy"
    if not message.string:
        return "missing"
    return changed(str(message.id), str(message.string))


def run(root: Path = ROOT, *, check: bool = False) -> list[str]:
    """Refreshes (or only checks) all catalogs; returns what is wrong with them."""
    found = []
    for language in LANGUAGES:
        catalog, wanted = refresh(root, language)
        path = po_path(root / "locale", language)
        if check and (not path.exists() or path.read_bytes() != wanted):
            found.append(f"{path.relative_to(root).as_posix()}: stale, run `make words`")
        elif not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(wanted)
        found += problems(catalog, language)
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """The command; 1 if anything is missing, fuzzy, stale or has lost a placeholder."""
    parser = argparse.ArgumentParser(prog="python -m bot.content.words", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a catalog is not up to date")
    parser.add_argument("--root", type=Path, default=ROOT, help="the directory that holds messages/ and locale/")
    given = parser.parse_args(arguments)
    found = run(given.root, check=given.check)
    for problem in found:
        print(problem, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
