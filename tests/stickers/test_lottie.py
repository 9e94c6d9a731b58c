"""Vector stickers of strangers hold shapes and motion, and no more of them than a phone can show."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from teahouse.media.work import lottie
from teahouse.media.work.jobs import MediaRefused
from tests.stickers.making import lottie as drawn
from tests.stickers.making import lottie_file, shape_layer, tgs


def refusal(tree: Any) -> str:
    with pytest.raises(MediaRefused) as refused:
        lottie.read(lottie_file(tree))
    return str(refused.value.reason)


def precomposition(name: str) -> dict[str, Any]:
    return {"ty": 0, "refId": name, "w": 512, "h": 512, "ip": 0, "op": 60, "st": 0, "ks": {}}


def nested(depth: int, width: int) -> dict[str, Any]:
    """Compositions that each show the next `width` times: few bytes, endless layers."""
    assets = [
        {"id": f"c{level}", "layers": [precomposition(f"c{level + 1}") for _ in range(width)]} for level in range(depth)
    ]
    assets.append({"id": f"c{depth}", "layers": [shape_layer()]})
    return drawn([precomposition("c0")], assets=assets)


def test_reading_what_was_read_changes_nothing() -> None:
    once = lottie.read(tgs())
    assert lottie.read(once.data) == once


@pytest.mark.parametrize("where", ["transform", "shape", "asset"])
def test_expressions_are_refused_wherever_they_hide(where: str) -> None:
    script = {"a": 0, "k": 0, "x": "var $bm_rt; $bm_rt = thisComp.layer(1).transform.rotation;"}
    tree = {
        "transform": drawn([shape_layer(ks={"r": script})]),
        "shape": drawn([shape_layer(shapes=[{"ty": "gr", "it": [{"ty": "tr", "o": script}]}])]),
        "asset": drawn([precomposition("c")], assets=[{"id": "c", "layers": [shape_layer(ks={"r": script})]}]),
    }[where]
    assert refusal(tree) == "wrong_kind"


@pytest.mark.parametrize("kind", [1.5, 2, 5, 6, 13, 99, "4", None, [], {}])
def test_layers_that_are_not_shapes_are_refused(kind: Any) -> None:
    assert refusal(drawn([shape_layer(ty=kind)])) == "wrong_kind"


def test_pictures_of_other_hosts_are_refused() -> None:
    picture = {"id": "p", "w": 10, "h": 10, "u": "https://elsewhere.example/", "p": "spy.png", "e": 0}
    inside = {"id": "p", "w": 10, "h": 10, "u": "", "p": "data:image/png;base64,AAAA", "e": 1}
    assert refusal(drawn(assets=[picture])) == "wrong_kind"
    assert refusal(drawn(assets=[inside])) == "wrong_kind"
    assert refusal(drawn(assets=[{**picture, "layers": []}])) == "wrong_kind"


def test_names_never_become_ids_and_classes_of_the_page() -> None:
    made = lottie.read(lottie_file(drawn([shape_layer(cl="modal", ln="login", nm="name")])))
    assert not any(word in made.data for word in (b"modal", b"login", b"name"))


def test_colours_are_colours() -> None:
    solid = {"ty": 1, "sw": 10, "sh": 10, "ip": 0, "op": 60, "st": 0, "ks": {}}
    assert lottie.read(lottie_file(drawn([{**solid, "sc": "#ff00aa"}])))
    for colour in ("url(https://elsewhere.example)", "#fff", "", 5):
        assert refusal(drawn([{**solid, "sc": colour}])) == "unreadable"


def test_compositions_end() -> None:
    assert lottie.read(lottie_file(nested(depth=4, width=3)))
    assert refusal(drawn([precomposition("a")], assets=[{"id": "a", "layers": [precomposition("a")]}])) == "unreadable"
    loop = [{"id": "a", "layers": [precomposition("b")]}, {"id": "b", "layers": [precomposition("a")]}]
    assert refusal(drawn([precomposition("a")], assets=loop)) == "unreadable"
    assert refusal(nested(depth=30, width=2)) == "too_large"
    assert refusal(drawn([precomposition("nobody")])) == "unreadable"


def test_copies_are_counted() -> None:
    def repeated(times: Any, within: list[Any]) -> list[Any]:
        return [{"ty": "gr", "it": [*within, {"ty": "rp", "c": {"a": 0, "k": times}}]}]

    assert lottie.read(lottie_file(drawn([shape_layer(shapes=repeated(10, []))])))
    assert refusal(drawn([shape_layer(shapes=repeated(1_000_000, []))])) == "too_large"
    keyed = [{"t": 0, "s": [1]}, {"t": 30, "s": [100_000]}]
    assert refusal(drawn([shape_layer(shapes=[{"ty": "rp", "c": {"a": 1, "k": keyed}}])])) == "too_large"
    assert refusal(drawn([shape_layer(shapes=repeated(50, repeated(50, [])))])) == "too_large"


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"fr": 120}, "too_long"),
        ({"fr": 0}, "too_long"),
        ({"op": 60 * 60}, "too_long"),
        ({"op": 0}, "too_long"),
        ({"w": 0}, "too_many_pixels"),
        ({"h": 100_000}, "too_many_pixels"),
        ({"w": "512"}, "unreadable"),
        ({"fr": True}, "unreadable"),
        ({"ip": 10**300}, "unreadable"),
        ({"v": {}}, "unreadable"),
        ({"layers": {}}, "unreadable"),
        ({"layers": [1]}, "unreadable"),
        ({"assets": {}}, "unreadable"),
        ({"assets": [1]}, "unreadable"),
        ({"assets": [{"id": "a", "layers": [7]}]}, "unreadable"),
    ],
)
def test_sizes_and_times_have_bounds(fields: dict[str, Any], reason: str) -> None:
    assert refusal(drawn(**fields)) == reason


@pytest.mark.parametrize(
    "data", [b"{" * 100_000, b"[" * 100_000, b"{}", b"null", b'{"layers":[', b"\xff\xfe{}", b"{\x00}"]
)
def test_what_is_no_json_or_no_lottie_is_refused(data: bytes) -> None:
    with pytest.raises(MediaRefused) as refused:
        lottie.read(data)
    assert refused.value.reason == "unreadable"


def test_a_tgs_that_is_cut_or_followed_by_more_hides_nothing() -> None:
    with pytest.raises(MediaRefused):
        lottie.read(tgs()[:-12])
    assert b"tail" not in lottie.read(tgs() + b"tail").data


NAMES = ["x", "k", "s", "it", "ty", "c", "p", "a", "refId"]
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)
PLACES = ["layers", "assets", "fr", "ip", "op", "w", "h", "v", "ddd"]


@settings(max_examples=300, deadline=None)
@given(name=st.sampled_from(PLACES), value=values, inside=st.booleans())
def test_whatever_stands_in_the_place_of_anything_is_taken_or_refused(name: str, value: Any, inside: bool) -> None:
    tree = drawn([shape_layer(**{name: value, "shapes": value})]) if inside else drawn(**{name: value})
    try:
        once = lottie.read(lottie_file(tree))
    except MediaRefused:
        return
    assert lottie.read(once.data) == once
