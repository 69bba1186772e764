"""What a user can ask of a match; the defaults of the executable and of the Python function."""

from dataclasses import dataclass

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, X_CLRNA


@dataclass(frozen=True)
class MatchSettings:
    """How many matches, among which samples, and under which names files keep what is read.

    Attributes
    ----------
    n_matches
        Reference samples that are named for each sample.
    from_category, to_category
        Sample category of the samples that are asked about, and of the reference samples; None for all.
    own_study
        Whether reference samples of the sample's own study are matched too.
    key
        ``obsm`` key of the codes.
    study_key, donor_key, label_key, category_key
        Columns of ``obs``.
    label_by
        Several that are joined into the label in place of ``label_key``.
    """

    n_matches: int = 5
    from_category: str | None = None
    to_category: str | None = None
    own_study: bool = False
    key: str = X_CLRNA
    study_key: str = STUDY
    donor_key: str = DONOR
    label_key: str = TISSUE
    label_by: list[str] | None = None
    category_key: str = SAMPLE_CATEGORY

    @property
    def label_name(self) -> str:
        """What the label is called, as models call it."""
        return ",".join(self.label_by or [self.label_key])
