"""One spelling for each address."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.channels.addresses import BadNumber, address, canonical, channel_of, parse_number, spellings
from tests.shares import asserted, mostly

SAME = [
    "+525555550101",
    "+5215555550101",
    "525555550101",
    "5215555550101",
    "5555550101",
    "55 5555 0101",
    "(55) 5555-0101",
    "55.5555.0101",
    "044 55 5555 0101",
    "0445555550101",
    "045 55 5555 0101",
    "01 55 5555 0101",
    "+52 1 55 5555 0101",
    "+52 044 55 5555 0101",
    "+52 01 55 5555 0101",
    "0052 55 5555 0101",
    "00521 5555550101",
    " +52\u00a055\u20115555\u20110101 ",
    "\u202a+52 55 5555 0101\u202c",
    "+52 (55) 5555 0101",
    "whatsapp:+5215555550101",
    "whatsapp:+525555550101",
    "WhatsApp:+52 1 55 5555 0101",
    "tel:+52-55-5555-0101",
    "sms:+525555550101",
    "５５５５５５０１０１",
]


@pytest.mark.parametrize("raw", SAME)
@pytest.mark.parametrize("channel", ["sms", "whatsapp"])
def test_every_spelling_of_a_mexican_number_is_one_number(channel: str, raw: str) -> None:
    assert canonical(channel, raw) == "+525555550101"


@pytest.mark.parametrize(
    ("channel", "raw", "expected"),
    [
        ("whatsapp", "whatsapp:MX.1a2B3c4D", "MX.1a2B3c4D"),
        ("whatsapp", "MX.1a2B3c4D", "MX.1a2B3c4D"),
        ("whatsapp", "whatsapp:MX.ENT.1a2B", "MX.ENT.1a2B"),
        ("sms", "+1 (202) 555-0123", "+12025550123"),
        ("sms", "001 202 555 0123", "+12025550123"),
        ("sms", "+34 600 000 000", "+34600000000"),
        ("sms", "30303", "30303"),
        ("sms", "TELCEL", "TELCEL"),
        ("sms", "", ""),
        ("sms", "12025550123", "12025550123"),  # eleven bare digits are nobody's Mexican number
        ("sms", "1555550101", "1555550101"),  # and none begins with 1
    ],
)
def test_what_is_not_a_mexican_number_keeps_its_own_form(channel: str, raw: str, expected: str) -> None:
    assert canonical(channel, raw) == expected


SPELLED = st.builds(
    lambda before, area, digits, between: before + between.join([*area, digits[:4], digits[4:]]),
    st.sampled_from(["", "+52 ", "+52 1 ", "0052", "whatsapp:+52", "tel:", "044 ", "MX."]),
    st.sampled_from([["55"], ["33"], ["81"], ["6", "64"], ["0"]]),
    st.from_regex("[3-7][0-9]{6,7}", fullmatch=True),
    st.sampled_from(["", " ", "-", ") ", "."]),
)


@mostly(0.4)
@given(
    st.one_of(SPELLED, st.text("+ 0123456789-()", max_size=20), st.text()),
    st.sampled_from(["sms", "whatsapp", "other"]),
)
def test_any_text_has_one_spelling_and_none_raises(raw: str, channel: str) -> None:
    once = canonical(channel, raw)
    assert isinstance(once, str)
    if raw.isascii() and ":" not in raw:
        asserted()
        assert canonical(channel, once) == once


@given(
    st.from_regex(r"[2-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "+52", "+521", "52", "521", "044", "045", "01", "0052", "whatsapp:+521", "whatsapp:+52"]),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from([" ", "-", ".", "(", ")", "\u00a0", "\u2011"])), max_size=6),
)
def test_prefixes_and_separators_never_matter(digits: str, prefix: str, noise: list[tuple[int, str]]) -> None:
    number = list(digits)
    for place, mark in noise:
        number.insert(place % (len(number) + 1), mark)
    assert canonical("whatsapp", prefix + "".join(number)) == f"+52{digits}"


@pytest.mark.parametrize("raw", SAME)
def test_a_roster_takes_every_spelling(raw: str) -> None:
    assert parse_number(raw) == "+525555550101"


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        ("", "missing"),
        ("   ", "missing"),
        ("55 5555 010", "too short"),
        ("+52 55 5555 01011", "too long"),
        ("+999 5555 0101", "country code"),
        ("55 5555 0101 ext 3", "digits only"),
        ("55 5555 O101", "digits only"),
        ("5.5555550101E9", "digits only"),
        ("MX.1a2b3c", "digits only"),
        ("+52 00 0000 0000", "no such number"),
    ],
)
def test_a_bad_number_is_refused_with_its_reason_and_without_itself(raw: str, reason: str) -> None:
    with pytest.raises(BadNumber) as caught:
        parse_number(raw)
    assert reason in str(caught.value)
    assert not any(character.isdigit() for character in str(caught.value))


def test_another_region_reads_bare_numbers_as_its_own() -> None:
    assert parse_number("600 000 000", region="ES") == "+34600000000"


@mostly(0.05)
@given(st.one_of(SPELLED, SPELLED, st.text(max_size=40)))
def test_a_roster_number_is_canonical_or_refused(raw: str) -> None:
    try:
        number = parse_number(raw)
    except BadNumber:
        return
    asserted()
    assert canonical("sms", number) == number
    assert parse_number(number) == number


def test_the_carriers_way_of_writing_an_address() -> None:
    assert address("whatsapp", "+525555550101") == "whatsapp:+525555550101"
    assert address("whatsapp", "MX.1a2b") == "whatsapp:MX.1a2b"
    assert address("sms", "+525555550101") == "+525555550101"
    assert (channel_of("whatsapp:+525555550101"), channel_of("+525555550101")) == ("whatsapp", "sms")


def test_whatsapp_may_list_a_mexican_number_in_two_ways() -> None:
    assert spellings("whatsapp", "+525555550101") == ("+525555550101", "+5215555550101")
    assert spellings("sms", "+525555550101") == ("+525555550101",)
    assert spellings("whatsapp", "+12025550123") == ("+12025550123",)
