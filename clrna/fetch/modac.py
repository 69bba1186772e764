"""NCI's Model and Data Clearinghouse (MoDaC): log-in, metadata and download of data objects.

References
----------
https://github.com/CBIIT/nci-doe-data-sharing, the service's source (RestAPICommonController): what it answers,
and that it says 400 «Invalid Permissions» where others say 403.
https://github.com/ECP-CANDLE/candle_lib, ``candle/modac_utils.py``: a client.
"""

import base64
import contextlib
import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any, TypeVar

import httpx

from clrna.errors import RemoteError
from clrna.fetch.credentials import Credentials, how_to_give_credentials, is_token
from clrna.fetch.failures import (
    BadRequestError,
    ForbiddenError,
    NeedsAccountError,
    NotDataError,
    NotThereError,
    bytes_in,
)
from clrna.fetch.remote_file import Checksum
from clrna.fetch.streams import Stream, open_stream, whole_of

logger = logging.getLogger("clrna")

BASE = "https://modac.cancer.gov"
HOST = "modac.cancer.gov"
ACCOUNT = f"make an account at {BASE} (free)"
_Result = TypeVar("_Result")


class ModacSession:
    """Calls of MoDaC's interface with one token, renewed once when it has expired. Safe to share by threads.

    Parameters
    ----------
    client
        From :func:`clrna.fetch.answers.make_client`.
    credentials
        What is known already.
    ask
        Asks a person for what is not known; None where nobody is to be asked.
    """

    def __init__(
        self, client: httpx.Client, credentials: Credentials, ask: Callable[[str], Credentials] | None = None
    ) -> None:
        self._client = client
        self._credentials = credentials
        self._ask = ask
        self._token = credentials.token
        self._lock = threading.Lock()

    def log_in(self) -> None:
        """Make sure that there is a token; whether it has expired shows when it is used."""
        self._valid_token("")

    def metadata(self, path: str) -> dict[str, str]:
        """Return the system metadata of a data object: ``source_file_size``, ``checksum`` (MD5) and others."""
        answer = self._with_token(lambda headers: self._json("GET", _object_url(path), headers), path)
        try:
            pairs = answer["metadataEntries"]["selfMetadataEntries"]["systemMetadataEntries"]
            return {str(pair["attribute"]): str(pair["value"]) for pair in pairs if "value" in pair}
        except (KeyError, TypeError) as error:
            raise RemoteError(f"{_object_url(path)}: its metadata are not in the form that MoDaC documents") from error

    @contextlib.contextmanager
    def open(self, path: str, start: int, validator: str) -> Iterator[Stream]:
        """Open a data object from byte ``start`` on, where that can be had.

        MoDaC itself sends a file from its beginning only, so the rest of a file that was cut is asked of
        the archive behind it, by an address that MoDaC signs.
        """
        if start:
            signed = self._signed_url(path)
            if signed:
                # A signed address is its own permission: the token stays with MoDaC.
                with open_stream(self._client, signed, start, validator) as stream:
                    yield stream
                return
        with contextlib.ExitStack() as stack:
            stream = self._with_token(lambda headers: self._post(stack, path, headers), path)
            if not stream.content_type.startswith("application/json"):
                yield stream
                return
            signed = _signed_address(whole_of(stream), path)
        with open_stream(self._client, signed, start, validator) as stream:
            yield stream

    def _post(self, stack: contextlib.ExitStack, path: str, headers: dict[str, str]) -> Stream:
        url = f"{_object_url(path)}/download"
        return stack.enter_context(_explained(self._client, "POST", url, path, headers, {}))

    def _signed_url(self, path: str) -> str:
        url = f"{BASE}/api/dataObject{path}/generateDownloadRequestURL"
        try:
            answer = self._with_token(lambda headers: self._json("POST", url, headers), path)
        except RemoteError as error:
            logger.debug("no signed address: %s", error)
            return ""
        return str(answer.get("downloadRequestURL") or "")

    def _json(self, method: str, url: str, headers: dict[str, str]) -> dict[str, Any]:
        with _explained(self._client, method, url, url, headers, {} if method == "POST" else None) as stream:
            text = whole_of(stream)
        try:
            answer = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise NotDataError(f"{url}: did not answer with JSON but with {text[:40]!r}") from error
        return answer if isinstance(answer, dict) else {}

    def _with_token(self, call: Callable[[dict[str, str]], _Result], path: str) -> _Result:
        token = self._valid_token("")
        try:
            return call(_bearer(token))
        except NeedsAccountError:
            logger.info("MoDaC's token has expired; renewing it")
        renewed = self._valid_token(token)
        try:
            return call(_bearer(renewed))
        except NeedsAccountError as error:
            raise NeedsAccountError(
                f"{_object_url(path)}: 401, a token just made is not accepted; {ACCOUNT}"
            ) from error

    def _valid_token(self, expired: str) -> str:
        """Return the token; make one where there is none, or only the ``expired`` one."""
        with self._lock:
            if self._token == expired:
                self._token = self._log_in()
            return self._token

    def _log_in(self) -> str:
        if not self._credentials.user and self._ask:
            self._credentials = self._ask(HOST)
        if not self._credentials.user:
            what = "its token has expired or is not valid" if self._token else "it needs a log-in"
            raise NeedsAccountError(f"{BASE}: {what}: {how_to_give_credentials()}; {ACCOUNT}")
        user = f"{self._credentials.user}:{self._credentials.password}".encode(errors="surrogateescape")
        headers = {"Authorization": f"Basic {base64.b64encode(user).decode()}"}
        try:
            with open_stream(self._client, f"{BASE}/api/authenticate", headers=headers) as stream:
                answer = whole_of(stream)
        except (NeedsAccountError, ForbiddenError, BadRequestError) as error:
            raise NeedsAccountError(f"{BASE}: 401, user name or password is not accepted; {ACCOUNT}") from error
        token = answer.decode(errors="replace").strip().strip('"')
        if not is_token(token) or token.startswith("<"):
            raise NotDataError(f"{BASE}/api/authenticate: answered with no token")
        return token


def published(metadata: dict[str, str]) -> tuple[int | None, Checksum | None]:
    """Return the size and checksum in an object's metadata, None for what is not there."""
    size, digest = metadata.get("source_file_size", ""), metadata.get("checksum", "").lower()
    is_md5 = len(digest) == 32 and all(digit in "0123456789abcdef" for digit in digest)
    return bytes_in(size), Checksum("md5", digest) if is_md5 else None


@contextlib.contextmanager
def _explained(
    client: httpx.Client, method: str, url: str, path: str, headers: dict[str, str], body: dict[str, Any] | None
) -> Iterator[Stream]:
    """Open ``url``; say of a refusal what it means at MoDaC."""
    name = PurePosixPath(path).name
    try:
        with open_stream(client, url, method=method, headers=headers, json=body) as stream:
            yield stream
    except ForbiddenError as error:
        raise ForbiddenError(f"{url}: 403, this account may not have {name}; ask at {BASE}") from error
    except NotThereError as error:
        raise NotThereError(f"{url}: 404, MoDaC has no {name}; look for it at {BASE}") from error
    except BadRequestError as error:
        raise ForbiddenError(f"{url}: 400, this account may not have {name}, or it is not there; see {BASE}") from error


def _signed_address(text: bytes, path: str) -> str:
    try:
        answer = json.loads(text)
    except (ValueError, RecursionError):
        answer = {}
    address = answer.get("downloadRequestURL") if isinstance(answer, dict) else None
    if not address:
        raise NotDataError(
            f"{_object_url(path)}/download: names no address to load from; load {PurePosixPath(path).name} with a "
            f"browser at {BASE} and give its folder to --from"
        )
    return str(address)


def _object_url(path: str) -> str:
    return f"{BASE}/api/v2/dataObject{path}"


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
