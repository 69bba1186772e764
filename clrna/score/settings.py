"""How scores are computed."""

from dataclasses import dataclass


@dataclass(frozen=True)
class ScoreSettings:
    """The options of clrna-score that change a score."""

    names: tuple[str, ...]  # of the metrics to compute, as clrna.score.measures has them
    n_neighbors: int = 5
    distance: str = "cosine"
    n_resamples: int = 200
    max_samples: int = 5000
    seed: int = 0
