"""A report tells no count from which one of a few people can be found, and the same in every file."""

from __future__ import annotations

import csv
import random
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from html import escape
from io import BytesIO, StringIO
from itertools import product

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import EVERY, possible

from bot.content.book import Book
from bot.content.loader import load
from bot.printing import Edition
from bot.printing import report as page
from bot.services.cells import FORMULA, plain, safe, spelt, unspelt
from bot.services.disclosure import LEAST, OTHER, SMALL, Figure
from bot.services.prices import Price, Prices
from bot.services.report_page import view
from bot.services.report_sheets import Sheet, Words, csv_file, sheets, xlsx_file
from bot.services.reporting import ARRIVED, GONE, LOST, STOPPED, Report, TooFew, report
from bot.services.results import Results
from bot.store.results import Cell, Head

HOUR = 3_600_000
DAY = 1_795_400_000_000 // HOUR * HOUR
PRICES = Prices({}, {("KH", ""): Price(Decimal("0.02"), "USD"), ("TH", ""): Price(Decimal("0.03"), "USD")})
LANGUAGES = ("km", "km_Latn", "en")
PARTS = {"km": 2, "km_Latn": 1, "en": 1}


@cache
def book() -> Book:
    return load()


def words(language: str = "en") -> Words:
    return Words(Edition(book(), language, date(2026, 11, 23), date(2026, 11, 22), code="KYA12"))


def results(cells: list[Cell], **more: object) -> Results:
    head = Head(1, "KYA12", "News", "modem", 80, "{}", None, DAY, DAY + HOUR, None, DAY + HOUR)
    return replace(Results("KYA12", (head,), tuple(cells), {}, (), {}, {}, PRICES), **more)


def cell(people: int, outcome: str, province: str = "17", language: str = "km", country: str = "KH") -> Cell:
    return Cell(province, language, "modem", country, "", outcome, people, people * PARTS[language])


def drawn(seed: int, people: int, provinces: int) -> Results:
    """A broadcast as they are: most arrive, few fail, and few say STOP."""
    chance, found = random.Random(seed), {}
    for _ in range(people):
        language = chance.choices(LANGUAGES, [80, 15, 5])[0]
        outcome = chance.choices(["delivered", "accepted", "failed", "unknown", "stopped"], [85, 8, 4, 1, 2])[0]
        kind = cell(
            0, outcome, f"{chance.randint(1, provinces):02}", language, chance.choices(["KH", "TH"], [19, 1])[0]
        )
        found[kind] = found.get(kind, 0) + 1
        if outcome == "delivered" and chance.random() < 0.03:
            kind = kind._replace(outcome="stopped_after")
            found[kind] = found.get(kind, 0) + 1
    cells = [kind._replace(people=count, parts=count * PARTS[kind.language]) for kind, count in found.items()]
    hours = {DAY + nth * HOUR: people // 6 for nth in (0, 1, 3, 4, 5)}
    quiz = {
        f"{when}/{nth}/{how}": chance.randint(1, 60)
        for when in ("before", "after")
        for nth in range(5)
        for how in ("right", "wrong")
    }
    answers = tuple(
        (label, "17", "km", chance.randint(1, 40)) for label in ("Legal ways to go", "Loans", "What it costs")
    )
    excluded = {"stopped": chance.randint(1, 40), "cap": 30, "emergency": chance.randint(0, 3)}
    return results(cells, hours=hours, quiz=quiz, answers=answers, excluded=excluded)


def read_csv(raw: bytes) -> list[list[str]]:
    return list(csv.reader(StringIO(raw.decode("utf-8-sig"), newline="")))


def read_xlsx(raw: bytes) -> dict[str, list[list[str]]]:
    found = openpyxl.load_workbook(BytesIO(raw))
    return {
        each.title: [["" if value is None else str(value) for value in row] for row in each.iter_rows(values_only=True)]
        for each in found
    }


def test_fewer_than_twenty_people_have_no_report():
    with pytest.raises(TooFew):
        report(results([cell(LEAST - 1, "delivered")]))
    assert report(results([cell(LEAST, "delivered")])).people == LEAST


@pytest.mark.parametrize("seed", range(12))
def test_every_count_that_is_told_is_of_five_or_more(seed):
    found = drawn(seed, 60 + 70 * seed, 1 + 2 * seed)
    told = report(found)
    for table in told.tables:
        assert sum(row.people for row in table.rows) == found.people
        for row in table.rows:
            assert row.people >= LEAST
            for figure in row.figures.values():
                assert figure.exact is None or figure.exact >= SMALL
    counts = [*told.outcomes.values(), *told.details.values(), *told.answers.values(), *told.excluded.values()]
    assert all(figure.exact in (None, 0) or figure.exact >= SMALL for figure in counts)
    assert all(line.people >= LEAST for line in told.costs)


def test_a_broadcast_to_three_provinces_is_told_by_province_and_language():
    told = report(drawn(4, 900, 3))
    province, language = told.tables
    assert {row.name for row in province.rows if row.figures[ARRIVED].exact} == {"01", "02", "03"}
    assert province.columns == (ARRIVED, GONE, LOST, STOPPED)
    assert [row.name for row in language.rows] == ["km", "km_Latn", "en"]
    assert told.crossed is not None


def test_a_small_province_and_a_small_language_are_put_together_with_others():
    found = results(
        [cell(40, "delivered"), cell(30, "delivered", "14"), cell(6, "delivered", "03"), cell(3, "delivered", "", "en")]
    )
    told = report(found)
    (table,) = told.tables
    assert [(row.name, row.people) for row in table.rows] == [("17", 40), (OTHER, 39)]
    assert told.crossed is None


@pytest.mark.parametrize("closed", [True, False])
def test_until_it_is_closed_only_the_whole_is_told_and_in_tens(closed):
    """Or who reads two reports, one later than the other, sees what became of a few people in between."""
    cells = [cell(42, "delivered"), cell(40, "delivered", "14"), cell(20, "queued" if closed else "failed", "14")]
    cells += [cell(3, "stopped_after")]
    found = results(cells, hours={DAY: 100}, answers=(("Loans", "17", "km", 30),))
    found = replace(found, heads=(found.heads[0]._replace(closed_at=DAY if closed else None),))
    told = report(found)
    assert told.open
    assert (told.tables, told.crossed, told.hours, told.answers, told.details) == ((), None, {}, {}, {})
    assert told.outcomes[ARRIVED] == (80, 89)
    assert told.outcomes["waiting" if closed else LOST] == (20, 29)
    assert told.stopped == (0, 9)
    later = replace(found, cells=(*cells, cell(2, "stopped_after", "14")))
    assert report(later) == told
    assert view(words(), told).notes[1].startswith("These are not the last numbers")


def answered(*rows: tuple[str, str, str, int], **more: object) -> Results:
    return results([cell(500, "delivered")], answers=rows, **more)


def test_answers_are_told_by_province_and_by_language():
    found = answered(
        *(("Loans", "17", "km", 40), ("Loans", "14", "km", 30), ("Loans", "14", "en", 20)),
        *(("What it costs", "17", "km", 25), ("What it costs", "14", "en", 15), ("What it costs", "03", "en", 6)),
    )
    told = report(found)
    province, language = told.answers_by
    assert [(row.name, row.people) for row in province.rows] == [("17", 65), (OTHER, 71)]
    assert {row.name: row.figures["Loans"].exact for row in language.rows} == {"km": 70, "en": 20}
    found = sheets(words("en"), told)
    (sheet,) = (each for each in found if each.name == "answers_language")
    assert sheet.rows == (("Khmer", 95, 70, 25), ("English", 41, 20, 21))
    lines = [line for line in read_csv(csv_file(found)) if line[0] == sheet.title]
    assert ["Answers to the question: Language", "English", "Loans", "20"] in lines
    assert read_xlsx(xlsx_file(found))["answers_language"][2] == ["English", "41", "20", "21"]
    html = page.report(words().edition, view(words(), told))
    assert "Answers to the question: Province" in html


def found_out(told: Report) -> list[tuple[str, str]]:
    """The hidden counts of the answers that cannot be each number from 0 to 4, for who sees all that is told of them.
    Tries every way to spread the answers that agrees with it."""
    named = {table.axis: [row.name for row in table.rows] for table in told.answers_by}
    columns = sorted({name for table in told.answers_by for name in table.columns})
    kinds = list(product(named.get("province", ["all"]), named.get("language", ["all"]), columns))
    place = {"province": 0, "language": 1}

    def members(**wanted: str) -> frozenset[int]:
        at = {**place, "answer": 2}
        return frozenset(nth for nth, kind in enumerate(kinds) if all(kind[at[of]] == wanted[of] for of in wanted))

    bounds = [(members(), told.answered, told.answered)]
    bounds += ((members(answer=name), each.low, each.high) for name, each in told.answers.items() if name in columns)
    hidden = []
    for table in told.answers_by:
        for row in table.rows:
            bounds.append((members(**{table.axis: row.name}), row.people, row.people))
            for name, figure in row.figures.items():
                cell = members(**{table.axis: row.name}, answer=name)
                bounds.append((cell, figure.low, figure.high))
                if figure.small:
                    hidden.append((row.name, name, cell))
    return [(row, name) for row, name, cell in hidden if possible(len(kinds), bounds, cell) != EVERY]


@pytest.mark.parametrize("seed", range(20))
def test_a_few_answers_of_a_province_cannot_be_found(seed):
    """Each hidden one may be anything from 0 to 4 for who knows all that is told."""
    chance = random.Random(seed)
    rows = [
        (label, province, language, chance.choice([0, 1, 2, 3, 6, 9, 20]))
        for label in ("Loans", "What it costs")
        for province in ("17", "14")
        for language in ("km", "en")
    ]
    told = report(answered(*(row for row in rows if row[3])))
    for table in told.answers_by:
        for row in table.rows:
            assert row.people >= LEAST
            assert all(figure.exact is None or figure.exact >= SMALL for figure in row.figures.values())
    assert found_out(told) == []


def test_a_hidden_answer_that_stands_alone_is_found_out():
    """Or the test above could not fail."""
    rows = [("Loans", "17", "km", 30), ("Loans", "14", "km", 30), ("What it costs", "17", "km", 30)]
    told = report(answered(*rows, ("What it costs", "14", "km", 3)))
    (table,) = told.answers_by
    assert found_out(told) == []
    told_too_much = tuple(
        row._replace(figures={name: each if each.small else Figure(30, 30) for name, each in row.figures.items()})
        for row in table.rows
    )
    assert found_out(replace(told, answers_by=(replace(table, rows=told_too_much),))) == [("14", "What it costs")]


def test_few_failures_are_told_neither_by_the_total_nor_by_the_money():
    cells = [cell(96, "delivered"), cell(100, "delivered", "14"), cell(3, "failed"), cell(1, "unknown", "14")]
    told = report(results(cells))
    assert told.outcomes[LOST].small
    assert (told.outcomes[ARRIVED].low, told.outcomes[ARRIVED].high) == (196, 199)
    assert told.details == {}
    other = [cell(97, "delivered"), cell(99, "delivered", "14"), cell(2, "failed"), cell(2, "cancelled", "14")]
    assert report(results(other)).spent == told.spent
    low, high = told.spent
    assert (low.amount, high.amount) == (Decimal("7.84"), Decimal("8.00"))


def test_what_was_spent_lies_between_the_bounds():
    for seed in range(12):
        found = drawn(seed, 400, 5)
        low, high = report(found).spent
        assert low.amount <= found.cost.sums["USD"] <= high.amount


def test_the_money_does_not_tell_who_reads_which_language():
    """The same people by country, and the same by language once the small one is put together with another."""
    one = [cell(60, "delivered"), cell(38, "delivered", language="km_Latn"), cell(2, "delivered", language="en")]
    two = [cell(60, "delivered"), cell(36, "delivered", language="km_Latn"), cell(4, "delivered", language="en")]
    assert report(results(one)).spent == report(results(two)).spent


def test_no_price_is_made_up():
    found = drawn(1, 300, 3)
    assert report(replace(found, prices=Prices())).costs == ()
    assert report(replace(found, prices=Prices())).spent is None
    half = replace(found, prices=Prices({}, {("KH", ""): Price(Decimal("0.02"), "USD")}))
    assert report(half).spent is None


def test_the_quiz_is_told_only_of_enough_answers():
    quiz = {"before/1/right": 12, "before/1/wrong": 18, "after/1/right": 29, "after/1/wrong": 1, "before/2/right": 19}
    (question,) = report(results([cell(40, "delivered")], quiz=quiz)).quiz
    assert (question.question, question.before[0].exact, question.before[1]) == ("1", 12, 30)
    assert (question.after[0].low, question.after[0].high) == (26, 29)


@pytest.mark.parametrize("language", LANGUAGES)
def test_questions_of_the_quiz_are_told_in_their_words(language):
    """Those of the quiz before and after a campaign, and that of a broadcast; one that is no more has its name."""
    quiz = {f"before/{name}/{how}": 20 for name in ("2", "passport", "gone") for how in ("right", "wrong")}
    told = report(results([cell(40, "delivered")], quiz=quiz))
    said = words(language)
    html = page.report(said.edition, view(said, told))
    rows = [row[0] for sheet in sheets(said, told) if sheet.name == "quiz" for row in sheet.rows]
    assert rows[1] == "gone"
    for row, states in ((rows[0], ("quiz.before.2", "quiz.after.2")), (rows[2], ("broadcasts.passport",))):
        assert escape(row) in html
        for state, asked in zip(states, row.split(" / "), strict=True):
            assert asked in book().words(state, book().states[state].pages[-1], language)
            assert not asked[0].isdecimal()
    if language == "en":
        assert rows[2] == "A small question: at work abroad, who keeps your passport?"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("seed", range(3))
def test_all_files_tell_the_same(seed, language):
    told = report(drawn(seed, 500, 4))
    said = words(language)
    found = sheets(said, told)
    books = read_xlsx(xlsx_file(found))
    assert list(books) == [sheet.name for sheet in found]
    for sheet in found:
        rows = [[plain(unspelt(value)) for value in row] for row in books[sheet.name]]
        assert rows == [[str(value) for value in row] for row in (sheet.head, *sheet.rows)]
    values = {plain(value) for row in read_csv(csv_file(found)) for value in row}
    html = page.report(said.edition, view(said, told))
    shown = {text.replace(",", "") for text in re.findall(r"<td>([^<]*)</td>", html)} - {""}
    shown = {text.replace("&lt;", "<") for text in shown}
    known = values | {str(value) for sheet in found for row in sheet.rows for value in row}
    assert {text for text in shown if text[0].isdigit() or text[0] in "<*"} <= known


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_has_no_holes_and_asks_for_nothing(language):
    said = words(language)
    told = report(drawn(2, 800, 25))
    html = page.report(said.edition, view(said, told))
    assert "http" not in html.replace("http-equiv", "")
    assert "{fill:" not in html
    assert html.count("<svg") > 30
    assert "<script" not in html
    widths = [float(width) for width in re.findall(r'<rect[^>]*? width="([\d.]+)" height="(?:5|10)"', html)]
    assert widths
    assert all(0 <= width <= 100.01 for width in widths)


def test_a_title_is_never_run():
    bad = '=HYPERLINK("x")<script>alert(1)</script>'
    found = drawn(3, 300, 3)
    found = replace(found, heads=(found.heads[0]._replace(title=bad),))
    told, said = report(found), words()
    assert "<script>alert" not in page.report(said.edition, view(said, told))
    assert f"'{bad}" in {value for row in read_csv(csv_file(sheets(said, told))) for value in row}
    raw = xlsx_file(sheets(said, told))
    cells = [each for each_sheet in openpyxl.load_workbook(BytesIO(raw)) for row in each_sheet for each in row]
    assert f"'{bad}" in {each.value for each in cells}
    assert {each.data_type for each in cells} <= {"s", "inlineStr", "n"}


DANGEROUS = st.text(st.sampled_from([*FORMULA, "'", " ", "\u200b", "_", "x", "0", "D", "a", "\x0b", "\n"])) | st.text()


@settings(max_examples=500)
@given(DANGEROUS)
def test_a_cell_is_no_formula_and_comes_back_as_it_was(value):
    assert plain(safe(value)) == value
    assert safe(value)[:1] not in tuple(FORMULA)
    assert safe(value).lstrip("' \u200b")[:1] in tuple(FORMULA) or safe(value) == value
    assert unspelt(spelt(value)) == value


@settings(max_examples=40, deadline=None)
@given(st.lists(DANGEROUS, min_size=1, max_size=8))
def test_values_come_back_from_a_csv_and_an_xlsx(values):
    out = StringIO(newline="")
    csv.writer(out).writerows([safe(value)] for value in values)
    rows = list(csv.reader(StringIO(out.getvalue(), newline="")))
    assert [plain(row[0]) if row else "" for row in rows] == values
    sheet = Sheet("values", "values", ("value",), tuple((value,) for value in values))
    rows = read_xlsx(xlsx_file([sheet]))["values"]
    assert [plain(unspelt(row[0])) for row in rows[1:]] == values
