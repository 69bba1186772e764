"""How to encode a file."""

import dataclasses

from clrna.constants import DONOR, STUDY, X_CLRNA
from clrna.model.settings import STUDY_MIN_SAMPLES


@dataclasses.dataclass(frozen=True)
class EncodeOptions:
    """The options of ``clrna-encode``, which describes them and takes its defaults from here."""

    adapt: str = "auto"
    adapt_min_samples: int = STUDY_MIN_SAMPLES
    min_coverage: float | None = None
    input_scale: str = "auto"
    gene_id: str = "auto"
    key_added: str = X_CLRNA
    reconstruct: bool = False
    corrected_layer: str | None = None
    corrected_to: str | None = None
    chunk_size: int = 1024
    study_key: str = STUDY
    donor_key: str = DONOR
    layer: str | None = None
