"""User names, passwords and tokens: from the environment, private files, or a person at a terminal.

None of them is ever logged, put in an error, kept in a file or given to another host than their own.
"""

import getpass
import netrc
import re
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from clrna.errors import InputError
from clrna.io.regular import refuse_no_file

TOKEN_VARIABLE = "MODAC_TOKEN"  # noqa: S105 - the name of a variable
USER_VARIABLE = "MODAC_USER"
PASSWORD_VARIABLE = "MODAC_PASSWORD"  # noqa: S105 - the name of a variable
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True)
class Credentials:
    """What proves who asks; each part '' where it is not known. Its text shows none of it."""

    token: str = ""
    user: str = ""
    password: str = ""

    def __bool__(self) -> bool:
        return bool(self.token or self.user)

    def __repr__(self) -> str:
        return f"Credentials(token={'set' if self.token else 'not set'}, user={'set' if self.user else 'not set'})"


def find_credentials(
    host: str, environ: Mapping[str, str], token_file: Path | None, netrc_file: Path | None
) -> Credentials:
    """Return what is known without asking anybody: environment, token file, netrc, in this order.

    Parameters
    ----------
    host
        Name of the portal in a netrc file.
    environ
        The environment.
    token_file
        File whose only line is a token.
    netrc_file
        Netrc file; where None, that of NETRC or ``~/.netrc`` if it is there.

    Raises
    ------
    InputError
        A named file is missing, not private, or not what it should be.
    """
    token = environ.get(TOKEN_VARIABLE, "").strip() or (_read_token(token_file) if token_file else "")
    if token and not is_token(token):
        where = TOKEN_VARIABLE if environ.get(TOKEN_VARIABLE, "").strip() else f"--token-file {token_file}"
        raise InputError(f"{where}: holds letters that no token has; copy it anew")
    user, password = environ.get(USER_VARIABLE, ""), environ.get(PASSWORD_VARIABLE, "")
    if not (user and password):
        user, password = _from_netrc(host, environ, netrc_file)
    return Credentials(token, user, password)


def is_token(text: str) -> bool:
    """Whether ``text`` can be a token: what else stands in a header is refused there, and quoted."""
    return re.fullmatch(r"[\x21-\x7e]+", text) is not None


def ask_for_credentials(host: str) -> Credentials:
    """Ask the person at the terminal; return nothing where there is none."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return Credentials()
    print(f"User name at {host}: ", end="", file=sys.stderr, flush=True)
    user = sys.stdin.readline().strip()
    return Credentials(user=user, password=getpass.getpass(f"Password at {host}: ")) if user else Credentials()


def how_to_give_credentials() -> str:
    """Return where credentials are taken from, for an error's text."""
    return f"set {TOKEN_VARIABLE}, or {USER_VARIABLE} and {PASSWORD_VARIABLE}, or use --token-file or --netrc"


def _read_token(path: Path) -> str:
    _check_private(path, "--token-file")
    lines = path.read_text(encoding="utf-8", errors="replace").split()
    if len(lines) != 1:
        raise InputError(f"--token-file {path}: has to hold the token and nothing else")
    return lines[0]


def _from_netrc(host: str, environ: Mapping[str, str], given: Path | None) -> tuple[str, str]:
    path = given or Path(environ.get("NETRC") or Path(environ.get("HOME", "/nonexistent")) / ".netrc")
    if not path.is_file():
        return "", ""
    try:
        entry = netrc.netrc(path).authenticators(host)
    except (netrc.NetrcParseError, UnicodeDecodeError, OSError) as error:
        if given is None:
            return "", ""
        # The parser's own text may quote a password, so only the place is told.
        place = f"line {error.lineno}" if isinstance(error, netrc.NetrcParseError) else type(error).__name__
        raise InputError(f"--netrc {path}: is not a netrc file ({place})") from None
    if not entry:
        return "", ""
    _check_private(path, "--netrc")
    return entry[0], entry[2] or ""


def _check_private(path: Path, option: str) -> None:
    refuse_no_file(path)
    if path.stat().st_mode & _OTHERS:
        raise InputError(f"{option} {path}: others may read it; run chmod 600 on it")
