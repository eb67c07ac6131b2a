"""What a loan costs, exact to the cent: by equal instalments on the falling balance, and with flat interest.

Rates are parts of one per month (18 % a year is 0.015). `step` is the smallest coin: 0.01 dollar, 1 riel.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

FINER = Decimal("1E-8")
"""A rate such as 28 % / 12 is cut off after 28 digits; what that leaves just below half a coin is half a coin."""

HALVINGS = 64
"""More do not change a rate that is told with one decimal."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is paid back: `instalment` each month but in the last, in which `last` settles what is left."""

    instalment: Decimal
    last: Decimal
    total: Decimal
    interest: Decimal


def declining(amount: Decimal, monthly: Decimal, months: int, step: Decimal) -> Plan:
    """Equal instalments, interest on what is still owed.

    The annuity formula A = P * i / (1 - (1 + i)^-n) (ordinary annuity, also called amortization formula); each
    month's interest is rounded to the step, half up, and the last instalment settles the balance.
    """
    instalment = rounded(annuity(amount, monthly, months), step)
    balance, total, due = amount, Decimal(0), Decimal(0)
    for month in range(1, months + 1):
        owed = balance + rounded(balance * monthly, step)
        due = owed if month == months else min(instalment, owed)
        balance = owed - due
        total += due
    return Plan(instalment, due, total, total - amount)


def flat(amount: Decimal, monthly: Decimal, months: int, step: Decimal) -> Plan:
    """Interest on the whole amount to the end, I = P * i * n (simple interest), in equal instalments."""
    interest = rounded(amount * monthly * months, step)
    total = amount + interest
    instalment = rounded(total / months, step)
    return Plan(instalment, total - instalment * (months - 1), total, interest)


def real(amount: Decimal, monthly: Decimal, months: int) -> Decimal:
    """The monthly rate on the falling balance that costs as much as this flat rate: the i that solves the annuity
    formula for the flat instalment, found by halving."""
    instalment = amount * (1 + monthly * months) / months
    low, high = Decimal(0), 4 * monthly
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if annuity(amount, middle, months) < instalment else (low, middle)
    return high


def annuity(amount: Decimal, monthly: Decimal, months: int) -> Decimal:
    """The instalment, unrounded. The rate is above nothing."""
    return amount * monthly / (1 - (1 + monthly) ** -months)


def rounded(value: Decimal, step: Decimal) -> Decimal:
    return value.quantize(step * FINER, ROUND_HALF_UP).quantize(step, ROUND_HALF_UP)
