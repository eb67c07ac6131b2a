"""What staff's table of prices says of a number, and what is refused in it."""

from decimal import Decimal

import pytest

from bot.content.loader import load
from bot.services.prices import BadPrices, Price, Prices, read, table, total

NETWORKS = {"+85510": "Smart", "+85512": "Cellcard", "+85597": "Metfone"}
TABLE = """\
prefix,country,network,price,currency
+85597,,Metfone,0.02,USD
,KH,,0.03,USD
+66,,,0.4,THB
"""


def test_the_shipped_prefixes_name_the_networks_of_cambodia():
    networks = load().networks
    assert len(networks) == 11 + 14 + 9 + 1 + 1
    prices = Prices(networks)
    numbers = {"010234567": "Smart", "0971234567": "Metfone", "012345678": "Cellcard", "018123456": "Seatel"}
    assert {number: prices.network_of(number) for number in numbers} == numbers
    assert prices.network_of("+85538123456") == "CooTel"
    assert prices.network_of("+85513123456") is None, "that network is closed"
    assert prices.network_of("+85523216565") is None, "a landline"
    assert prices.network_of("+66812345678") is None, "numbers are carried from network to network there"


def test_the_network_has_its_price_else_the_country_has_else_nobody_knows():
    prices = table(TABLE, NETWORKS)
    assert prices.price_to("097 123 4567") == Price(Decimal("0.02"), "USD")
    assert prices.price_to("012345678") == Price(Decimal("0.03"), "USD")
    assert prices.price_to("+66812345678") == Price(Decimal("0.4"), "THB")
    assert prices.price_to("+60123456789") is None
    assert prices.price("KH", None) == Price(Decimal("0.03"), "USD")
    assert prices.price(None, None) is None


def test_the_longest_prefix_wins():
    prices = table("prefix,network,price,currency\n+855,,1,USD\n+8551,One,2,USD\n+855101,Two,3,USD\n", NETWORKS)
    assert prices.network_of("+85510100001") == "Two"
    assert prices.network_of("+85510200001") == "Smart", "of the shipped ones, longer than +8551"
    assert prices.network_of("+85519200001") == "One"
    assert [prices.price_to(f"+85510{end}")[0] for end in (100001, 200001)] == [3, 1]


def test_money_is_exact_and_one_currency_is_never_added_to_another():
    prices = table(TABLE, NETWORKS)
    costs = [(prices.cost("KH", "Metfone", 3), 3), (prices.cost("KH", None, 1_000_001), 1_000_001)]
    costs += [(prices.cost("TH", None, 7), 7), (prices.cost("MY", None, 5), 5)]
    assert total(costs) == ({"USD": Decimal("30000.09"), "THB": Decimal("2.8")}, 5)


def test_without_a_file_nothing_has_a_price():
    prices = read(None, NETWORKS)
    assert not prices.known
    assert prices.price_to("012345678") is None
    assert prices.network_of("012345678") == "Cellcard"


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_file_as_a_spreadsheet_writes_it(tmp_path, separator):
    file = tmp_path / "prices.csv"
    text = "Country,Network,Price,Currency\r\nkh,Smart,0.025,usd\r\n\r\n".replace(",", separator)
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert read(file, NETWORKS).price("KH", "Smart") == Price(Decimal("0.025"), "USD")


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("855,,,1,USD", "a prefix is written as +85510"),
        ("+0,KH,,1,USD", "a prefix is written as +85510"),
        ("+85510,,,1,USD", "say the network of this prefix"),
        ("+1,,,1,USD", "say the country, as KH; this line names none, or several share its prefix"),
        (",,,1,USD", "say the country, as KH; this line names none, or several share its prefix"),
        ("+855,TH,,1,USD", "numbers that begin with +855 are not of TH"),
        (",KH,,,USD", "write the price of one SMS part as 0.025"),
        (",KH,,-1,USD", "write the price of one SMS part as 0.025"),
        (",KH,,1e9,USD", "write the price of one SMS part as 0.025"),
        (',KH,,"0,025",USD', "write the price of one SMS part as 0.025"),
        (",KH,,NaN,USD", "write the price of one SMS part as 0.025"),
        (",KH,,1,dollar", "write the currency in three letters, as USD or KHR"),
        (f",KH,{'n' * 41},1,USD", "a network has at most 40 characters, on one line"),
        (",KH,,1,USD,5", "more cells than headings; a comma too many?"),
    ],
)
def test_a_line_that_cannot_be(line, fault):
    with pytest.raises(BadPrices) as refused:
        table(f"prefix,country,network,price,currency\n{line}\n", NETWORKS)
    assert str(refused.value) == f"prices: line 2: {fault}"


def test_every_fault_is_told_at_once_and_lines_may_not_quarrel():
    lines = ",KH,Smart,1,USD", ",KH,Smart,2,USD", "+85510,,Smart,1,USD", "+85510,,Other,3,USD", "x,,,,"
    with pytest.raises(BadPrices) as refused:
        table("\n".join(("prefix,country,network,price,currency", *lines)), NETWORKS)
    assert str(refused.value).splitlines() == [
        "prices: line 6: a prefix is written as +85510",
        "prices: line 3: Smart in KH has another price on line 2; give one of them a network name of its own",
        "prices: line 5: +85510 belongs to Smart on line 4",
    ]


@pytest.mark.parametrize(
    "text", ["", "price,currency\n", "prefix,price\n", "prefix,price,price,currency\n", "country,cost,price,currency\n"]
)
def test_columns_that_cannot_be(text):
    with pytest.raises(BadPrices, match=r"line 1: the columns are"):
        table(text, NETWORKS)


@pytest.mark.parametrize(
    ("raw", "fault"),
    [(b"\xff", "is not UTF-8"), (b'country,price,currency\n"', "no CSV"), (b" " * 1_000_001, "longer")],
)
def test_files_that_cannot_be(tmp_path, raw, fault):
    (tmp_path / "prices.csv").write_bytes(raw)
    with pytest.raises(BadPrices, match=fault):
        read(tmp_path / "prices.csv", NETWORKS)
    with pytest.raises(BadPrices, match="No such file"):
        read(tmp_path / "none.csv", NETWORKS)
