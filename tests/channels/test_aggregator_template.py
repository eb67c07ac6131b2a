"""What is put into a request stays in its place, whatever it holds."""

import json
from datetime import date
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.channels.aggregator_template import NAMES, Hole, Template, Wrong, as_form, as_json, as_path, template, tree

SECRETS = {"PHLOV_AGGREGATOR_SECRET": "s3{to}&\"'", "PHLOV_AGGREGATOR_USER": None}
BLANK = dict.fromkeys(NAMES, "1")

nasty = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "&to=1",
        '"}],"to":"1',
        "{id}",
        "{text}",
        "${PHLOV_AGGREGATOR_SECRET}",
        "%26",
        "a\r\nX: y",
        "#?/../",
        "+",
        "\0",
        "{{",
        "\\",
    ]
)


@given(nasty, nasty)
@example("{id}", "&text={to}")
def test_a_value_never_leaves_its_field_of_a_form(text, to):
    fields = tree({"to": "{to}", "a&b": "x={text};{id}", "n": 7, "yes": True}, SECRETS)
    written = as_form(fields, {**BLANK, "text": text, "to": to, "id": "42"})
    assert parse_qsl(written, keep_blank_values=True, strict_parsing=True) == [
        ("to", to), ("a&b", f"x={text};42"), ("n", "7"), ("yes", "true"),
    ]  # fmt: skip


@given(nasty, nasty)
@example("{id}", '"')
def test_a_value_never_leaves_its_place_in_json(text, to):
    fields = tree({"m": [{"to": "{to}", "t": "<{text}>", "id": "{id:number}"}], "n": 1.5, "yes": False}, SECRETS)
    written = as_json(fields, {**BLANK, "text": text, "to": to, "id": "42"})
    assert json.loads(written) == {"m": [{"to": to, "t": f"<{text}>", "id": 42}], "n": 1.5, "yes": False}
    assert written.isascii()


@given(nasty)
@example("../../admin?x=1#y")
def test_a_value_never_leaves_its_piece_of_an_address(text):
    where = template("/send/{text}/to?m={text}&n={id}", SECRETS).fill({**BLANK, "text": text}, as_path)
    parts = urlsplit(f"http://host{where}")
    assert [unquote(piece) for piece in parts.path.split("/")] == ["", "send", text, "to"]
    assert parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True) == [("m", text), ("n", "1")]
    assert parts.fragment == ""


def test_a_secret_is_put_in_once_and_read_no_more():
    made = template("a ${PHLOV_AGGREGATOR_SECRET} {{b}} {to}", SECRETS)
    assert made == Template(("a ", "s3{to}&\"'", " ", "{", "b", "}", " ", Hole("to")))
    assert made.names == {"to"}
    assert made.fill({"to": "7"}) == "a s3{to}&\"' {b} 7"


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("{too}", "there is no {too}; there are coding, from, id"),
        ("{To}", "a brace without its other half"),
        ("{", "a brace without its other half"),
        ("a}b", "a brace without its other half"),
        ("{to", "a brace without its other half"),
        ("${HOME}", "there is no ${HOME}; there are PHLOV_AGGREGATOR_SECRET, PHLOV_AGGREGATOR_USER"),
        ("${PHLOV_AGGREGATOR_USER}", "PHLOV_AGGREGATOR_USER is not set"),
        ("x{id:number}", "nothing may stand beside it"),
        ("{id:number}{id}", "nothing may stand beside it"),
        ("{text:number}", "can be a number"),
        ("{id:text}", "a brace without its other half"),
    ],
)
def test_what_cannot_be_used_is_said(written, why):
    with pytest.raises(Wrong) as wrong:
        template(written, SECRETS)
    assert why in str(wrong.value)


def test_a_date_has_no_form_of_its_own():
    with pytest.raises(Wrong):
        tree({"a": [date(2026, 1, 1)]}, SECRETS)
