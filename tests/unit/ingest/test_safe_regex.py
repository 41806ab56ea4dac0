"""Expressions of profiles: the subset, and that none of it can be made slow by a name."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ProfileRefused
from ingest.names import FoundName
from ingest.patterns import from_glob, from_regex, match
from ingest.safe_regex import MAX_MATCHED_CHARACTERS, UnsafeRegex, check

SLOW = 5.0  # CPU seconds; unbounded ones take longer than the universe


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("(a+)+x", "looped"),
        ("(a|aa)+x", "looped"),
        ("(?:ab){2,5}x", "looped"),
        (r"(a)\1", "not allowed"),
        ("(?P<a>x)(?P=a)", "only"),
        ("(?=x)y", "only"),
        ("(?<!x)y", "only"),
        ("(?i)x", "only"),
        ("^x", "whole path"),
        ("x$", "whole path"),
        (r"\bx", "not allowed"),
        ("a{2}{3}", "count of a count"),
        ("a**", "count of a count"),
        ("a*+", "count of a count"),
        ("a{9999}", "count"),
        ("a{,3}", "begins no count"),
        ("a{", "begins no count"),
        ("[a", "ends in the middle"),
        ("(a", "not closed"),
        ("a)", "too many"),
        ("[[:alpha:]]", "needs a backslash"),
        ("[z-a]", "no range"),
        ("*a", "repeats nothing"),
        ("(" * 20 + "a" + ")" * 20, "nested"),
        (r"\w*\w*\w*x", "too many ways"),
        ("(a|a)" * 25 + "x", "too many ways"),
        ("((a|aa){16}){16}x", "too many ways"),
        ("(a?)" * 30 + "a", "too many ways"),
        ("x" * 501, "longer"),
    ],
)
def test_an_expression_outside_the_subset_is_refused_for_its_reason(expression: str, why: str) -> None:
    with pytest.raises(UnsafeRegex, match=why):
        check(expression)
    with pytest.raises(ProfileRefused):
        from_regex(expression)


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (r"(?P<stem>.+)\.(json|xml)", "a/b.c.JSON"),
        (r"[^_]*_[^_]*_[^_]*_[^_]*\.mp4", "a_b_c_d.mp4"),
        (r"(?P<a>\w+)_(?P<b>\w+)_(?P<c>\w+)\.mp4", "a_b_c.mp4"),
        (r"([^/]+/)?([^/]+/)?x\.mp4", "a/b/x.mp4"),
        (r"A(?:bc){3}[-a]?\d{2,4}?", "abcbcbc-123"),
    ],
)
def test_what_profiles_need_is_allowed_and_matches_as_re_does(expression: str, name: str) -> None:
    assert match(from_regex(expression), FoundName(name.encode()))


PIECES = st.sampled_from(
    ["a", "b", r"\w*", r"\w+", "a?", ".*", "[^_]*", "_", r"\d{2}", "(a|b)", "(a|ab)?", "(?:a|aa){4}", "a{0,30}"]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, min_size=1, max_size=8).map("".join), st.sampled_from(["a", "_", "ab", "a_"]))
def test_whatever_passes_the_check_is_over_soon_on_the_worst_names(expression: str, unit: str) -> None:
    try:
        check(expression + "!")
    except UnsafeRegex:
        return
    pattern = re.compile(expression + "!", re.IGNORECASE | re.ASCII)
    begun = time.process_time()
    pattern.fullmatch((unit * MAX_MATCHED_CHARACTERS)[:MAX_MATCHED_CHARACTERS])
    assert time.process_time() - begun < SLOW


@pytest.mark.parametrize("glob", ["*a" * 40 + "b", "**/a/" * 30 + "b", "*" * 60 + "b", "**/*a*/" * 20 + "*b"])
def test_a_glob_full_of_stars_is_over_soon_too(glob: str) -> None:
    begun = time.process_time()
    for name in ("a" * MAX_MATCHED_CHARACTERS, "a/" * (MAX_MATCHED_CHARACTERS // 2 - 1) + "a"):
        try:
            assert match(from_glob(glob), FoundName(name.encode())) is None
        except ProfileRefused:
            assert "**" in glob.replace("**/", "")
    assert time.process_time() - begun < SLOW


PART = st.text("ab*?.", min_size=1, max_size=6).filter(lambda text: "**" not in text)
GLOB = st.lists(st.one_of(PART, st.just("**")), min_size=1, max_size=5).map("/".join)
PATH = st.lists(st.text("ab.", min_size=1, max_size=4).filter(lambda t: t not in (".", "..")), min_size=1, max_size=5)


def slowly(glob: list[str], path: list[str]) -> bool:
    """What a glob means, by its definition."""
    if not glob:
        return not path
    if glob[0] == "**":
        if len(glob) == 1:
            return bool(path)
        return any(slowly(glob[1:], path[n:]) for n in range(len(path) + 1))
    written = "".join({"*": "[^/]*", "?": "[^/]"}.get(c, re.escape(c)) for c in glob[0])
    return bool(path) and re.fullmatch(written, path[0]) is not None and slowly(glob[1:], path[1:])


@settings(max_examples=500)
@given(GLOB, PATH.map("/".join))
def test_giving_stars_their_first_place_changes_nothing_a_glob_means(glob: str, path: str) -> None:
    assert (match(from_glob(glob), FoundName(path.encode())) is not None) is slowly(glob.split("/"), path.split("/"))
