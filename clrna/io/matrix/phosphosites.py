"""Matrices of proteins whose names tell where they are phosphorylated: AKT_pS473 beside EGFR, which is none of RNA."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.quoted import listed

_SITE: Final = re.compile(r".+[-_ .:|]p[STY]\d{1,4}(?![A-Za-z]).*")  # of reverse phase protein arrays
_RESIDUE: Final = re.compile(r".+[-_ .:|][STY]\d{2,4}[a-z]?")  # of mass spectrometry, which has nothing else
_FEWEST: Final = 3
_MOST: Final = 0.5


def refuse_phosphosites(names: Sequence[str], path: Path) -> None:
    """Raise InputError where names of genes tell sites of phosphorylation: several plainly, or most of them."""
    sites = [name for name in names if _SITE.fullmatch(name)]
    if len(sites) < _FEWEST:
        sites = [name for name in names if _RESIDUE.fullmatch(name)]
        if len(sites) < max(_FEWEST, _MOST * len(names)):
            return
    raise InputError(
        f"{path}: has sites of phosphorylation ({listed(sites, 3)}): amounts of proteins, and no expression of genes; "
        "give the matrix of RNA"
    )
