"""Columns that are results of a test, of a comparison or of a fit, and the statistics that stand beside these."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from clrna.errors import InputError
from clrna.io.matrix.number_table import name_form
from clrna.plain_words import plain_word
from clrna.quoted import listed

_P: Final = r"p(vals?|value)"
# Results of DESeq2, edgeR, limma, Seurat, scanpy, EBSeq, Cox models, gnomAD, MutSig; the short ones only beside one
# that nobody calls a sample.
_TESTS: Final = re.compile(
    rf"basemean|(avg|ave|mean|median)?log2?f(old)?c(hanges?)?|log2?foldchanges?|lfcse|{_P}s?(adj(usted)?)?|padj"
    rf"|adjp(val|value)?|(bh|nominal|raw){_P}|fdr|qval(ue)?|aveexpr|logcpm|svalue|foldchange|logratio|log2ratio|fwer|ppde|ppee"
    r"|((paired|students?)?ttest|anova|wilcox(on)?)(p(vals?|value)?)?"
    r"|p(li|rec|null)|loeuf|(oe|obs|exp)(lof|mis|syn)(lower|upper)?|(lof|mis|syn)(oe(ci(lower|upper))?|z(score)?|pli)"
    r"|codelen|n(nei|ncd|sil|mis|stp|spl|ind|non|null|flank|pat|site)|p(cv|cl|fn)"
    r"|vst(mean|variance(expected|standardized)?|variable)|dispersions(norm)?|highlyvariable|ncells(bycounts)?"
    r"|tstat(istic)?|fstat(istic)?|statistic|sigmasq|finalsigmasq|smoothsigmasq"
)
# The comparison stands before or behind (g1_g2.p-value, P-value(T vs. N)), and no sample is called so.
_OF_COMPARISON: Final = (
    r"log2?[ ._-]?fold[ ._-]?change|log2?[ ._-]?fc|fold[ ._-]?change|p[ ._-]?adj"
    r"|(?:adj(?:usted)?[ ._-]?)?p[ ._-]?val(?:ue)?"
    r"|q[ ._-]?val(?:ue)?|fdr(?:[ ._-]?step[ ._-]?up)?|lfcse"
)
_COMPARISON: Final = re.compile(
    rf"(?:.*[ ._:|-])?(?:{_OF_COMPARISON})(?:[ ._]*\(.+\))?|(?:{_OF_COMPARISON})[ ._:|-]+.*(?:[ ._-]vs?[ ._-]).*"
    r"|p[ ._-]*\(.+[ ._-]vs?[ ._-].+\)|pr[ .(]+>?[ .|]*(?:z|t|f|chisq?)[ .|]*\)?",
    re.IGNORECASE,
)
_RATIO: Final = re.compile(r"ratio|[^/]+/[^/]+", re.IGNORECASE)  # T/N, beside a test
# What is a statistic beside one, by the whole name or its last word (pos|score).
_BESIDE: Final = re.compile(
    r"stat|lr|f|t|b|p|q|z|r|d|n|fc|lfc|foldchange|weight|rank|scores?|se|seb|meanobs|varobs|techvar|rss|teststat|num|df"
    r"|pct[12]|pctdiff|cluster|power|(my)?auc|(avg|mean|median)?diff(erence)?|effect(size)?|cohensd|theta|prob"
    r"|ci|ci(95)?(l|r|lo|low|lower|hi|high|upper|min|max)|(lower|upper|low|high|hi|lo)(ci)?(95)?(ci)?|[lu]b"
    r"|coef(ficient)?|(exp|se)coef|hr|hazardratio|or|oddsratio|beta|cor(relation)?|rho|kme|dispersion|dispfit"
    r"|basemean[ab]|resvar[ab]|(real|post)fc|c[12]mean|numeratorr?|denominatorss?0?|goodsgrna|sgrnas?|value[12]"
)
_MIDDLE: Final = frozenset("mean median average avg sd stdev".split())
_FEW: Final = 4


def of_comparisons(names: Sequence[str], values: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Return which columns are results of tests, or statistics beside these.

    Parameters
    ----------
    names
        Of the columns.
    values
        Shape (genes, columns).
    known
        Columns that are no samples for other reasons, shape (columns,).

    Returns
    -------
    Bool, shape (columns,).
    """
    plain = [plain_word(name) for name in names]
    tests = np.array([_TESTS.fullmatch(name) is not None for name in plain], dtype=bool)
    tests |= np.array([_is_comparison(name, values[:, at]) for at, name in enumerate(names)], dtype=bool)
    tests |= _with_p_values(names, values)
    beside = np.array([_is_beside(name) for name in names], dtype=bool)
    if not tests.any():
        # A table of nothing else: hazard ratios and p. One letter alone may be a sample, as may mean_1.
        whole = np.array([_BESIDE.fullmatch(name) is not None for name in plain], dtype=bool)
        telling = any(is_one and len(name) > 1 for name, is_one in zip(plain, whole, strict=True))
        return whole if telling and (whole | known).all() else tests
    beside |= np.array([_RATIO.fullmatch(name) is not None for name in names], dtype=bool)
    letters = np.array([len(name) == 1 for name in plain], dtype=bool)
    if (letters & ~beside).any():
        beside &= ~letters  # b and d are samples beside a and c
    return tests | beside


def refuse_few_beside(others: Sequence[str], path: Path) -> None:
    """Raise InputError where one column, or few that are called unlike one another, stand beside results of a test."""
    forms = {name_form(name) for name in others}
    if others and len(forms) == len(others) <= _FEW:
        what = "that is a sample" if len(others) == 1 else "which are samples"
        raise InputError(
            f"{path}: holds results of a test, and columns ({listed(others)}) beside them that may be results, too; if "
            f"there is one {what}, leave the others out"
        )


def _is_comparison(name: str, values: np.ndarray) -> bool:
    """Whether a column is called as a test of two groups, and, where it is called as a p-value, holds 0 to 1."""
    if not _COMPARISON.fullmatch(name):
        return False
    return "change" in name.lower() or "fc" in name.lower() or _may_be_p(values)


def _may_be_p(values: np.ndarray) -> bool:
    """Whether numbers, as far as there are any, are from 0 to 1."""
    return not (np.fabs(values - 0.5) > 0.5).any()


def _with_p_values(names: Sequence[str], values: np.ndarray) -> np.ndarray:
    """Return columns beside which others called ``p.`` and their name hold 0 to 1, and these: WGCNA's memberships."""
    found = np.zeros(len(names), dtype=bool)
    place = {name: at for at, name in enumerate(names)}
    for name, at in place.items():
        of = place.get(name[2:]) if name.startswith(("p.", "p_", "P.", "P_")) else None
        if of is not None and _may_be_p(values[:, at]):
            found[[at, of]] = True
    return found


def _is_beside(name: str) -> bool:
    """Whether a column that stands beside a test holds another number of it, of one group or of all."""
    words = [word.lower() for word in re.split(r"[^0-9A-Za-z]+", name) if word]
    last = len(words) > 1 and len(words[-1]) > 1 and _BESIDE.fullmatch(words[-1])
    return bool(_BESIDE.fullmatch(plain_word(name)) or last or _MIDDLE & set(words))
