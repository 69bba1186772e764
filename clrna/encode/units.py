"""Find out what each study's values are, and whether and how they become what the model knows."""

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clrna.constants import SCALE, UNLABELLED
from clrna.encode.conversion import Conversion, choose_conversion
from clrna.encode.matrix import Matrix
from clrna.encode.plan import StudyPlan, study_called
from clrna.errors import InputError, UsageError
from clrna.quoted import listed
from clrna.scale import Scale, check_scale, detect_scale, parse_input_scale, parse_scale
from clrna.spread_out import spread_out

logger = logging.getLogger("clrna")

# Samples looked at where the scale is stated, and where it has to be found out.
_TO_CHECK = 32
_TO_DETECT = 300
# Samples read in one go where those asked for lie close together.
_RUN = 512
_GAP = 64


def conversions_of_studies(
    matrix: Matrix,
    symbols: np.ndarray,
    plan: StudyPlan,
    declared: np.ndarray | None,
    stated: str,
    model_scales: Sequence[str],
    path: Path,
    *,
    any_unit: bool = False,
    measured: Mapping[str, NDArray[np.bool_]] | None = None,
    lengths: Callable[[], np.ndarray | None] = lambda: None,
) -> list[Conversion]:
    """Return how the values of each study of a plan become the model's.

    Parameters
    ----------
    matrix
        All genes of the file.
    symbols
        Current symbol of each gene, '' where it is not known.
    plan
        Which sample is of which study, and which studies are standardized by their own statistics.
    declared
        ``obs['scale']`` as text, '' where it is missing; None where there is no such column.
    stated
        ``--input-scale``: ``auto``, a scale, or ``STUDY=SCALE`` for some studies, joined by commas.
    model_scales
        Scales of the training data.
    path
        The file, for errors.
    any_unit
        Whether the model standardizes each sample, so that a logarithm of any unit will do.
    measured
        Of studies that lack genes of the file, by name, which they measured; what fills the others is of no unit.
    lengths
        Gives those of the genes, None where the file has none; called where counts become TPM.

    Raises
    ------
    InputError
        A study has two scales, its values contradict its scale, or its scale is not the model's and
        cannot be turned into it.
    UsageError
        ``stated`` names an unknown scale or study.
    """
    by_user = parse_input_scale(stated.split(","), plan.names)
    if not model_scales:
        logger.warning("the model does not say in which scale it was trained; the file's is taken as it is")
    conversions = []
    for study, name in enumerate(plan.names):
        rows = np.flatnonzero(plan.of_sample == study)
        where = f"{path}: {study_called(name)}"
        given = by_user.get(name, by_user.get(""))
        genes = (measured or {}).get(name, np.ones(matrix.shape[1], dtype=bool))
        scale = _scale_of(matrix, rows, declared, given, where, genes)
        conversions.append(
            choose_conversion(scale, model_scales, any_unit or bool(plan.adapted[study]), symbols, where, lengths)
        )
    return conversions


def _scale_of(
    matrix: Matrix,
    rows: np.ndarray,
    declared: np.ndarray | None,
    given: Scale | None,
    where: str,
    genes: NDArray[np.bool_],
) -> Scale:
    own = _declared_scale(declared[rows], where) if declared is not None else UNLABELLED
    if given is None and not own:
        return _detected(matrix, rows, where, genes)
    scale = given or _parsed(own, where)
    if own and given and given != _parsed(own, where):
        logger.warning("%s: obs[%r] says %s, --input-scale %s is taken", where, SCALE, own, given.name)
    some = _some_samples(matrix, rows, _TO_CHECK)[:, genes]
    try:
        check_scale(some, scale)
    except InputError as error:
        told = "--input-scale" if given else f"obs[{SCALE!r}]"
        raise InputError(f"{where}: {error}; mend {told}, or start from clrna-normalize") from error
    return scale


def _declared_scale(column: np.ndarray, where: str) -> str:
    names = sorted(set(column) - {UNLABELLED})
    if len(names) > 1:
        raise InputError(f"{where}: obs[{SCALE!r}] names {len(names)} scales ({listed(names)}); a study has one")
    return names[0] if names else UNLABELLED


def _parsed(name: str, where: str) -> Scale:
    try:
        return parse_scale(name)
    except UsageError as error:
        raise InputError(f"{where}: obs[{SCALE!r}]: {error}") from error


def _detected(matrix: Matrix, rows: np.ndarray, where: str, genes: NDArray[np.bool_]) -> Scale:
    some = _some_samples(matrix, rows, _TO_DETECT)[:, genes]
    try:
        detection = detect_scale(some)
    except InputError as error:
        raise InputError(f"{where}: {error}") from error
    logger.info("%s: values look like %s: %s", where, detection.scale.name, detection.why)
    if detection.doubt:
        logger.warning("%s: %s", where, detection.question)
    return detection.scale


def _some_samples(matrix: Matrix, rows: np.ndarray, most: int) -> np.ndarray:
    """Read up to ``most`` samples, evenly spaced among ``rows``."""
    chosen = rows[spread_out(len(rows), most)]
    parts, first = [], 0
    for last in range(1, len(chosen) + 1):
        apart = last == len(chosen) or chosen[last] - chosen[last - 1] > _GAP
        if apart or chosen[last] - chosen[first] >= _RUN:
            run = chosen[first:last]
            parts.append(matrix.rows(int(run[0]), int(run[-1]) + 1)[run - run[0]])
            first = last
    return np.concatenate(parts)
