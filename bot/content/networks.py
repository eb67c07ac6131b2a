"""Which network a number belongs to: `messages/networks.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bot.content.book import Country
from bot.content.nodes import Block

CONFIDENCE = frozenset({"high", "medium", "low"})
_PREFIX = re.compile("0[1-9][0-9]{1,3}")


def read(block: Block, countries: Mapping[str, Country]) -> dict[str, str]:
    """The network of each prefix in its international form: `+85510` is `Smart`. Faults go to the block's."""
    sources = block.inner("sources").items
    found: dict[str, str] = {}
    for name, network in block.named("networks"):
        network.only("country", "prefixes", "sources", "source_date", "confidence", "caution")
        network.choice("confidence", CONFIDENCE)
        for where, source in network.placed("sources"):
            if source not in sources:
                network.faults.add(where, f"unknown source {source!r}")
        for where, prefix in _prefixes(network, countries):
            if prefix in found:
                network.faults.add(where, f"{prefix} is {found[prefix]}'s already")
            found[prefix] = name
    return found


def _prefixes(network: Block, countries: Mapping[str, Country]) -> Iterator[tuple[str, str]]:
    country = countries.get(network.text("country"))
    if country is None:
        network.faults.add(network.at("country"), "must be a country of countries.yaml")
        return
    for where, prefix in network.placed("prefixes"):
        if _PREFIX.fullmatch(prefix):
            yield where, country.calling_code + prefix[1:]
        else:
            network.faults.add(where, f"{prefix!r} is no prefix as dialled at home, such as '010'")
