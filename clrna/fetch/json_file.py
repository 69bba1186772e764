"""JSON that a portal sent, or that was saved of what it sent."""

import json
from pathlib import Path
from typing import Any, Final

from clrna.errors import InputError
from clrna.io.regular import refuse_no_file

# At most 20,000 files are asked for, of which a list says about a kilobyte each.
_MOST: Final = 256 << 20


def read_json(path: Path | None) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    InputError
        It is missing, or no JSON.
    """
    if path is None:
        raise InputError("the portal's list of files is missing in the folder of --from")
    refuse_no_file(path)
    if path.stat().st_size > _MOST:
        raise InputError(f"{path}: has more than {_MOST >> 20} MB, and no list of files is so long; load it anew")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON ({error}); load it anew") from error
