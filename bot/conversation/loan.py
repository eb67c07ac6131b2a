"""The loan sum: LOAN 500 18 12 is answered with the instalment, the total, and how it stands to the legal cap."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from bot.content.book import Book
from bot.conversation.interest import Plan, declining, flat, real, rounded
from bot.conversation.session import Session, Turn
from bot.conversation.sums import Loan, Period, Units, loan
from bot.conversation.talk import Fills, Talk, arrive, say

CAP = Decimal(18)
"""Percent a year on the balance: the most that microfinance may take (fact debt-cap)."""

MOST_MONTHS = 360
MOST_MONTHLY = Decimal("0.3")
MOST = {False: Decimal("999999.99"), True: Decimal(99_999_999)}
"""The largest sums that are told, in dollars and in riel."""

LEAST_A_MONTH = {False: 1, True: 1000}
"""Smaller instalments would drown in what is rounded."""

STEPS = {False: Decimal("0.01"), True: Decimal(1)}


class LoanSum:
    """Counts as often as it is given three numbers, until another text comes."""

    name = "loan"

    def begin(self, talk: Talk, session: Session, rest: str) -> Turn | None:
        """How to write it without three numbers; None for a sentence that only begins with the word."""
        session = session._replace(tool=self.name, given=())
        pieces = units(talk.book).read(rest)
        if pieces is None:
            return None
        if len(pieces) != 3:
            return arrive(talk, session, talk.book.states["loan.how"])
        return counted(talk, session, loan(pieces))

    def answer(self, talk: Talk, session: Session) -> Turn | None:
        """The next sum, without the word; MONTH or YEAR counts the last one so."""
        period = units(talk.book).period(talk.text)
        if period and session.state == "loan.sum":
            return counted(talk, session, remembered(session)._replace(period=period, stated=True))
        pieces = units(talk.book).read(talk.text)
        return counted(talk, session, loan(pieces)) if pieces and len(pieces) == 3 else None

    def again(self, talk: Talk, session: Session) -> Turn | None:
        if session.state != "loan.sum":
            return say(talk, session)
        return counted(talk, session, remembered(session))


def remembered(session: Session) -> Loan:
    """The loan counted last."""
    amount, riel, rate, period, months, stated = session.given
    each: Period = "year" if period == "year" else "month"
    return Loan(Decimal(amount), bool(riel), Decimal(rate), each, int(months), bool(stated))


@lru_cache(maxsize=4)
def units(book: Book) -> Units:
    return Units(book.lexicon.units)


def counted(talk: Talk, session: Session, asked: Loan | None) -> Turn:
    """The sum, or a kind word where the numbers make none."""
    plans = plan(asked) if asked and sensible(asked) else None
    if asked is None or plans is None or any(each.total > MOST[asked.riel] or each.last < 0 for each in plans):
        return arrive(talk, session._replace(given=()), talk.book.states["loan.odd"])
    given = (
        str(asked.amount),
        "riel" if asked.riel else "",
        str(asked.rate),
        asked.period,
        str(asked.months),
        "stated" if asked.stated else "",
    )
    session = session._replace(given=given)
    return arrive(talk, session, talk.book.states["loan.sum"], fills=told(talk, session, asked, *plans))


def sensible(asked: Loan) -> bool:
    """Whether the numbers can be those of a loan."""
    return (
        0 < asked.months <= MOST_MONTHS
        and 0 < asked.monthly <= MOST_MONTHLY
        and asked.months * LEAST_A_MONTH[asked.riel] <= asked.amount <= MOST[asked.riel]
    )


def plan(asked: Loan) -> tuple[Plan, Plan]:
    """The plan on the balance, and the flat one."""
    step = STEPS[asked.riel]
    amount = rounded(asked.amount, step)
    return declining(amount, asked.monthly, asked.months, step), flat(amount, asked.monthly, asked.months, step)


def told(talk: Talk, session: Session, asked: Loan, balance: Plan, whole: Plan) -> Fills:
    """What stands in the text `loan.sum`."""
    really = real(asked.amount, asked.monthly, asked.months) * 1200
    riel = riels(talk.book, session) if asked.riel else None
    amounts = {
        "pay": balance.instalment,
        "total": balance.total,
        "interest": balance.interest,
        "flat_pay": whole.instalment,
        "flat_total": whole.total,
        "flat_interest": whole.interest,
    }
    return (
        ("rate", f"{rounded(asked.rate, Decimal('0.01')).normalize():f}"),
        ("per", f"loan.{asked.period}" if asked.stated else f"loan.{asked.period}_if"),
        *((name, written(amount, riel)) for name, amount in amounts.items()),
        ("real", f"{rounded(really, Decimal('0.1'))}"),
        ("cap", verdict(asked.monthly * 1200, really)),
    )


def verdict(balance: Decimal, whole: Decimal) -> str:
    """The state that says how the two rates, percent a year on the balance, stand to the cap."""
    if balance > CAP:
        return "loan.over"
    return "loan.flat_over" if whole > CAP else "loan.under"


def riels(book: Book, session: Session) -> str:
    """The word or sign for riel, as it stands behind a number."""
    word = book.words("loan.riel", book.states["loan.riel"].pages[0], session.language or "km")
    return word if len(word) == 1 else f" {word}"


def written(amount: Decimal, riel: str | None) -> str:
    return f"${amount:,.2f}" if riel is None else f"{amount:,.0f}{riel}"
