"""Hold the scale that a file states for each study against its values, before anything is learned from them."""

from collections.abc import Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from clrna.constants import SCALE
from clrna.errors import InputError
from clrna.model.settings import ModelSettings
from clrna.quoted import quoted
from clrna.scale.scale_check import check_scale
from clrna.scale.scale_name import parse_scale
from clrna.spread_out import spread_out
from clrna.train.samples import TrainingSamples, check_not_negative

# Samples of a study that are enough to tell, as many as clrna-encode looks at.
_TO_CHECK = 32


def check_stated_scales(
    samples: TrainingSamples,
    values: np.ndarray,
    settings: ModelSettings,
    exclude_studies: Collection[str] = (),
    measured: Mapping[str, NDArray[np.bool_]] | None = None,
) -> None:
    """Raise InputError where values contradict their study's scale, e.g. counts that are said to be logarithms.

    Parameters
    ----------
    samples
        As read from the file.
    values
        Expression, shape (samples, genes); some samples of each study are looked at.
    settings
        A network that cannot rebuild values below 0 refuses them in its own words first.
    exclude_studies
        Studies from which nothing is learned; they are not looked at.
    measured
        Of studies that lack genes, by name, which they measured; what fills the others is of no scale.
    """
    used = ~np.isin(samples.studies.astype(str), list(exclude_studies))
    if settings.output_activation == "relu":
        check_not_negative(samples, values, used & samples.of_split("train", "valid"))
    for study, scale in sorted(set(zip(samples.studies[used].tolist(), samples.scales[used].tolist(), strict=True))):
        rows = np.flatnonzero(used & (samples.studies == study) & (samples.scales == scale))
        some = rows[spread_out(len(rows), _TO_CHECK)]
        genes = (measured or {}).get(study, slice(None))
        looked_at = values[some][:, genes]
        try:
            check_scale(looked_at, parse_scale(scale))
        except InputError as error:
            where = f"{samples.origin}: study {quoted(study)}" if study else samples.origin
            raise InputError(f"{where}: {error}; mend obs[{SCALE!r}], or start from clrna-normalize") from error
