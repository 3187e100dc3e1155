"""Signatures, held equal to the SDK's own validator, and every forgery refused in one way."""

import hashlib
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import ImmutableMultiDict
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from app.channels.base import Forged
from app.channels.twilio import self_test, signature
from app.channels.twilio.channel import TwilioChannel
from app.errors import ConfigurationError
from tests.shares import asserted, mostly

TOKEN = "12345"
URL = "https://trato.example/twilio/inbound"
FORM = "application/x-www-form-urlencoded"

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_pairs = st.lists(st.tuples(_text, _text), max_size=8)
_urls = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["trato.example", "127.0.0.1", "xn--o-fga.example"]),
    st.sampled_from(["", ":80", ":443", ":8000"]),
    st.sampled_from(["/twilio/inbound", "/", "/a/b%20c"]),
    st.sampled_from(["", "?m=0123", "?a=1&b=&c=%C3%B3"]),
)


class Multi(ImmutableMultiDict):  # type: ignore[type-arg]
    """The form that the SDK wants where a name may come twice."""

    getall = ImmutableMultiDict.getlist


def given_by_the_sdk(url: str, pairs: list[tuple[str, str]], token: str = TOKEN, algorithm: str | None = None) -> str:
    return str(RequestValidator(token).compute_signature(url, Multi(pairs), algorithm))


def check(url: str, body: bytes, given_signature: str, *tokens: str, **more: str) -> dict[str, str]:
    headers = {"X-Twilio-Signature": given_signature, "Content-Type": FORM, **more}
    return signature.verify(tokens or (TOKEN,), url, body, headers)


@given(_urls, _pairs)
def test_a_signature_of_the_sdk_is_accepted_and_is_ours(url: str, pairs: list[tuple[str, str]]) -> None:
    body = urlencode(pairs).encode()
    theirs = given_by_the_sdk(url, pairs)
    assert signature.sign(url, pairs, TOKEN) == theirs
    fields = check(url, body, theirs)
    assert set(fields) == {name.replace("\0", "") for name, _ in pairs}


_requests = st.tuples(_urls, _pairs)


@mostly(0.3)
@given(
    _requests.flatmap(
        lambda one: st.tuples(
            st.just(one), st.one_of(st.just(one), st.tuples(st.just(one[0]), st.permutations(one[1])), _requests)
        )
    )
)
def test_accepted_exactly_where_the_sdk_accepts(both: Any) -> None:
    """Of two requests, the second with the first one's signature."""
    (signed_url, signed), (url, sent) = both
    theirs = given_by_the_sdk(signed_url, signed)
    body = urlencode(sent).encode()
    wanted = RequestValidator(TOKEN).validate(url, Multi(sent), theirs)
    try:
        check(url, body, theirs)
        accepted = True
    except Forged:
        accepted = False
    if wanted:
        asserted()
    assert accepted == wanted


@pytest.mark.parametrize(
    ("signed", "called"),
    [
        ("https://trato.example:443/x", "https://trato.example/x"),
        ("https://trato.example/x", "https://trato.example:8443/x"),
        ("http://trato.example:80/x", "http://trato.example/x"),
    ],
)
def test_the_carrier_may_sign_with_or_without_the_port(signed: str, called: str) -> None:
    assert check(called, b"A=1", given_by_the_sdk(signed, [("A", "1")])) == {"A": "1"}


def test_shared_key_signatures_use_the_algorithm_that_is_named() -> None:
    theirs = given_by_the_sdk(URL, [("A", "1")], algorithm="HMAC_SHA256")
    settings = {"X-Twilio-Webhooks-Signature-Settings": "key=webhooks_sharedkey_1,algorithm=HMAC_SHA256"}
    assert check(URL, b"A=1", theirs, **settings) == {"A": "1"}
    with pytest.raises(Forged):
        check(URL, b"A=1", theirs)
    with pytest.raises(Forged):
        check(URL, b"A=1", theirs, **{"X-Twilio-Webhooks-Signature-Settings": "algorithm=NONE"})


def test_blank_values_and_accents_are_signed_too() -> None:
    pairs = [("Body", ""), ("ProfileName", "Núñez 👮🏽"), ("From", "+525555550101")]
    assert check(URL, urlencode(pairs).encode(), given_by_the_sdk(URL, pairs)) == dict(pairs)


def test_two_tokens_are_good_while_one_is_replaced() -> None:
    for token in ("old", "new"):
        assert check(URL, b"A=1", given_by_the_sdk(URL, [("A", "1")], token), "new", "old")
    with pytest.raises(Forged):
        check(URL, b"A=1", given_by_the_sdk(URL, [("A", "1")], "older"), "new", "old")


def test_header_names_in_any_case() -> None:
    theirs = given_by_the_sdk(URL, [("A", "1")])
    assert signature.verify((TOKEN,), URL, b"A=1", {"x-twilio-signature": theirs}) == {"A": "1"}


def json_request(content: object, digest: str | None = None) -> tuple[str, bytes, str]:
    body = json.dumps(content).encode()
    url = f"{URL}?bodySHA256={digest or hashlib.sha256(body).hexdigest()}"
    return url, body, given_by_the_sdk(url, [])


def test_a_json_body_is_checked_by_its_hash() -> None:
    url, body, theirs = json_request({"MessageSid": "SM1", "n": 3, "Body": "sí\0\ud83d"})
    assert RequestValidator(TOKEN).validate(url, body.decode(), theirs)
    fields = check(url, body, theirs, **{"Content-Type": "application/json; charset=utf-8"})
    assert fields == {"MessageSid": "SM1", "n": "3", "Body": "sí?"}


def test_a_json_body_that_is_no_object_is_kept_whole() -> None:
    url, body, theirs = json_request([1, 2])
    assert check(url, body, theirs, **{"Content-Type": "application/json"}) == {"body": "[1, 2]"}


def test_a_json_body_with_another_hash_is_forged() -> None:
    url, body, theirs = json_request({"a": "b"}, digest="0" * 64)
    with pytest.raises(Forged):
        check(url, body, theirs, **{"Content-Type": "application/json"})


@given(
    st.binary(max_size=200),
    st.text(max_size=40),
    st.sampled_from(["", FORM, "application/json", "multipart/form-data", "\u00e9"]),
    st.sampled_from(["", "?bodySHA256=", "?bodySHA256=\u00e9", "?bodySHA256=" + "0" * 64]),
)
def test_garbage_is_forged_and_nothing_else(body: bytes, proof: str, content_type: str, query: str) -> None:
    with pytest.raises(Forged):
        signature.verify((TOKEN,), URL + query, body, {"X-Twilio-Signature": proof, "Content-Type": content_type})


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"[" * 100_000, "application/json"),
        (b"9" * 5000, "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"a=1&" * 5000, FORM),
        (b"\xff=1", FORM),
    ],
    ids=["deep", "long number", "not text", "many fields", "not UTF-8"],
)
def test_hostile_bodies_are_forged_even_with_a_matching_hash(body: bytes, content_type: str) -> None:
    url = f"{URL}?bodySHA256={hashlib.sha256(body).hexdigest()}"
    with pytest.raises(Forged):
        check(url, body, "c2lnbmF0dXJl", **{"Content-Type": content_type})


@pytest.mark.parametrize("headers", [{}, {"X-Twilio-Signature": ""}, {"X-Twilio-Signature": "\udce9"}])
def test_a_missing_or_strange_signature_is_forged(headers: dict[str, str]) -> None:
    with pytest.raises(Forged):
        signature.verify((TOKEN,), URL, b"A=1", headers)


PATHS = ["/twilio/inbound", "/twilio/status"]


@given(_urls)
def test_at_the_start_both_are_compared_for_the_addresses_of_this_installation(url: str) -> None:
    self_test.compare(TOKEN, url.partition("/twilio")[0].rstrip("/"), PATHS)


@pytest.mark.parametrize("url", ["https://trato.example:abc", "https://trato.example:99999", "https://[::1"])
def test_an_address_that_cannot_be_signed_is_a_wrong_setting(url: str) -> None:
    with pytest.raises(ConfigurationError, match="TRATO_PUBLIC_URL") as raised:
        self_test.compare(TOKEN, url, PATHS)
    assert TOKEN not in str(raised.value)


@pytest.mark.parametrize("ours", ["sign", "verify"])
def test_a_service_whose_signatures_are_not_the_sdks_does_not_start(monkeypatch: pytest.MonkeyPatch, ours: str) -> None:
    def wrong(*_: object, **__: object) -> object:
        if ours == "verify":
            raise Forged("the signature is wrong")
        return "bm8="

    monkeypatch.setattr(signature, ours, wrong)
    channel = TwilioChannel("AC1", [TOKEN], public_url="https://trato.example", from_sms="+525555550000")
    with pytest.raises(ConfigurationError, match="TRATO_PUBLIC_URL"):
        channel.self_test()
