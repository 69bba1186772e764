"""JSON that a portal sent, or that was saved of what it sent."""

import json
from pathlib import Path
from typing import Any

from clrna.errors import InputError


def read_json(path: Path | None) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    InputError
        It is missing, or no JSON.
    """
    if path is None:
        raise InputError("the portal's list of files is missing in the folder of --from")
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: is not JSON ({error}); load it anew") from error
