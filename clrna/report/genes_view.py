"""The genes for and against each label, and each sample, as the report shows them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from clrna.report.matches_view import MOST_ROWS, note_of_rows
from clrna.results.gene_table import AGAINST, FOR, OTHERS

_OF_LABEL: Final = 10
_OF_SAMPLE: Final = 5


@dataclass(frozen=True)
class Bar:
    """One gene; ``width`` in percent of the longest bar of its label."""

    gene: str
    is_less: bool
    value: str
    width: float


@dataclass(frozen=True)
class GeneCard:
    """One label."""

    label: str
    n: int  # samples of which it was predicted
    bars_for: list[Bar]
    bars_against: list[Bar]


@dataclass(frozen=True)
class SampleGenes:
    """One sample."""

    sample: str
    label: str
    against: str
    genes_for: str
    genes_against: str


@dataclass(frozen=True)
class GenesView:
    """Labels that were predicted here, the other labels, and the first of the samples."""

    cards: list[GeneCard]
    others: list[GeneCard]
    samples: list[SampleGenes]
    n_samples: int
    told_from: str = ""  # the one label that all labels are told from, '' where it is the mean of all others

    @property
    def note(self) -> str:
        """Which samples are shown."""
        return note_of_rows(len(self.samples), self.n_samples, "clrna-explain")


def genes_view(genes: pd.DataFrame | None, predicted: Sequence[str]) -> GenesView | None:
    """Return what the section shows, None where there are no genes.

    Parameters
    ----------
    genes
        From :func:`clrna.results.gene_table.read_gene_tables`.
    predicted
        Label that was predicted of each sample; none where the file does not say.
    """
    if genes is None or genes.empty:
        return None
    tally = Counter(predicted)
    of_labels = genes[(genes["sample"] == "") & (genes["rank"] <= _OF_LABEL)]
    cards = [_card(str(label), group, tally) for label, group in of_labels.groupby("label", sort=False)]
    here = sorted((card for card in cards if card.n), key=lambda card: -card.n) or cards
    of_samples = genes[(genes["sample"] != "") & (genes["rank"] <= _OF_SAMPLE)]
    groups = list(of_samples.groupby(["study", "sample"], sort=False))
    return GenesView(
        here, [card for card in cards if card not in here],
        [_of_sample(group) for _, group in groups[:MOST_ROWS]], len(groups), _told_from(of_labels),
    )  # fmt: skip


def _told_from(of_labels: pd.DataFrame) -> str:
    names = of_labels["against"].unique()
    return str(names[0]) if len(names) == 1 and names[0] != OTHERS else ""


def _card(label: str, group: pd.DataFrame, tally: Counter) -> GeneCard:
    longest = group["contribution"].abs().max() or 1.0
    sides = [[_bar(row, longest) for row in _ranked(group, side).to_dict("records")] for side in (FOR, AGAINST)]
    return GeneCard(label, tally[label], *sides)


def _ranked(group: pd.DataFrame, side: str) -> pd.DataFrame:
    return group[group["direction"] == side].sort_values("rank", kind="stable")


def _bar(row: dict, longest: float) -> Bar:
    value = row["contribution"]
    width = round(100 * abs(value) / longest, 1)
    return Bar(row["gene"], row["value"] < 0, f"{value:+.2f}".replace("-", "−"), width)


def _of_sample(group: pd.DataFrame) -> SampleGenes:
    names = [", ".join(_ranked(group, side)["gene"]) for side in (FOR, AGAINST)]
    first = group.iloc[0]
    return SampleGenes(first["sample"], first["label"], first["against"], *names)
