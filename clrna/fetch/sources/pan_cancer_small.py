"""The reference model that the package carries, as a file of one's own: nothing is loaded from anywhere."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import MODEL, Paths, Request, Source
from clrna.io.output.atomic import replacing
from clrna.model.packaged_models import packaged_models

NAME = "pan-cancer-small"


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return no file: the model is in the package."""
    return []


def write_output(_paths: Paths, _request: Request, output: Path, _record: Mapping[str, Any]) -> None:
    """Copy the model; its own provenance says what it was made from."""
    with replacing(output) as temporary:
        shutil.copyfile(packaged_models()[NAME], temporary)


SOURCE = Source(
    name=NAME,
    title="Reference model that comes with CLRNA: tumors and cell lines, 16 tissues, 200 features",
    version="1",
    licence="MIT (software); made from data under CC0, MIT and Artistic-2.0, named in its card",
    citation="the studies that its card names (clrna/data/models/pan-cancer-small.md)",
    documentation=("clrna/data/models/pan-cancer-small.md",),
    files=files,
    write_output=write_output,
    kind=MODEL,
    samples=1514,
    genes=5645,
    units="any logarithmic or standardized unit",
    about_size=10_200_000,
)
