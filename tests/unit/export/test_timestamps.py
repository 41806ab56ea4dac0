"""RFC 3161 against an authority made with openssl: what holds here holds for openssl, all else is refused by name."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("rfc3161_client", reason="the extra 'timestamps' is not installed")

from bwc_review.errors import AuthorityUnreachable, InputRefused, TimestampRefused
from bwc_review.export.timestamp_files import write_timestamps
from bwc_review.export.timestamp_http import MAX_ANSWER_BYTES, post
from bwc_review.export.timestamp_settings import AuthoritiesFromSettings, AuthoritySettings
from bwc_review.export.timestamps import Rfc3161Authority
from bwc_review.ports.timestamps import StampState, Timestamp
from tests.timestamp_authority import OPENSSL, Answering, Authority, make_authority, run, serving

pytestmark = pytest.mark.skipif(OPENSSL is None, reason="openssl is not installed")
BODY = b"police.example/bwc/ws1\n37\nxC18AUuqTIqbVrjN72OxVnP2hOg6UW2anir/fPrToy0=\n"


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The authority the workstation was given."""
    return make_authority(tmp_path_factory.mktemp("tsa") / "outside")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Another authority, just as sound, which nobody here was given."""
    return make_authority(tmp_path_factory.mktemp("tsa") / "stranger")


@pytest.fixture
def known(outside: Authority) -> Rfc3161Authority:
    return Rfc3161Authority("outside", "", outside.pem)


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(TimestampRefused) as refused:
        act()
    assert refused.value.message()
    return refused.value.reason


def test_a_timestamp_that_holds_here_holds_for_openssl_too(
    outside: Authority, known: Rfc3161Authority, tmp_path: Path
) -> None:
    request = known.request(BODY)
    response = outside.answer(request)
    at = known.check(BODY, request, response)
    write_timestamps(
        tmp_path / "timestamps",
        [Timestamp("t1", 37, BODY, "outside", request, 0, StampState.KEPT, response, "", known.certificates, at)],
        [b"another\n1\nroot\n\nsigned", BODY + b"\na signature\n"],
    )
    folder = tmp_path / "timestamps"
    shutil.copy(outside.root, folder / "root-from-elsewhere.pem")
    trust = ("-CAfile", "root-from-elsewhere.pem", "-untrusted", "00000037-outside.pem")
    checked = ("ts", "-verify", "-in", "00000037-outside.tsr", *trust)
    assert (folder / "00000037-outside.note").read_bytes() == BODY + b"\na signature\n"
    (folder / "body").write_bytes(BODY)
    assert "Verification: OK" in run(*checked, "-data", "body", cwd=folder)
    assert "Verification: OK" in run(*checked, "-queryfile", "00000037-outside.tsq", cwd=folder)
    said = run("ts", "-reply", "-in", "00000037-outside.tsr", "-text", cwd=folder)
    assert "Granted" in said


def test_a_timestamp_over_another_checkpoint_is_refused_and_openssl_agrees(
    outside: Authority, known: Rfc3161Authority, tmp_path: Path
) -> None:
    other = BODY.replace(b"37", b"38")
    request = known.request(other)
    response = outside.answer(request)
    assert known.check(other, request, response)
    assert refusal(lambda: known.check(BODY, known.request(BODY), response)) == "other_digest"
    assert refusal(lambda: known.check(BODY, request, response)) == "other_digest"
    (tmp_path / "a.tsr").write_bytes(response)
    (tmp_path / "body").write_bytes(BODY)
    trust = ["-CAfile", str(outside.root), "-untrusted", str(outside.folder / "tsa.crt")]
    command = ["openssl", "ts", "-verify", "-in", "a.tsr", "-data", "body", *trust]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


def test_an_answer_to_another_request_over_the_same_checkpoint_is_a_replay(
    outside: Authority, known: Rfc3161Authority
) -> None:
    first, second = known.request(BODY), known.request(BODY)
    assert refusal(lambda: known.check(BODY, second, outside.answer(first))) == "other_nonce"


def test_another_authority_is_refused_however_sound_it_is(stranger: Authority, known: Rfc3161Authority) -> None:
    request = known.request(BODY)
    assert refusal(lambda: known.check(BODY, request, stranger.answer(request))) == "other_certificate"


def test_a_stranger_under_the_authoritys_name_and_number_is_refused_by_its_signature(
    outside: Authority, known: Rfc3161Authority, tmp_path: Path
) -> None:
    """The forger copies issuer and serial number; only the key is his own."""
    forger = make_authority(tmp_path / "outside")  # the folder's name is the issuer's
    serial = run("x509", "-in", "tsa.crt", "-noout", "-serial", cwd=outside.folder).strip().partition("=")[2]
    sign = ("x509", "-req", "-in", "tsa.csr", "-CA", "root.crt", "-CAkey", "root.key", "-set_serial", f"0x{serial}")
    run(*sign, "-days", "30", "-extfile", "tsa.cnf", "-extensions", "clock", "-out", "tsa.crt", cwd=forger.folder)
    request = known.request(BODY)
    assert refusal(lambda: known.check(BODY, request, forger.answer(request))) == "signature"


def test_a_request_the_authority_did_not_grant_is_no_timestamp(outside: Authority, known: Rfc3161Authority) -> None:
    request = known.request(BODY)
    sha256 = bytes.fromhex("0609608648016503040201")
    unknown = request.replace(sha256, sha256[:-1] + b"\x63")
    assert unknown != request
    assert refusal(lambda: known.check(BODY, request, outside.answer(unknown))) == "not_granted"


def test_every_flipped_byte_is_refused_or_changes_nothing_that_was_said(
    outside: Authority, known: Rfc3161Authority
) -> None:
    """CMS leaves its version numbers and the name of the signature's algorithm unsigned (RFC 5652 section 5.4)."""
    request = known.request(BODY)
    response = outside.answer(request)
    at = known.check(BODY, request, response)
    unsigned = 0
    for place in range(len(response)):
        forged = bytearray(response)
        forged[place] ^= 0x55
        try:
            assert known.check(BODY, request, bytes(forged)) == at
            unsigned += 1
        except TimestampRefused as refused:
            assert refused.reason
    assert unsigned < 20


@pytest.mark.parametrize("junk", [b"", b"\x30\x00", b"<html>Sign in</html>", b"\x00" * 5000, b"\x30" * (1 << 20 | 1)])
def test_what_is_no_answer_at_all_is_refused(known: Rfc3161Authority, junk: bytes) -> None:
    request = known.request(BODY)
    assert refusal(lambda: known.check(BODY, request, junk)) == "not_a_response"
    assert not known.answers(request, junk)


def test_an_answer_with_something_after_it_is_refused(outside: Authority, known: Rfc3161Authority) -> None:
    request = known.request(BODY)
    assert refusal(lambda: known.check(BODY, request, outside.answer(request) + b"\0")) == "not_a_response"


@pytest.mark.parametrize(
    "case", ["nothing", "not pem", "the root alone", "the wrong order", "without its root", "two strangers"]
)
def test_certificates_that_are_no_chain_for_timestamps_are_refused(
    outside: Authority, stranger: Authority, case: str
) -> None:
    own = (outside.folder / "tsa.crt").read_bytes()
    root = outside.root.read_bytes()
    cases = {
        "nothing": b"",
        "not pem": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "the root alone": root,
        "the wrong order": root + own,
        "without its root": own,
        "two strangers": own + stranger.root.read_bytes(),
    }
    with pytest.raises(InputRefused, match="certificates of the timestamp authority outside"):
        Rfc3161Authority("outside", "", cases[case])


@pytest.mark.parametrize("usage", ["timeStamping", "critical,timeStamping,codeSigning", "critical,serverAuth"])
def test_a_certificate_for_more_than_timestamps_is_refused(tmp_path: Path, usage: str) -> None:
    made = make_authority(tmp_path / "loose", usage=usage)
    with pytest.raises(InputRefused, match="for timestamps and nothing else"):
        Rfc3161Authority("loose", "", made.pem)


def test_over_http_the_answer_comes_back_as_it_was_sent(outside: Authority) -> None:
    with serving(Answering(outside.answer)) as address:
        known = Rfc3161Authority("outside", address, outside.pem)
        request = known.request(BODY)
        response = known.ask(request)
    assert known.answers(request, response)
    assert known.check(BODY, request, response) > 0


def test_a_redirect_is_not_followed_anywhere() -> None:
    elsewhere = Answering(lambda request: b"elsewhere")
    with serving(elsewhere) as trap:
        for status in (301, 302, 303, 307, 308):
            says = Answering(lambda request: b"", status=status, location=trap)
            with serving(says) as address, pytest.raises(AuthorityUnreachable, match=str(status)):
                post("outside", address, b"a request")
    assert elsewhere.asked == 0


def test_a_proxy_in_the_environment_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, says = Answering(lambda request: b"proxied"), Answering(lambda request: b"direct")
    with serving(proxy) as trap, serving(says) as address:
        monkeypatch.setenv("http_proxy", trap)
        assert post("outside", address, b"a request") == b"direct"
    assert proxy.asked == 0


@pytest.mark.parametrize(
    ("says", "words"),
    [
        (Answering(lambda request: b"<html>", kind="text/html"), "text/html"),
        (Answering(lambda request: b"", status=503), "503"),
        (Answering(lambda request: b"x" * (MAX_ANSWER_BYTES + 1)), "far too long"),
    ],
)
def test_what_is_no_answer_over_http_leaves_the_request_waiting(says: Answering, words: str) -> None:
    with serving(says) as address, pytest.raises(AuthorityUnreachable, match=words):
        post("outside", address, b"a request")


def test_an_answer_that_trickles_is_given_up() -> None:
    """Each byte comes in good time; all of them would take half an hour."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        over = threading.Event()
        thread = threading.Thread(target=_trickle, args=(server, over), daemon=True)
        thread.start()
        began = time.monotonic()
        with pytest.raises(AuthorityUnreachable, match="took too long"):
            post("outside", f"http://127.0.0.1:{server.getsockname()[1]}/", b"a request", seconds=0.5)
        assert time.monotonic() - began < 5
        over.set()
        thread.join(10)


def _trickle(server: socket.socket, over: threading.Event) -> None:
    client, _ = server.accept()
    with client:
        client.recv(65536)
        client.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: 99999\r\n\r\n"
        )
        while not over.wait(0.02):
            try:
                client.sendall(b"x")
            except OSError:
                return


def test_nobody_there_is_said() -> None:
    with serving(Answering(lambda request: b"")) as address:
        pass
    with pytest.raises(AuthorityUnreachable, match="gave no answer"):
        post("outside", address, b"a request", seconds=2)


@pytest.mark.parametrize(
    "address", ["ftp://tsa.example/", "file:///etc/passwd", "tsa.example", "http://", "https://[x"]
)
def test_an_address_that_is_not_of_the_web_is_refused_in_the_settings(address: str) -> None:
    with pytest.raises(InputRefused, match="address"):
        AuthoritySettings("outside", address, "tsa.pem")


@pytest.mark.parametrize("name", ["", "../up", "A name", "a" * 33, "x\n"])
def test_a_name_that_could_not_be_a_file_or_a_code_is_refused(name: str) -> None:
    with pytest.raises(InputRefused, match="cannot name"):
        AuthoritySettings(name, "", "tsa.pem")


def test_a_certificate_file_that_is_away_is_named(tmp_path: Path) -> None:
    found = AuthoritiesFromSettings((AuthoritySettings("outside", "", "tsa/tsa.pem"),), tmp_path)
    with pytest.raises(InputRefused, match=r"tsa\.pem"):
        found.configured()
