"""W4: a signature does not say where a field ends. No other reading of a signed run changes sid, sender or text.

An attacker who captured one signed request can cut its run of names and values anew and keep the signature valid,
as long as the new names come in the same order. Everything below is validly signed.
"""

import random
from collections.abc import Iterator

import pytest
from signed import PUBLIC, Pairs, channel, form, report, request, sid, sign

from bot.channels.twilio import SMS, STATUS
from bot.protocol import Refused, Request

TEXTS = [
    "help",
    "",
    "ជំនួយ ខ្ញុំត្រូវការជួយ",
    "My boss took my passport, Please help. Factory in Bangkok",
    "DANGER CALL POLICE FAST",
    "Call me. From Bangkok To Phnom Penh. Body pain",
    "hiFrom+85512345678",
    "hiFrom+85512345678FromZ",
    "hiFrom+85512345678FromABFrom",
    "hiFrom+85512345678FromABFr",
    "xFrom+85512345678MessageSidSM00000000000000000000000000000000NumMedia0To+15005550006ToZ",
    "MessageSidSM00000000000000000000000000000000",
    "BodyBody",
    "Body",
    "AccountSidAC0ApiVersion2010-04-01Bodyx",
    "I am in Cambodia. Every day I work",
    "iPhone FaceBook",
    "NumMedia1NumSegments2",
    "\u17d4\u200bChannelPrefix\n\tEnd",
    'a(Case)"Door"/Exit-Fire',
]
EXTRAS: list[dict[str, str]] = [
    {},
    {},
    {"FutureThing": "1", "OptOutType": "HELP"},
    {"ButtonText": "Yes"},
    {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/Media/ME1"},
    {"Zeal": "2", "anything": "3"},
]
CAPTURED = [
    {**form(text, f"+8551234{number:04}", message=f"SM{number:032x}"), **EXTRAS[number % len(EXTRAS)]}
    for number, text in enumerate(TEXTS * 5)
]


def swallowed(pairs: Pairs) -> Iterator[Pairs]:
    """A field takes in those that follow it."""
    for first in range(len(pairs)):
        for last in range(first + 1, len(pairs)):
            name, value = pairs[first]
            run = "".join(part + whole for part, whole in pairs[first + 1 : last + 1])
            yield [*pairs[:first], (name, value + run), *pairs[last + 1 :]]


def shifted(pairs: Pairs) -> Iterator[Pairs]:
    """The end of a value goes to the next name, or the beginning of a name to the value before it."""
    for place in range(len(pairs) - 1):
        (name, value), (following, rest) = pairs[place : place + 2]
        for cut in range(len(value)):
            yield [*pairs[:place], (name, value[:cut]), (value[cut:] + following, rest), *pairs[place + 2 :]]
        for cut in range(1, len(following)):
            yield [*pairs[:place], (name, value + following[:cut]), (following[cut:], rest), *pairs[place + 2 :]]


def renamed(pairs: Pairs) -> Iterator[Pairs]:
    """The boundary of a name and its own value moves."""
    for place, (name, value) in enumerate(pairs):
        run = name + value
        for cut in range(len(run) + 1):
            yield [*pairs[:place], (run[:cut], run[cut:]), *pairs[place + 1 :]]


def split(pairs: Pairs) -> Iterator[Pairs]:
    """A value becomes two fields."""
    for place, (name, value) in enumerate(pairs):
        for start in range(len(value)):
            for end in range(start + 1, min(start + 24, len(value)) + 1):
                if value[start].isupper():
                    yield [
                        *pairs[:place],
                        (name, value[:start]),
                        (value[start:end], value[end:]),
                        *pairs[place + 1 :],
                    ]


def twice(pairs: Pairs) -> Iterator[Pairs]:
    """The same field again: signed as if it were there once."""
    for pair in pairs:
        yield [*pairs, pair]
        yield [pair, *pairs]


def recut(pairs: Pairs, chance: random.Random) -> Iterator[Pairs]:
    """The whole run cut anew, at names of real fields wherever they stand and at random capitals."""
    run = "".join(name + value for name, value in pairs)
    names = [name for name, _ in pairs]
    starts = [at for at in range(len(run)) if run[at].isupper() or run[at].isdigit()]
    for _ in range(150):
        cuts = sorted({0, *chance.sample(starts, min(len(starts), chance.randint(2, 24)))})
        cuts = sorted({*cuts, *(at for at in starts if chance.random() < 0.7 and run.startswith(tuple(names), at))})
        fields = []
        for start, end in zip(cuts, [*cuts[1:], len(run)], strict=True):
            piece = run[start:end]
            known = [name for name in names if piece.startswith(name)]
            size = len(max(known, key=len)) if known and chance.random() < 0.9 else chance.randint(1, len(piece))
            fields.append((piece[:size], piece[size:]))
        yield fields


def crafted(pairs: Pairs) -> Iterator[Pairs]:
    """Sender or sid taken out of the text, the true ones hidden in fields nobody knows."""
    run = "".join(name + value for name, value in pairs)
    for mark in ("FromZ", "FromABFrom", "FromABFr", "ToZ"):
        start = run.find("From+")
        end = run.find(mark, start + 5)
        if start < 0 or end < 0:
            continue
        body = run.find("Body")
        tail = run[end + len(mark) :]
        head = [pair for pair in pairs if pair[0] < "Body"]
        digits = run[start + 4 : end]
        for known in (["MessageSid", "NumMedia", "To"], [], ["MessageSid"]):
            fields = [*head, ("Body", run[body + 4 : start])]
            fields += cut_at(f"From{digits}", ["From", *known])
            yield [*fields, (mark, tail)]
            at = tail.find("MessageSid")
            yield [*fields, (mark, tail[:at]), *[pair for pair in pairs if pair[0] >= "MessageSid"]]


def cut_at(run: str, names: list[str]) -> Pairs:
    places = sorted(run.find(name) for name in names if name in run)
    pieces = [run[start:end] for start, end in zip(places, [*places[1:], len(run)], strict=True)]
    return [(name, piece.removeprefix(name)) for piece in pieces for name in names if piece.startswith(name)]


def mutations(pairs: Pairs, chance: random.Random) -> Iterator[Pairs]:
    for way in (swallowed, shifted, renamed, split, twice, crafted):
        yield from way(pairs)
    yield from recut(pairs, chance)


def reading(given: Request) -> tuple[object, ...] | None:
    try:
        read = channel().read(given)
    except Refused as refused:
        assert 400 <= refused.status < 500
        return None
    return (read.provider_id, read.sender, read.text)


@pytest.mark.parametrize("number", range(len(CAPTURED)))
def test_no_mutation_of_a_signed_text_changes_anything(number):
    pairs = sorted(CAPTURED[number].items())
    signature = sign(PUBLIC + SMS, pairs)
    genuine = reading(request(pairs, signature=signature))
    tried = 0
    for mutated in mutations(pairs, random.Random(number)):
        if sign(PUBLIC + SMS, mutated) != signature:
            continue
        tried += 1
        assert reading(request(mutated, signature=signature)) in (None, genuine), mutated
    assert tried > 200


def test_what_was_captured_is_read_as_it_was_meant():
    for fields in CAPTURED:
        read = reading(request(fields))
        ended = fields["Body"][-1:]
        spoilt = "ButtonTextYes" if "ButtonText" in fields and (not ended or ended.isupper()) else ""
        assert read == (fields["MessageSid"], fields["From"], fields["Body"] + spoilt)


@pytest.mark.parametrize("text", ["help", "1", "ជំនួយ", "2. Thai", "FaceBook is fake", "a YouTube Film"])
@pytest.mark.parametrize("name", ["ButtonText", "BrandNewThing", "ChannelPrefix", "ExtraField", "FraudScore"])
def test_a_field_that_twilio_adds_between_body_and_from_is_no_text(text, name):
    assert reading(request(form(text, **{name: "x"})))[2] == text


@pytest.mark.parametrize("status", ["sent", "delivered", "undelivered", "failed"])
def test_no_mutation_of_a_signed_report_changes_anything(status):
    message = sid()
    pairs = sorted(report(status, message, FutureThing="MessageStatus", ErrorCode="30003").items())
    query = "ref=12"
    signature = sign(f"{PUBLIC}{STATUS}?{query}", pairs)
    genuine = channel().read(request(pairs, path=STATUS, query=query, signature=signature))
    run = query + "".join(name + value for name, value in pairs)
    for mutated in mutations(pairs, random.Random(status)):
        for length in range(len("ref="), len(query) + 20):
            if sign(f"{PUBLIC}{STATUS}?{run[:length]}", mutated) != signature:
                continue
            try:
                read = channel().read(request(mutated, path=STATUS, query=run[:length], signature=signature))
            except Refused:
                continue
            assert read == genuine
    for length in (5, 7, 8):
        moved = [(run[length : length + 11], run[length + 11 :])]
        with pytest.raises(Refused):
            channel().read(request(moved, path=STATUS, query=run[:length], signature=signature))


@pytest.mark.parametrize("port", [":80", ":443", ":8443", ":0"])
def test_another_port_is_no_other_text(port):
    pairs = sorted(form(message="SM" + "a" * 32).items())
    signature = sign(f"https://phlov.example.org{port}{SMS}", pairs)
    assert reading(request(pairs, signature=signature)) in (None, reading(request(pairs)))
