"""MoDaC's log-in and downloads, and where credentials come from."""

import hashlib
import io
import logging
import sys
from dataclasses import replace

import pytest
from portal import answers, cuts_after

from clrna.errors import InputError, RemoteError
from clrna.fetch.credentials import Credentials, ask_for_credentials, find_credentials
from clrna.fetch.failures import DamagedError, ForbiddenError, NeedsAccountError, NotDataError, NotThereError
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.session import Session

PATH = "/NCI_DOE_Archive/JDACS4C/set/combined_rnaseq_data"
CONTENT = bytes(range(256)) * 200
FILE = RemoteFile("combined_rnaseq_data", modac_path=PATH)
ADA = {"MODAC_USER": "ada", "MODAC_PASSWORD": "right horse"}
OLD = {"MODAC_TOKEN": "old"}
DOWNLOAD, OBJECT = f"/api/v2/dataObject{PATH}/download", f"/api/v2/dataObject{PATH}"
SIGN = f"/api/dataObject{PATH}/generateDownloadRequestURL"


@pytest.fixture
def held(modac):
    modac.objects[PATH] = CONTENT
    return modac


def load(transfer, tmp_path, file=FILE, **environ):
    with Session(replace(transfer, environ=environ), tmp_path, "modac/1") as session:
        return session.obtain([file])[file.name].read_bytes(), session


def test_log_in_metadata_and_download(transfer, tmp_path, held):
    content, session = load(transfer, tmp_path, **ADA)
    assert content == CONTENT
    assert session.fetched[FILE.name].checked == (f"md5:{hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()}",)
    assert held.logins == 1
    download = held.requests_of(DOWNLOAD)[0]
    assert download.method == "POST" and download.body == b"{}"
    assert download.headers["authorization"] == "Bearer token-1-of-ada"


def test_the_checksum_of_the_metadata_is_held_against_the_file(transfer, tmp_path, held):
    held.behaviors[DOWNLOAD] = [answers(200, CONTENT[:-1] + b"!", "application/octet-stream")] * 2
    with pytest.raises(DamagedError, match="md5"):
        load(transfer, tmp_path, **ADA)


def test_a_json_answer_names_the_address_and_the_token_stays_here(transfer, tmp_path, held):
    held.signed.add(PATH)
    held.files[f"/signed{PATH}"] = CONTENT
    held.behaviors[f"/signed{PATH}"] = [cuts_after(20_000)]
    content, _ = load(transfer, tmp_path, **ADA)
    assert content == CONTENT
    signed = held.requests_of(f"/signed{PATH}")
    assert len(signed) == 2 and signed[1].headers["range"] == "bytes=20000-"
    assert all("authorization" not in asked.headers for asked in signed)


def test_what_was_cut_is_asked_of_the_archive_by_range(transfer, tmp_path, held):
    held.files[f"/signed{PATH}"] = CONTENT
    held.behaviors[DOWNLOAD] = [cuts_after(30_000, lambda portal: portal.objects[PATH])]
    content, _ = load(transfer, tmp_path, **ADA)
    assert content == CONTENT
    assert held.requests_of(f"/signed{PATH}")[0].headers["range"] == "bytes=30000-"
    assert len(held.requests_of(DOWNLOAD)) == 1


def test_without_a_signed_address_it_begins_anew(transfer, tmp_path, held):
    held.behaviors[DOWNLOAD] = [cuts_after(30_000, lambda portal: portal.objects[PATH])]
    held.behaviors[SIGN] = [answers(404)]
    content, _ = load(transfer, tmp_path, **ADA)
    assert content == CONTENT and len(held.requests_of(DOWNLOAD)) == 2


def test_an_expired_token_is_renewed_once(transfer, tmp_path, held):
    def expire(handler):
        handler.portal.tokens.clear()
        return False

    held.behaviors[DOWNLOAD] = [expire]
    content, _ = load(transfer, tmp_path, **ADA)
    assert content == CONTENT and held.logins == 2


def test_a_token_that_is_never_accepted_is_renewed_only_once(transfer, tmp_path, held):
    held.behaviors[OBJECT] = [answers(401)] * 10
    with pytest.raises(NeedsAccountError, match=r"401.*make an account at http"):
        load(transfer, tmp_path, **ADA)
    assert held.logins == 2


def test_a_given_token_that_has_expired_cannot_be_renewed(transfer, tmp_path, held):
    with pytest.raises(NeedsAccountError, match="has expired or is not valid: set MODAC_TOKEN"):
        load(transfer, tmp_path, **OLD)


def test_a_given_token_that_has_expired_is_renewed_with_a_password(transfer, tmp_path, held):
    assert load(transfer, tmp_path, **OLD, **ADA)[0] == CONTENT


def test_a_wrong_password(transfer, tmp_path, held):
    with pytest.raises(NeedsAccountError, match="user name or password is not accepted; make an account"):
        load(transfer, tmp_path, **{**ADA, "MODAC_PASSWORD": "wrong"})


def test_no_credentials_and_nobody_to_ask(transfer, tmp_path, held):
    with pytest.raises(NeedsAccountError, match=r"MODAC_TOKEN, or MODAC_USER and MODAC_PASSWORD.*make an account at"):
        load(transfer, tmp_path)


@pytest.mark.parametrize("status", [400, 403])
def test_no_permission(transfer, tmp_path, held, status):
    held.behaviors[OBJECT] = [answers(status, b"Invalid Permissions")]
    with pytest.raises(ForbiddenError, match=f"{status}, this account may not have combined_rnaseq_data.*http"):
        load(transfer, tmp_path, **ADA)


def test_not_there(transfer, tmp_path, modac):
    with pytest.raises(NotThereError, match="404, MoDaC has no combined_rnaseq_data; look for it at http"):
        load(transfer, tmp_path, **ADA)


def test_a_busy_portal_is_called_again(transfer, tmp_path, held):
    held.behaviors["/api/authenticate"] = [answers(503)]
    held.behaviors[OBJECT] = [answers(502)]
    held.behaviors[DOWNLOAD] = [answers(429, Retry_After="0")]
    assert load(transfer, tmp_path, **ADA)[0] == CONTENT


def test_a_page_in_place_of_a_token_or_of_metadata(transfer, tmp_path, held):
    held.behaviors["/api/authenticate"] = [answers(200, b"<html>moved</html>", "text/html")]
    with pytest.raises(NotDataError, match="no token"):
        load(transfer, tmp_path, **ADA)
    held.behaviors[OBJECT] = [answers(200, b"<html>moved</html>", "text/html")]
    with pytest.raises(NotDataError, match="JSON"):
        load(transfer, tmp_path, **ADA)
    held.behaviors[OBJECT] = [answers(200, b'{"metadataEntries": []}', "application/json")]
    with pytest.raises(RemoteError, match="form that MoDaC documents"):
        load(transfer, tmp_path, **ADA)


def test_an_answer_that_only_starts_a_transfer(transfer, tmp_path, held):
    held.behaviors[DOWNLOAD] = [answers(200, b'{"taskId": "7"}', "application/json")]
    with pytest.raises(NotDataError, match="names no address"):
        load(transfer, tmp_path, **ADA)


def test_without_credentials_the_open_source_is_used(transfer, tmp_path, held):
    held.files["/pub/combined_rnaseq_data"] = CONTENT
    both = replace(FILE, urls=(f"{held.url}/pub/combined_rnaseq_data",))
    content, session = load(transfer, tmp_path, both)
    assert content == CONTENT and session.fetched[FILE.name].came_from.endswith("/pub/combined_rnaseq_data")


def test_when_both_fail_the_error_is_the_one_a_person_can_mend(transfer, tmp_path, held):
    both = replace(FILE, urls=(f"{held.url}/pub/gone",))
    with pytest.raises(NeedsAccountError):
        load(transfer, tmp_path, both)


def test_a_mirror_gets_no_token(transfer, tmp_path, held, portal):
    held.files[f"/mirror/{portal.url.split('/')[2]}{OBJECT}"] = CONTENT
    content, _ = load(replace(transfer, mirror=f"{portal.url}/mirror"), tmp_path, **ADA)
    assert content == CONTENT
    assert held.logins == 0 and all("authorization" not in asked.headers for asked in held.asked)


def test_no_secret_is_logged_or_in_an_error_or_kept(transfer, tmp_path, held, caplog):
    caplog.set_level(logging.DEBUG)
    held.signed.add(PATH)
    held.behaviors[f"/signed{PATH}"] = [answers(503)] * 9
    with pytest.raises(RemoteError) as caught:
        load(transfer, tmp_path, **ADA)
    texts = caplog.text + str(caught.value) + repr(caught.value.__cause__) + repr(Credentials("t0ken", "ada", "horse"))
    for secret in ("right horse", "token-1", "a-secret", "Signature", "t0ken", "horse"):
        assert secret not in texts
    for path in tmp_path.rglob("*"):
        assert path.is_dir() or (b"token-" not in path.read_bytes() and b"right horse" not in path.read_bytes())


def test_where_credentials_come_from(tmp_path):
    token, netrc = tmp_path / "token", tmp_path / "netrc"
    token.write_text("from-file\n")
    netrc.write_text("machine modac.cancer.gov login ada password horse\n")
    for path in (token, netrc):
        path.chmod(0o600)
    host = "modac.cancer.gov"
    assert find_credentials(host, {"MODAC_TOKEN": "x"}, token, None) == Credentials("x")
    assert find_credentials(host, {}, token, None) == Credentials("from-file")
    assert find_credentials(host, {}, None, netrc) == Credentials("", "ada", "horse")
    assert find_credentials(host, {"NETRC": str(netrc)}, None, None) == Credentials("", "ada", "horse")
    assert find_credentials(host, {"MODAC_USER": "b", "MODAC_PASSWORD": "c"}, None, netrc).user == "b"
    assert not find_credentials("elsewhere", {}, None, netrc)
    assert not find_credentials(host, {"HOME": str(tmp_path)}, None, None)
    netrc.rename(tmp_path / ".netrc")
    assert find_credentials(host, {"HOME": str(tmp_path)}, None, None).user == "ada"


def test_files_with_credentials_have_to_be_private_and_right(tmp_path):
    token, netrc = tmp_path / "token", tmp_path / "netrc"
    token.write_text("from-file\n")
    netrc.write_text("machine modac.cancer.gov login ada password horse\n")
    for path in (token, netrc):
        path.chmod(0o640)
    for files in ((token, None), (None, netrc)):
        with pytest.raises(InputError, match="others may read it; run chmod 600"):
            find_credentials("modac.cancer.gov", {}, *files)
    token.chmod(0o600)
    token.write_text("two words")
    with pytest.raises(InputError, match="nothing else"):
        find_credentials("modac.cancer.gov", {}, token, None)
    netrc.write_text("machine modac.cancer.gov login ada secret horse\n")
    with pytest.raises(InputError, match="not a netrc file") as caught:
        find_credentials("modac.cancer.gov", {}, None, netrc)
    assert "horse" not in str(caught.value)


def test_a_person_is_asked_at_a_terminal_only(monkeypatch, capsys):
    assert not ask_for_credentials("modac.cancer.gov")
    terminal = io.StringIO("ada\n")
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys, "stdin", terminal)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "horse")
    assert ask_for_credentials("modac.cancer.gov") == Credentials("", "ada", "horse")
    assert capsys.readouterr().out == ""
