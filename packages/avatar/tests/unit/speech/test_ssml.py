"""Markup: what it says, and what is refused with line and column."""

import time

import pytest

from avatar.engine.speech.ssml import LARGEST, Span, parse
from avatar.errors import InputError

BOMB = (
    "<!DOCTYPE s [" + "".join(f'<!ENTITY e{n} "&e{n - 1};&e{n - 1};">' for n in range(1, 30)) + "]><speak>&e29;</speak>"
)


def test_text_spans_and_pauses() -> None:
    script = parse('<speak>Say  <sub alias="W three C">W3C</sub>\n now.<break time="250ms"/>Then <break/> go.</speak>')
    assert script.text == "Say W3C now.\n\nThen \n\ngo.\n\n"
    assert [(span.start, span.end, span.kind, span.value) for span in script.spans] == [(4, 7, "sub", "W three C")]
    assert script.pauses == ((14, 0.25), (21, 0.4))


def test_an_xml_declaration_and_a_namespace_are_read() -> None:
    head = '<?xml version="1.0"?>\n<speak version="1.1" xmlns="x" xml:lang="en">'
    assert parse(f"{head}<p><s>One.</s><s>Two.</s></p></speak>").text.split("\n\n")[:2] == ["One.", "Two."]


@pytest.mark.parametrize(
    ("attributes", "tag"),
    [
        ('rate="slow"', '<prosody rate="75%">'),
        ('rate="120%"', '<prosody rate="120%">'),
        ('rate="1.2"', '<prosody rate="120%">'),
        ('rate="-20%"', '<prosody rate="80%">'),
        ('pitch="medium"', '<prosody pitch="+0%" range="+0%">'),
        ('pitch="+2st"', '<prosody pitch="+21%" range="+12%">'),
        ('pitch="low" rate="fast"', '<prosody rate="135%" pitch="-27%" range="-13%">'),
    ],
)
def test_prosody(attributes: str, tag: str) -> None:
    (span,) = parse(f"<speak><prosody {attributes}>a b</prosody></speak>").spans
    assert (span.kind, span.value) == ("tag", tag)


def test_emphasis_and_nesting() -> None:
    spans = parse('<speak><prosody rate="slow">a <emphasis>b</emphasis></prosody></speak>').spans
    assert spans[0] == Span(2, 3, "tag", '<emphasis level="moderate">', "SSML line 1, column 42")
    assert (spans[1].start, spans[1].end) == (0, 3)


@pytest.mark.parametrize(
    ("markup", "place", "reason"),
    [
        ("<speak>\n a <foo/></speak>", "line 2, column 4", "<foo> is not known"),
        ("<speak>a & b</speak>", "line 1, column 11", "not well-formed"),
        ("<speak><p>a</speak>", "line 1, column 14", "mismatched tag"),
        ("<speak>a", "line 1, column 9", "no element found"),
        ("<p>a</p>", "line 1, column 1", "cannot stand here"),
        ("<speak><speak>a</speak></speak>", "line 1, column 8", "cannot stand here"),
        ('<speak><break time="soon"/></speak>', "line 1, column 8", "no time"),
        ('<speak><break time="90s"/></speak>', "line 1, column 8", "too long"),
        ('<speak><break strength="huge"/></speak>', "line 1, column 8", "no strength"),
        ("<speak><prosody>a</prosody></speak>", "line 1, column 8", "wants a rate"),
        ('<speak><prosody volume="loud">a</prosody></speak>', "line 1, column 8", "no attribute 'volume'"),
        ('<speak><prosody rate="quick">a</prosody></speak>', "line 1, column 8", "no rate"),
        ('<speak><prosody pitch="+90%">a</prosody></speak>', "line 1, column 8", "out of reach"),
        ('<speak><prosody rate="900%">a</prosody></speak>', "line 1, column 8", "out of reach"),
        ('<speak><emphasis level="x">a</emphasis></speak>', "line 1, column 8", "no level"),
        ('<speak><say-as interpret-as="x">a</say-as></speak>', "line 1, column 8", "no way to say"),
        ("<speak><say-as>a</say-as></speak>", "line 1, column 8", "no way to say"),
        ('<speak><sub alias="">a</sub></speak>', "line 1, column 8", "wants an alias"),
        ('<speak><sub alias="b"></sub></speak>', "line 1, column 23", "holds no text"),
        ('<speak><sub alias="b"><p/></sub></speak>', "line 1, column 23", "holds no tags"),
        ('<speak><phoneme ph="">a</phoneme></speak>', "line 1, column 8", "wants ph"),
        ('<speak><phoneme alphabet="x-sampa" ph="a">a</phoneme></speak>', "line 1, column 8", "not known"),
        ("<speak><?php x?></speak>", "line 1, column 8", "processing instructions"),
        ("<!DOCTYPE speak><speak>a</speak>", "line 1, column", "document type"),
        ('<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><speak>&x;</speak>', "line 1, column", "document type"),
        (BOMB, "line 1, column", "document type"),
        ("<speak>&x;</speak>", "line 1, column 8", "undefined entity"),
        ("<speak>" + "<p>" * 40 + "a" + "</p>" * 40 + "</speak>", "line 1, column 101", "nested"),
    ],
)
def test_wrong_markup_is_refused_with_its_place(markup: str, place: str, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(markup)
    assert place in caught.value.message
    assert reason in caught.value.message


def test_size_is_bounded_and_much_markup_is_read_in_time() -> None:
    with pytest.raises(InputError, match="at most"):
        parse("<speak>" + "a" * LARGEST + "</speak>")
    began = time.perf_counter()
    script = parse("<speak>" + '<sub alias="b">a</sub> ' * 20000 + "</speak>")
    assert len(script.spans) == 20000
    assert time.perf_counter() - began < 5
