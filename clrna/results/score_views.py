"""The parts of a table of scores that figures and the report show."""

import pandas as pd

from clrna.constants import SPLITS
from clrna.results.embeddings import reading_order
from clrna.results.score_table import ALL, UNSEEN, UNSEEN_STUDY, WHOLE

# Where a metric was computed on several parts of the data, the most telling part comes first.
_SPLITS = (UNSEEN, UNSEEN_STUDY, ALL, *reversed(SPLITS))


_SPLIT_NAMES = {UNSEEN: "unseen studies and donors", UNSEEN_STUDY: "unseen studies", ALL: "all samples"}


def split_name(split: str) -> str:
    """Return how a part of the data is called in figures."""
    return _SPLIT_NAMES.get(split, f"{split} split" if split in SPLITS else split)


def headline_rows(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the headline that speak of all unseen studies together, in the order of the table."""
    return scores[scores["headline"].astype(bool) & (scores["study"] == WHOLE)]


def headline(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the headline with the embeddings of each metric in reading order."""
    return _ordered(headline_rows(scores))


def by_study(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores of single studies, of the metrics that have any."""
    return _ordered(scores[scores["study"] != WHOLE])


def comparison(scores: pd.DataFrame) -> pd.DataFrame:
    """Return one score over all studies for each metric, label and embedding.

    Of several splits that is taken which tells most and has a value, the same for all embeddings of a
    metric. Headline metrics come first, the others follow in the order of the table.
    """
    whole = scores[scores["study"] == WHOLE]
    parts = [_most_telling(group) for _, group in whole.groupby(["metric", "label_key"], sort=False)]
    if not parts:
        return whole
    chosen = pd.concat(parts)
    leading = chosen["metric"].isin(set(scores.loc[scores["headline"], "metric"]))
    return _ordered(pd.concat([chosen[leading], chosen[~leading]]))


def _most_telling(group: pd.DataFrame) -> pd.DataFrame:
    splits = sorted(
        set(group["split"]), key=lambda name: (_SPLITS.index(name) if name in _SPLITS else len(_SPLITS), name)
    )
    with_value = [split for split in splits if group.loc[group["split"] == split, "value"].notna().any()]
    return group[group["split"] == (with_value or splits)[0]]


def _ordered(scores: pd.DataFrame) -> pd.DataFrame:
    ranks = {key: rank for rank, key in enumerate(reading_order(scores["embedding"].unique().tolist()))}
    metrics = {name: rank for rank, name in enumerate(dict.fromkeys(scores["metric"]))}
    order = scores.assign(_metric=scores["metric"].map(metrics), _embedding=scores["embedding"].map(ranks))
    keys = ["_metric", "label_key", "study", "split", "_embedding"]
    return order.sort_values(keys, kind="stable").drop(columns=["_metric", "_embedding"]).reset_index(drop=True)
