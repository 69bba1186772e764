"""Amounts of proteins, and sites of phosphorylation, under names of genes: AKT_pS473 beside EGFR, none of RNA."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from clrna.errors import InputError
from clrna.io.matrix.number_table import NumberTable
from clrna.plain_words import plain_word
from clrna.quoted import listed

_SITE: Final = re.compile(r".+[-_ .:|]p[STY]\d{1,4}(?![A-Za-z]).*")  # of reverse phase protein arrays
_RESIDUE: Final = re.compile(r".+[-_ .:|][STY]\d{2,4}[a-z]?")  # of mass spectrometry, which has nothing else
# Columns that programs of mass spectrometry write: MaxQuant, DIA-NN, FragPipe, Spectronaut, Proteome Discoverer.
_PROTEINS: Final = frozenset(
    "majorityproteinids proteinids proteingroup proteingroups firstproteindescription pgproteingroups pggenes".split()
)
_AMOUNT: Final = re.compile(
    r"(max)?lfq[ ._]?intensity.*|.*[ ._]maxlfq[ ._]intensity|ibaq([ ._].*)?|reporter[ ._]intensity.*"
    r"|.*[ ._]spectral[ ._]count|abundances?([ ._(].*)?:[ ._]*f\d+.*|.*\.pg\.quantity",
    re.IGNORECASE,
)
_FEWEST: Final = 3
_MOST: Final = 0.5


def refuse_proteins(table: NumberTable) -> None:
    """Raise InputError where columns are called as a program of mass spectrometry calls amounts of proteins."""
    names = [*map(str, table.annotations.columns), *table.columns]
    found = [name for name in names if plain_word(name) in _PROTEINS or _AMOUNT.fullmatch(name)]
    if found:
        raise InputError(
            f"{table.path}: has {listed(found, 2)}, as mass spectrometry gives them: amounts of proteins, and no "
            "expression of genes; give the matrix of RNA"
        )


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
