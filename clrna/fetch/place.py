"""A place where a file is published: how to open it there, and what it says of the file."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from clrna.fetch.address import shown
from clrna.fetch.download import Expected, Opener
from clrna.fetch.remote_file import Checksum
from clrna.fetch.retry import Attempts
from clrna.fetch.transfer import Transfer
from clrna.io.user_info import without_user_info


@dataclass(frozen=True)
class Place:
    """One of the places where a file is published.

    Attributes
    ----------
    url
        Where it is, for people to read.
    open
        Opens it from a byte on.
    ask
        Asks for its size and checksum; None where the place does not say.
    """

    url: str
    open: Opener
    ask: Callable[[], tuple[int | None, Checksum | None]] | None = None

    @property
    def shown(self) -> str:
        """Its address without the query, which may hold a permission."""
        return shown(self.url) if not self.url.startswith("file:") else without_user_info(self.url)

    def expected(self, known: Expected, transfer: Transfer) -> Expected:
        """Return what the file has to be, with what this place says of it."""
        if self.ask is None:
            return known
        size, checksum = Attempts(transfer).run(self.ask)
        more = (checksum,) if checksum else ()
        return replace(known, size=known.size or size, checksums=(*known.checksums, *more))
