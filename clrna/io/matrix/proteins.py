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
# Columns that programs of mass spectrometry write (MaxQuant, DIA-NN, FragPipe, Spectronaut, Proteome Discoverer), what
# sites are called there, and columns of Olink and SomaScan.
_PROTEINS: Final = frozenset(
    "majorityproteinids proteinids proteingroup proteingroups firstproteindescription pgproteingroups pggenes "
    "phosphosite phosphosites phosphositeid phosphorylationsite psite npx olinkid somaid".split()
)
_AMOUNT: Final = re.compile(
    r"(max)?lfq[ ._]?intensity.*|.*[ ._]maxlfq[ ._]intensity|ibaq([ ._].*)?|reporter[ ._]intensity.*"
    r"|.*[ ._](unshared[ ._]log[ ._]ratio|spectral[ ._]count)|abundances?([ ._(].*)?:[ ._]*f\d+.*|.*\.pg\.quantity",
    re.IGNORECASE,
)
# What antibodies of reverse phase protein arrays (TCPA, CCLE, the GDC) are called where no gene is, with the species
# and how far it was validated behind some: 14-3-3_beta-R-V, X4E.BP1, E-Cadherin_Caution.
_ANTIBODY: Final = re.compile(
    r"(x?1433(beta|epsilon|zeta|sigma|gamma)|x?4ebp1|x?53bp1|(ampk|er|pkc|pi3kp110|ck2|gsk3|ikb)(alpha|beta|delta|pan)+"
    r"|[enpr]cadherin|(alpha|beta)catenin|cyclin[abde]\d?|caspase\d(cleaved\w*)?|parpcleaved|collagenvi|fibronectin"
    r"|claudin\d|annexin(1|i|vii)|p70s6k\d?|p38(mapk)?|bclxl|myosinii\w?|transglutaminase|tuberin|paxillin|caveolin1"
    r"|beclin|pras40|vegfr2|c(met|myc|kit|raf|jun|abl)|p16ink4a|ps6|creb|smac|estrogenreceptor\w*)"
    r"([rmg][vcen]|caution|goat|mouse|rabbit)?"
)
_ANTIBODIES: Final = 0.05
_FEWEST_ANTIBODIES: Final = 6
_FEWEST: Final = 3
_MOST: Final = 0.5


def refuse_proteins(table: NumberTable) -> None:
    """Raise InputError where columns are called as mass spectrometry, Olink or SomaScan call amounts of proteins."""
    names = [*map(str, table.annotations.columns), *table.columns]
    found = [name for name in names if plain_word(name) in _PROTEINS or _AMOUNT.fullmatch(name)]
    if found:
        raise InputError(
            f"{table.path}: has {listed(found, 2)}, as mass spectrometry, Olink or SomaScan give them: amounts of "
            "proteins, and no expression of genes; give the matrix of RNA"
        )


def refuse_antibodies(table: NumberTable) -> None:
    """Raise InputError where the names on one side are those of a protein array's antibodies."""
    texts = table.annotations
    for names in (table.columns, *(texts.iloc[:, at].astype(str).tolist() for at in range(texts.shape[1]))):
        refuse_antibody_names(names, table.path)


def refuse_antibody_names(names: Sequence[str], path: Path) -> None:
    """Raise InputError where names are those of a protein array's antibodies, also behind a gene (``AKT1|Akt``)."""
    distinct = dict.fromkeys(names)  # columns beside the genes often hold few words, many times
    found = [name for name in distinct if any(_ANTIBODY.fullmatch(plain_word(part)) for part in name.split("|"))]
    if len(found) >= max(_FEWEST_ANTIBODIES, _ANTIBODIES * len(names)):
        raise InputError(
            f"{path}: has antibodies ({listed(found, 3)}), as reverse phase protein arrays (RPPA) have: amounts of "
            "proteins, and no expression of genes; give the matrix of RNA"
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
