"""What each metric means, which way is better, and how it misleads."""

from collections.abc import Iterable
from dataclasses import dataclass

from clrna.plot.names import metric_name


@dataclass(frozen=True)
class Entry:
    """One metric."""

    name: str
    direction: str  # 'higher', 'lower', or '' where that depends on whose classes are looked at
    meaning: str
    weakness: str
    source: str = ""


# metric: direction, meaning, weakness, source
_TEXTS = {
    "transfer_f1": (
        "higher",
        "For each sample of a study, its label is voted by the nearest neighbours in all other studies, "
        "samples of its own donor left out; macro-F1 over labels that another study has, then the mean over "
        "studies. This is what a user of a new study wants.",
        "Says nothing of labels that only one study has; rare labels weigh as much as frequent ones.",
        "",
    ),
    "replicate_recall": (
        "higher",
        "For each sample whose donor another study measured too: is that replicate the nearest of all samples"
        " of other studies? It falls when features keep the label but lose the sample.",
        "Needs shared donors, in practice cell lines; lines that are easy to tell apart flatter it.",
        "",
    ),
    "replicate_mrr": (
        "higher",
        "As recall@1, but 1/2 for a replicate in second place, 1/3 in third, and so on.",
        "The same; it also depends on how many samples there are to be ranked.",
        "",
    ),
    "knn_accuracy": (
        "higher",
        "Share of samples whose label the nearest neighbours of other donors tell, whichever study they are from.",
        "Neighbours of the same study may tell it: it can be high where nothing carries over to another study.",
        "",
    ),
    "knn_f1": (
        "higher",
        "The same vote as macro-F1, each label weighing alike.",
        "As for accuracy: neighbours of the same study may tell it.",
        "",
    ),
    "study_predictability": (
        "lower",
        "Balanced accuracy with which nearest neighbours of other donors tell which study a sample is from.",
        "Chance is not the goal where studies differ in their labels: a perfect embedding still tells as much"
        " as the label alone does, which is given beside it.",
        "",
    ),
    "study_chance": (
        "",
        "What guessing would reach: one over the number of studies.",
        "It is a yardstick, not a score.",
        "",
    ),
    "study_from_label": (
        "",
        "How well the study is told by the label alone, because studies differ in what they hold. Study "
        "predictability below this is not to be expected.",
        "It is a yardstick, not a score.",
        "",
    ),
    "silhouette": (
        "",
        "From -1 to 1: how much closer a sample is to its own group than to the next one. By label higher is "
        "better, by study lower.",
        "It prefers compact, round, evenly sized groups, and is high by label when studies are not mixed at "
        "all within a label; by itself it does not show that batch effects are gone.",
        "Rousseeuw 1987; Rautenstrauch & Ohler 2025 on its failure for integration",
    ),
    "calinski_harabasz": (
        "",
        "Scatter between group means over scatter within groups. By label higher is better, by study lower.",
        "No upper end: values of embeddings with different numbers of features, or of different samples, "
        "cannot be compared.",
        "Caliński & Harabasz 1974",
    ),
    "davies_bouldin": (
        "",
        "Mean over groups of the worst ratio of scatter within to distance between. By label lower is better,"
        " by study higher.",
        "Only the closest pair of groups counts; assumes round groups.",
        "Davies & Bouldin 1979",
    ),
    "bras": (
        "higher",
        "From 0 to 1: within each label, are samples of other studies as near as those of the same study?",
        "Blind to whether labels are kept apart; labels that one study has are left out.",
        "Rautenstrauch & Ohler 2025, doi:10.1038/s41587-025-02743-4",
    ),
    "ilisi": (
        "higher",
        "Effective number of studies around a sample, scaled to 0 to 1.",
        "Reaches 1 only if every study holds the same labels; mixing everything with everything scores best.",
        "Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0",
    ),
    "clisi": (
        "higher",
        "Effective number of labels around a sample, scaled so that 1 is a single one.",
        "Near 1 for almost any embedding with well-separated labels; tells poor embeddings from fair ones only.",
        "Korsunsky et al. 2019",
    ),
    "kbet": (
        "higher",
        "Within each label, the share of samples around whom studies are mixed as in the whole, by a chi-squared test.",
        "Strict: with many samples small differences are rejected; unreliable below about 20 samples a study,"
        " so such are left out.",
        "Büttner et al. 2019, doi:10.1038/s41592-018-0254-1",
    ),
    "pcr": (
        "higher",
        "By how much the share of the variance that studies explain is lower than in the expression.",
        "Variance that belongs to different labels in different studies counts as batch effect.",
        "Büttner et al. 2019",
    ),
}


def glossary(metrics: Iterable[str] | None) -> list[Entry]:
    """Return an entry for each metric, in the order of the glossary.

    Parameters
    ----------
    metrics
        Names as in the table of scores; None for every metric that CLRNA knows.
    """
    shown = set(_TEXTS if metrics is None else metrics)
    return [Entry(metric_name(key), *text) for key, text in _TEXTS.items() if key in shown]


KNOWN = tuple(_TEXTS)
