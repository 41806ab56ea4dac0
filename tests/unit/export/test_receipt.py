"""Docking receipts: what a court reads, what a scanner reads, and names that try to lie on paper."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest

from bwc_review.errors import ReceiptFailed
from bwc_review.export.receipt import render_text
from bwc_review.export.receipt_files import ReceiptFiles
from bwc_review.export.receipt_pdf import render_pdf
from bwc_review.ports.records import Outcome
from chain_of_custody.checkpoint import open_checkpoint
from chain_of_custody.errors import NoteRefused
from chain_of_custody.keys import generate_log_key
from tests.unit.export.receipt_builder import KEY, code_on, make_receipt, met, pages_of, squeezed

CARD = [met(number, f"DCIM/100KSTRL/KB2_00417_20260314T09{number:02d}30Z_001.MP4") for number in range(1, 10)]


def test_the_scanned_code_is_the_checkpoint_and_verifies_with_the_logs_key() -> None:
    receipt = make_receipt(CARD)
    scanned = code_on(render_pdf(receipt)).encode()
    assert scanned == receipt.note
    assert open_checkpoint(scanned, [KEY.vkey]) == receipt.checkpoint
    other = generate_log_key(KEY.name, entropy=os.urandom)
    with pytest.raises(NoteRefused):
        open_checkpoint(scanned, [other.vkey])


def test_a_normal_card_fits_one_page_with_every_digest_searchable() -> None:
    pages = pages_of(render_pdf(make_receipt(CARD)))
    assert len(pages) == 1
    assert "Page 1 of 1" in pages[0]
    text = squeezed(pages)
    for one in CARD:
        assert one.sha256 is not None
        assert one.sha256 in text
        assert one.name in text
    for said in (KEY.vkey.format(), bytes(range(32)).hex(), "5f0c6c1e-docking", "clerk-1(evidence_clerk)"):
        assert said in text
    assert "theworkstationaloneattests" in text


def test_a_full_card_goes_on_over_numbered_pages_and_loses_no_file() -> None:
    card = [met(number, f"DCIM/{number:05d}.MP4") for number in range(1, 200)]
    pages = pages_of(render_pdf(make_receipt(card)))
    assert len(pages) > 5
    assert [f"Page {number} of {len(pages)}" in page for number, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("Name on the source" in page for page in pages[:-1])
    text = squeezed(pages)
    assert all(one.name in text and str(one.sha256) in text for one in card)


def test_a_name_longer_than_a_page_is_printed_whole() -> None:
    name = "/".join(f"{number:04d}" + "W" * 60 for number in range(62))
    pages = pages_of(render_pdf(make_receipt([met(1, name), met(2, "LAST.MP4")])))
    assert len(pages) > 1
    text = squeezed(pages)
    for number in range(62):
        assert f"{number:04d}WWW" in text
    assert "LAST.MP4" in text


HOSTILE = {
    "a line of its own": ("A.MP4\nOutcome: taken", "A.MP4\\u{a}Outcome:taken"),
    "turned around": ("holiday\u202e4PM.exe", "holiday\\u{202e}4PM.exe"),
    "right to left": ("\u05d0\u05d1.MP4", "\\u{5d0}\\u{5d1}.MP4"),
    "the page counter": ("of \ue000 pages", "of\\u{e000}pages"),
    "another counter": ("{nb} **bold** <b>", "{nb}**bold**<b>"),
    "invisible": ("a\u200bb\u00adc", "a\\u{200b}b\\u{ad}c"),
    "pictures": ("\U0001f600.MP4", "\\u{1f600}.MP4"),
    "pdf syntax": (") Tj ET (\\", ")TjET(\\"),
    "an escape": ("\x1b[2J", "\\u{1b}[2J"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_name_shows_what_it_is(case: str) -> None:
    name, shown = HOSTILE[case]
    receipt = make_receipt([met(1, name, reason=name)], label=name)
    text = squeezed(pages_of(render_pdf(receipt)))
    assert text.count(shown) == 3
    lines = render_text(receipt).decode().split("\n")
    assert not any(line.startswith(("Outcome", "\x1b")) for line in lines)
    assert not any(c in "".join(lines) for c in "\u202e\u200b\u00ad\ue000\x1b")


def test_letters_of_europe_are_printed_as_they_are() -> None:
    name = "Zoë/Łódź/Αθήνα/Ґанок.MP4"
    text = squeezed(pages_of(render_pdf(make_receipt([met(1, name)]))))
    assert name in text


def test_a_cut_short_import_says_so_in_large_letters() -> None:
    refused = [met(1, "A.MP4", "listed, zero bytes", Outcome.REFUSED), met(2, "B.MP4", "gone", Outcome.FAILED)]
    receipt = make_receipt(refused, state="failed")
    text = pages_of(render_pdf(receipt))[0]
    assert "files on the source may not have been taken" in text
    assert text.count("none: not kept") == 2
    assert "NOT WHOLE" in render_text(receipt).decode()
    assert "may not have been" not in pages_of(render_pdf(make_receipt(CARD)))[0]


def test_the_same_receipt_is_the_same_bytes_whenever_it_is_made() -> None:
    first = render_pdf(make_receipt(CARD))
    time.sleep(1.1)  # whatever takes the machine's time does so in seconds
    assert render_pdf(make_receipt(CARD)) == first
    assert render_text(make_receipt(CARD)) == render_text(make_receipt(CARD))


def test_the_pdf_calls_nothing_and_says_that_it_is_made_to_be_kept() -> None:
    pdf = render_pdf(make_receipt(CARD))
    assert b"<pdfaid:part>2</pdfaid:part>" in pdf
    assert not [word for word in (b"/JavaScript", b"/URI", b"/Launch", b"/EmbeddedFile", b"/AA") if word in pdf]
    assert pdf.count(b"/FontFile2") == 3


def test_the_note_stands_in_the_text_so_that_a_program_can_take_it_out() -> None:
    receipt = make_receipt(CARD)
    text = render_text(receipt).decode()
    note = text.split("-----BEGIN SIGNED NOTE-----\n")[1].split("-----END SIGNED NOTE-----")[0]
    assert open_checkpoint(note.encode(), [KEY.vkey]) == receipt.checkpoint
    assert text.split("\n") == [line for line in text.split("\n") if len(line) <= 140]


def test_the_longest_log_name_still_gives_a_code_that_scans() -> None:
    key = generate_log_key("a" * 200 + ".example/bwc/" + "w" * 42, entropy=os.urandom)
    receipt = make_receipt(CARD, key=key)
    pdf = render_pdf(receipt)
    assert code_on(pdf).encode() == receipt.note
    assert key.name in squeezed(pages_of(pdf))


def test_an_earlier_print_is_never_written_over(tmp_path: Path) -> None:
    printer = ReceiptFiles()
    rendered = printer.render(make_receipt(CARD))
    first, second = printer.write(rendered, tmp_path), printer.write(rendered, tmp_path)
    assert not set(first) & set(second)
    assert len(list(tmp_path.iterdir())) == 4
    assert [file.read_bytes() for file in first] == [one.content for one in rendered]


def test_a_folder_that_cannot_be_written_leaves_no_half_receipt(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a file in the place of a folder is refused in other words there")
    blocked = tmp_path / "receipts"
    blocked.write_text("in the way")
    printer = ReceiptFiles()
    with pytest.raises(ReceiptFailed) as refused:
        printer.write(printer.render(make_receipt(CARD)), blocked)
    assert str(blocked) in refused.value.message()
    assert [one.name for one in tmp_path.iterdir()] == ["receipts"]
