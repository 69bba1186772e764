"""What a run of clrna-normalize is asked to do."""

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class StudyFile(NamedTuple):
    """A table of sample metadata that was given for one study, as ``STUDY=FILE``."""

    study: str
    path: Path


@dataclass(frozen=True, kw_only=True)
class NormalizeSettings:
    """The options of ``clrna-normalize`` that decide about its result; its ``--help`` has meanings and defaults."""

    studies: tuple[str, ...]
    metadata: tuple[Path | StudyFile, ...]
    sample_column: str | None
    orientation: str
    layer: str | None
    study_key: str | None
    donor_key: str | None
    input_scale: tuple[str, ...]
    counts_to: str
    missing: str
    gene_id: str
    gene_key: str | None
    gene_map: Path | None
    duplicates: str
    genes: str
    tissue_key: str | None
    tumor_type_key: str | None
    category_key: str | None
    category: str | None
    label_map: Path | None
    label_key: str
    min_class_size: int
    split_fractions: tuple[float, float, float]
    split_by_study: tuple[str, ...]
    copy_correlation: float
    seed: int
