"""The picture of the claim as the report shows it: four pictures without words, and words beside them."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

from clrna.plot.claim import Claim, claim_of, named_studies
from clrna.plot.claim_figure import draw_panel
from clrna.plot.columns import Column
from clrna.plot.figure_style import CLOUD, figure_style, new_figure
from clrna.plot.projections import Projection
from clrna.plot.reference import DrawnReference
from clrna.report.render import data_uri
from clrna.results.predictions import Predictions
from clrna.results.samples import DrawnSamples

_INCHES = 2.4
_DPI = 180  # sharp where the page is drawn at twice its size


@dataclass(frozen=True)
class Panel:
    """One embedding by one column."""

    about: str
    picture: str  # address that holds it
    words: str  # for those who cannot see it
    names: list[tuple[str, float, float]]  # of its islands, in percent from the left and from the top


@dataclass(frozen=True)
class Key:
    """What a mark of the picture means."""

    name: str
    color: str
    marker: str
    n: str


@dataclass(frozen=True)
class ClaimView:
    """The picture: for each embedding its name and panels, then the marks of each column."""

    heading: str
    how_to_read: str
    embeddings: list[tuple[str, list[Panel]]]
    keys: list[tuple[str, list[Key]]]
    unseen: str = ""  # studies in front, where they were left out of training


def claim_view(
    samples: DrawnSamples,
    projections: Mapping[str, Mapping[str, Projection]],
    predictions: Predictions | None,
    reference: DrawnReference | None = None,
) -> ClaimView:
    """Draw the picture, by the first way of projecting.

    Parameters
    ----------
    samples
        All samples.
    projections
        ``obsm`` key to name of the projection to coordinates of the samples that are drawn.
    predictions
        Of the model that the report is about; None where there is none.
    reference
        Samples that stand behind, too.
    """
    first = {key: next(iter(drawn.values())) for key, drawn in projections.items()}
    claim = claim_of(samples, first, predictions, reference)
    keys = [(_readable(column.name), _keys(claim, column)) for column in claim.columns]
    if claim.n_behind:
        keys[1][1].append(Key(claim.behind, CLOUD, "circle", f"{claim.n_behind:,}"))
    embeddings = [
        (name, [_panel(claim, key, name, column) for column in claim.columns])
        for key, name in zip(claim.projections, claim.names, strict=True)
    ]
    return ClaimView(
        claim.in_short, claim.how_to_read, embeddings, keys, named_studies(claim.unseen) if claim.unseen else ""
    )


def _panel(claim: Claim, key: str, name: str, column: Column) -> Panel:
    with figure_style():
        figure = new_figure(_INCHES, _INCHES)
        draw_panel(figure.add_axes((0.004, 0.004, 0.992, 0.992)), claim, key, column)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=_DPI, metadata={"Software": None})
    about = f"by {_readable(column.name)}"
    way = claim.projections[key].axes[0].split(" ")[0].replace("PC", "PCA")
    names = [
        (item.name, round(100 * item.x, 1), round(100 * (1 - item.y), 1))
        for item in claim.names_of_islands(key, column)
    ]
    return Panel(about, data_uri(buffer.getvalue()), f"{way} of {name}, {about}: {claim.heading}", names)


def _keys(claim: Claim, column: Column) -> list[Key]:
    styles = column.styles or {}
    return [
        Key(label or claim.unnamed, claim.fill(column, label) if label else "", styles[label].marker, f"{count:,}")
        for label, count in column.counts.items()
    ]


def _readable(name: str) -> str:
    return name.replace("_", " ")
