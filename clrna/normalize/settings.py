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
    """The options of ``clrna-normalize`` that decide about its result; its ``--help`` has meanings."""

    studies: tuple[str, ...] = ()
    metadata: tuple[Path | StudyFile, ...] = ()
    sample_column: str | None = None
    orientation: str = "auto"
    layer: str | None = None
    study_key: str | None = None
    donor_key: str | None = None
    input_scale: tuple[str, ...] = ("auto",)
    counts_to: str = "tpm"
    missing: str = "fill"
    gene_id: str = "auto"
    gene_key: str | None = None
    gene_map: Path | None = None
    duplicates: str = "auto"
    genes: str = "intersection"
    tissue_key: str | None = None
    tumor_type_key: str | None = None
    category_key: str | None = None
    category: str | None = None
    label_map: Path | None = None
    label_key: str = "tissue"
    min_class_size: int = 5
    split_fractions: tuple[float, float, float] = (0.8, 0.1, 0.1)
    split_by_study: tuple[str, ...] = ()
    copy_correlation: float = 0.999
    seed: int = 0
