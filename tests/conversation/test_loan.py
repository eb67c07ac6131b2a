"""The loan sum: exact to the cent against published figures, readable in every writing, kind to nonsense."""

from __future__ import annotations

from decimal import Decimal

import pytest
from conversation.tools import BOOK, last, text
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.content.book import LANGUAGES
from bot.conversation.interest import annuity, declining, flat, real
from bot.conversation.loan import MOST, plan, sensible, units
from bot.conversation.sums import Loan, loan
from bot.text.sms import segments

CENT = Decimal("0.01")


def rate(yearly: str) -> Decimal:
    return Decimal(yearly) / 1200


@pytest.mark.parametrize(
    ("amount", "yearly", "months", "instalment"),
    [
        (200_000, "6.5", 360, "1264.14"),  # the worked example of Wikipedia's article on mortgage calculators
        (250_000, "6.5", 360, "1580.17"),  # "about $1,580": a published calculator's worked example
        (100_000, "6", 360, "599.55"),  # in every table of mortgage payments
        (500, "18", 12, "45.84"),
    ],
)
def test_instalments_on_the_balance_are_the_published_ones(
    amount: int, yearly: str, months: int, instalment: str
) -> None:
    assert declining(Decimal(amount), rate(yearly), months, CENT).instalment == Decimal(instalment)


@pytest.mark.parametrize(
    ("amount", "yearly", "months", "total"),
    [("2515.13", "28", 25, "3348.10"), ("25950.86", "25", 71, "49936.47"), ("3460.50", "28", 104, "9237.01")],
)
def test_half_a_cent_is_rounded_up_where_the_monthly_rate_has_no_end(
    amount: str, yearly: str, months: int, total: str
) -> None:
    """Computed with whole numbers and fractions only."""
    assert declining(Decimal(amount), rate(yearly), months, CENT).total == Decimal(total)


def test_flat_instalments_are_the_published_ones() -> None:
    plan = flat(Decimal(1200), Decimal("0.01"), 12, CENT)  # Wikipedia, flat interest rate: $100 and $12 a month
    assert (plan.instalment, plan.last, plan.total, plan.interest) == (112, 112, 1344, 144)
    assert flat(Decimal(100_000), rate("12"), 36, CENT).interest == 36_000


@pytest.mark.parametrize(("yearly", "months", "really"), [("12", 12, "21.46"), ("10", 36, "17.92")])
def test_what_flat_really_is(yearly: str, months: int, really: str) -> None:
    assert (real(Decimal(1200), rate(yearly), months) * 1200).quantize(CENT) == Decimal(really)


LOANS = st.builds(
    Loan,
    amount=st.decimals(1, 999_999, places=2),
    riel=st.just(False),
    rate=st.decimals("0.01", 300, places=2),
    period=st.sampled_from(["year", "month"]),
    months=st.integers(1, 360),
    stated=st.booleans(),
)


@given(LOANS)
def test_what_is_paid_is_what_was_lent_and_the_interest(asked: Loan) -> None:
    assume(sensible(asked))
    for each in plan(asked):
        assert each.total == asked.amount + each.interest
        assert each.interest >= 0
        assert each.total == each.total.quantize(CENT)
    balance, whole = plan(asked)
    assert whole.total == whole.instalment * (asked.months - 1) + whole.last
    assert balance.total <= balance.instalment * (asked.months - 1) + balance.last


@given(LOANS)
def test_flat_is_never_cheaper_than_it_looks(asked: Loan) -> None:
    assume(sensible(asked) and asked.months > 1)
    really = real(asked.amount, asked.monthly, asked.months)
    assert really > asked.monthly
    paid = asked.amount * (1 + asked.monthly * asked.months) / asked.months
    assert abs(annuity(asked.amount, really, asked.months) - paid) < CENT


@given(st.integers(100, 99_999), st.integers(1, 40), st.integers(2, 60))
def test_the_last_instalment_only_settles_the_cents(amount: int, yearly: int, months: int) -> None:
    assume(amount >= 10 * months)
    plan = declining(Decimal(amount), rate(str(yearly)), months, CENT)
    assert abs(plan.last - plan.instalment) < 2
    assert plan.total == plan.instalment * (months - 1) + plan.last


USD = Loan(Decimal(500), False, Decimal(18), "year", 12, False)
READINGS = [
    ("500 18 12", USD),
    ("៥០០ ១៨ ១២", USD),
    ("500, 18, 12", USD),
    ("500-18-12", USD),
    ("$500 18% 12 months", USD),
    ("500$ 18% a year 12 months", USD._replace(stated=True)),
    ("500ដុល្លារ18%ក្នុងមួយឆ្នាំ12ខែ", USD._replace(stated=True)),
    ("12 months 18% $500", USD),
    ("18% 500 usd for 12 months", USD),
    ("500 18 1 year", USD),
    ("500 1.5 12", USD._replace(rate=Decimal("1.5"), period="month")),
    ("500 1,5% khae 12", USD._replace(rate=Decimal("1.5"), period="month", stated=True)),
    ("500 10 month 12", USD._replace(rate=Decimal(10), period="month", stated=True)),
    ("500 10 12 per month", USD._replace(rate=Decimal(10), period="month", stated=True)),
    ("500 10 12 a month", USD._replace(rate=Decimal(10), period="month", stated=True)),
    ("2000000 18 12", USD._replace(amount=Decimal(2_000_000), riel=True)),
    ("2,000,000៛ 18 12", USD._replace(amount=Decimal(2_000_000), riel=True)),
    ("2.000.000 រៀល 18 12", USD._replace(amount=Decimal(2_000_000), riel=True)),
    ("50000 riel 18 12", USD._replace(amount=Decimal(50_000), riel=True)),
    ("1,500 18 12", USD._replace(amount=Decimal(1500))),
    ("12 12 12", Loan(Decimal(12), False, Decimal(12), "year", 12, False)),
    ("12 months 500$ 18%", USD),
    ("12 months $500 18%", USD),
    ("12 months 500$ 18", USD),
    ("12 months 18 500$", USD),
    ("12 months 500 18", USD),
    ("12 months 18% 500", USD),
    ("18 500$ 12", USD),
    ("18 12 500$", USD),
    ("500 18 12 usd", USD),
    ("500 18$ 12", USD),
    ("500 12 months 18", Loan(Decimal(500), False, Decimal(12), "month", 18, True)),
]
TWO_MILLION = USD._replace(amount=Decimal(2_000_000), riel=True)
SIZED = [
    ("2 million riel 18 12", TWO_MILLION),
    ("២លាន៛ ១៨ ១២", TWO_MILLION),
    ("២ លានរៀល ១៨% ១២ខែ", TWO_MILLION),
    ("2,000k riel 18 12", TWO_MILLION),
    ("18% 12 2lean", TWO_MILLION),
    ("12 khae 2lean 18", TWO_MILLION),
    ("2.5 លានរៀល 18 24", TWO_MILLION._replace(amount=Decimal(2_500_000), months=24)),
    ("២លាន៥សែនរៀល ១៨ ២៤", TWO_MILLION._replace(amount=Decimal(2_500_000), months=24)),
    ("2 lean 3 sen 5 meun 18 12", TWO_MILLION._replace(amount=Decimal(2_350_000))),
    ("5lean 1.5 12", Loan(Decimal(5_000_000), True, Decimal("1.5"), "month", 12, False)),
    ("5 សែន 18 12", TWO_MILLION._replace(amount=Decimal(500_000))),
    ("3 hundred thousand 18 12", TWO_MILLION._replace(amount=Decimal(300_000))),
    ("8ម៉ឺន៛ 18 12", TWO_MILLION._replace(amount=Decimal(80_000))),
    ("8 មុឺនរៀល 18 12", TWO_MILLION._replace(amount=Decimal(80_000))),
    ("5ពាន់ដុល្លារ 18 12", USD._replace(amount=Decimal(5000))),
    ("$5k 18 12", USD._replace(amount=Decimal(5000))),
    ("5 poan dola 18 12", USD._replace(amount=Decimal(5000))),
    ("1.5k 18% 12 months", USD._replace(amount=Decimal(1500))),
]


@pytest.mark.parametrize(("said", "asked"), READINGS + SIZED)
def test_a_loan_in_many_writings(said: str, asked: Loan) -> None:
    pieces = units(BOOK).read(said)
    assert pieces is not None
    assert loan(pieces) == asked


def test_sizes_are_heard_in_an_order() -> None:
    for said, asked in SIZED:
        turn = last(f"LOAN {said}")
        assert turn.session.state == "loan.sum", said
        assert Decimal(turn.session.given[0]) == asked.amount, said


def test_the_answer_says_it_all() -> None:
    said = text("LOAN 500 18 12")
    for part in (
        "18% a year",
        "$45.84",
        "$550.08",
        "$50.08",
        "$49.17",
        "$590.00",
        "$90.00",
        "31.7%",
        "Flat is above 18%",
    ):
        assert part in said


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("LOAN 500 18 12", "loan.flat_over"),
        ("LOAN 500 1.5 12", "loan.flat_over"),
        ("LOAN 500 18.1 12", "loan.over"),
        ("LOAN 500 3% a month 12", "loan.over"),
        ("LOAN 500 9% a year 12", "loan.under"),
    ],
)
def test_how_it_stands_to_the_cap(said: str, verdict: str) -> None:
    ending = BOOK.states[verdict].pages[0].partition("{")[0]
    assert text(said).splitlines()[-1].startswith(ending)


@pytest.mark.parametrize(
    "said",
    [
        "0 18 12",
        "500 0 12",
        "500 18 0",
        "-500 18 12",
        "500 -18 12",
        "500 18 600",
        "1000000000 18 12",
        "500 900 12",
        "500 18 1.5",
    ],
)
def test_nonsense_is_refused_kindly(said: str) -> None:
    turn = last(f"LOAN {said}")
    assert turn.session.state == "loan.odd"
    assert "LOAN 500 18 12" in turn.replies[0].text


def test_how_to_write_it() -> None:
    for said in ("LOAN abc", "LOAN 500", "LOAN 500 18"):
        assert last(said).session.state == "loan.how"
    assert last("LOAN abc", "500 18 12").session.state == "loan.sum"
    assert last("LOAN abc", "1").session.state == "topics.loans"


def test_month_or_year_counts_the_last_sum_so() -> None:
    for said in ("MONTH", "a month", "ខែ", "ក្នុងមួយខែ", "khae"):
        assert last("LOAN 500 18 12", said).session.given == ("500", "", "18", "month", "12", "stated")
    assert "2% a year." in text("LOAN 500 2 12", "year")
    assert last("LOAN abc", "month").session.state != "loan.sum"


def test_a_story_about_a_loan_is_no_sum() -> None:
    for said in (
        "loan shark comes every day",
        "loan 500 from my boss and he wants my land",
        "loan 2 million riel 18 12 from my boss who took land",
        "loan of 2 million won in 3 months 10 people",
        "loan 2 lean 1 chnam 3 khae luy boss oy ot trov",
        "kamchey 5 lean thaoke yok dei 3 kanleng 2 khae",
        "LOAN 500 18 12",
        "500 18 12",
    ):
        assert (last(said).session.state == "loan.sum") is (said == "LOAN 500 18 12")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", ["LOAN 99999000 riel 0.01% a year 12", "LOAN 999000 $ 0.01 1", "LOAN 5000 1.25 360"])
def test_the_longest_sums_fit(language: str, said: str) -> None:
    for home in ("KH", "TH", None):
        answer = last(said, language=language, pinned=True, home=home)
        assert len(segments(answer.replies[0].text).parts) <= 3


def test_no_sum_is_wider_than_the_check_measures() -> None:
    widest = BOOK.states["loan.sum"].fills["total"].example
    assert len(f"${MOST[False]:,.2f}") <= len(widest)
    assert len(f"{MOST[True]:,.0f}៛") <= len(widest)
