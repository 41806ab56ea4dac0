"""BagIt manifests as bytes: one `<hex>  <path>` a line, LF, sorted, CR LF % encoded; what parses formats back.

RFC 8493 sections 2.1.3 and 2.2.1. Folders and hashing: bag.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from chain_of_custody.errors import BagRefused

HEX_CHARS = {"sha256": 64, "sha512": 128}
ALGORITHMS = tuple(HEX_CHARS)

_ENCODED = re.compile(r"%(25|0D|0A)")


def format_manifest(digests: Mapping[str, str]) -> bytes:
    """The manifest of path -> hexadecimal digest (custody-format section 8)."""
    lines = (f"{digests[path]}  {encode_path(path)}\n" for path in sorted(digests))
    return "".join(lines).encode("utf-8")


def parse_manifest(raw: bytes, algorithm: str) -> dict[str, str]:
    """The inverse of `format_manifest`. Raises BagRefused for any other spelling, duplicates included.

    Custody-format section 8.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as broken:
        raise BagRefused("manifest_not_utf8") from broken
    line_form = re.compile(rf"([0-9a-f]{{{HEX_CHARS[algorithm]}}})  ([^\r\n]+)")
    found: dict[str, str] = {}
    for number, line in enumerate(text.split("\n")[:-1], 1):
        match = line_form.fullmatch(line)
        if match is None:
            raise BagRefused("manifest_line", f"line {number}", ascii(line)[:80])
        path = decode_path(match[2])
        if path in found:
            raise BagRefused("manifest_duplicate", f"line {number}", ascii(path)[:80])
        found[path] = match[1]
    if format_manifest(found) != raw:
        raise BagRefused("manifest_not_in_the_one_form")
    return found


def encode_path(path: str) -> str:
    """Percent-encode CR, LF and the percent sign, and only those (RFC 8493 section 2.1.3)."""
    return path.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def decode_path(text: str) -> str:
    """The inverse of the path encoding (custody-format section 8); other `%` stay as they are."""
    return _ENCODED.sub(lambda found: chr(int(found[1], 16)), text)
