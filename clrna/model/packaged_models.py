"""The trained models that the package carries, by name."""

import importlib.resources
import os
from pathlib import Path
from typing import Final

SUFFIX: Final = ".safetensors"
_FOLDER: Final = "models"


def packaged_models() -> dict[str, Path]:
    """Return the file of each model that the package carries, by the model's name."""
    # The package is never imported from an archive (zip_safe in setup.cfg), so its files have paths.
    folder = Path(str(importlib.resources.files("clrna") / "data" / _FOLDER))
    return {path.name.removesuffix(SUFFIX): path for path in sorted(folder.glob(f"*{SUFFIX}"))}


def neither_file_nor_model() -> str:
    """Return what an error says of a path that is no file, where the name of a packaged model would do."""
    return f"no such file, nor a model that comes along: {', '.join(packaged_models())}"


def model_path(name_or_file: str | os.PathLike[str]) -> Path:
    """Return the file of a packaged model that is given by its name, and any other path as it is.

    A file of the user's that has the name of a packaged model is meant where a folder is named with it (``./NAME``).
    """
    given = os.fspath(name_or_file)
    return packaged_models().get(given, Path(given))
