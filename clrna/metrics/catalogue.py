"""What is known of each metric, in one place: names, direction, range, how it is computed, how it misleads, its source.

The table of scores, MultiQC, figures and the report take it from here; ``docs/metrics.md`` is held to it by a test.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

LABEL: Final = "label"
STUDY: Final = "study"
NEITHER: Final = ""
HIGHER: Final = "higher"
LOWER: Final = "lower"

_SHARE = (0, 1)
_RAUTENSTRAUCH = "Rautenstrauch & Ohler 2025, doi:10.1038/s41587-025-02743-4"
_KORSUNSKY = "Korsunsky et al. 2019, doi:10.1038/s41592-019-0619-0"
_LUECKEN = "Luecken et al. 2022, doi:10.1038/s41592-021-01336-8"
_BUETTNER = "Büttner et al. 2019, doi:10.1038/s41592-018-0254-1"
_OPITZ = "Opitz & Burst 2019, arXiv:1911.03347"


@dataclass(frozen=True)
class Metric:
    """One metric of an embedding or of a classifier."""

    key: str  # in tables and options
    title: str  # in figures and in the report
    better: Mapping[str, str]  # which way is better, by whose classes it looks at: label, study or neither
    description: str  # how it is computed
    weakness: str  # how it misleads
    reference: str = ""
    bounds: tuple[int, int | None] = _SHARE  # lowest and highest value, None where there is no end
    short: str = ""  # of headline metrics and yardsticks: in a line of the log, beside a mark
    summary: str = ""  # of headline metrics, which are computed study by study: one line, without a full stop
    yardstick_of: str = ""  # key of the metric that this one is no score beside but something to hold it against
    shown_by: tuple[str, ...] = ("clrna-score", "clrna-plot")

    @property
    def is_headline(self) -> bool:
        """Whether it is computed study by study against all other studies."""
        return bool(self.summary)

    @property
    def direction(self) -> str:
        """Which way is better in words, by whose classes where that depends on them; '' for a yardstick."""
        if self.yardstick_of:
            return ""
        ways = set(self.better.values())
        return ways.pop() if len(ways) == 1 else ", ".join(f"by {whose} {way}" for whose, way in self.better.items())

    @property
    def range(self) -> str:
        """Lowest and highest value in words."""
        low, high = self.bounds
        return f"{low} up" if high is None else f"{low} to {high}"


TRANSFER: Final = Metric(
    "transfer_f1",
    "Label found across studies, macro-F1",
    {LABEL: HIGHER},
    "Each labelled sample of a study is given the label that most of its nearest neighbours in other studies have (5, "
    "by cosine, unless set otherwise), samples of its own donor left out. Macro-F1 over the study's labels, then the "
    "mean over studies.",
    "Says nothing of labels that only one study has; rare labels weigh as much as frequent ones.",
    f"macro-F1: {_OPITZ}",
    short="transfer F1",
    summary="Macro-F1 of the label that the nearest neighbours in other studies tell",
)
RECALL: Final = Metric(
    "replicate_recall",
    "Same donor found in another study, recall@1",
    {NEITHER: HIGHER},
    "For each sample whose donor another study measured too: is the nearest of all samples of other studies that "
    "donor's? The share of yes (recall@1). It falls when features keep the label but lose the sample.",
    "Needs shared donors, in practice cell lines; lines that are easy to tell apart flatter it.",
    short="replicate recall@1",
    summary="Share of samples whose nearest sample in other studies is of the same donor",
)
MRR: Final = Metric(
    "replicate_mrr",
    "Same donor found in another study, mean reciprocal rank",
    {NEITHER: HIGHER},
    "As recall@1, but the mean of 1 / rank of the donor's nearest sample: 1/2 for second place, 1/3 for third, and so "
    "on.",
    "The same; it also depends on how many samples there are to be ranked.",
    "Voorhees 1999, The TREC-8 question answering track report",
    short="replicate MRR",
    summary="Mean reciprocal rank of the nearest sample of the same donor in other studies",
)
HEADLINE: Final = (TRANSFER, RECALL, MRR)

_NEIGHBORS = (
    Metric(
        "knn_accuracy",
        "Label by nearest neighbours, accuracy",
        {LABEL: HIGHER},
        "Share of samples whose label most of the nearest neighbours of other donors, in any study, have.",
        "Neighbours of the same study may tell it: it can be high where nothing carries over to another study.",
    ),
    Metric(
        "knn_f1",
        "Label by nearest neighbours, macro-F1",
        {LABEL: HIGHER},
        "Macro-F1 of the same vote, each label weighing alike.",
        "As for accuracy: neighbours of the same study may tell it.",
        _OPITZ,
    ),
    Metric(
        "study_predictability",
        "Study predictability",
        {STUDY: LOWER},
        "Balanced accuracy with which the nearest neighbours of other donors tell the study that a sample is from.",
        "Chance is not the goal where studies differ in their labels: a perfect embedding still tells as much as the "
        "label alone does, which is given beside it.",
        "Brodersen et al. 2010, doi:10.1109/ICPR.2010.764",
    ),
    Metric(
        "study_chance",
        "Study by chance",
        {STUDY: LOWER},
        "What a guess reaches: 1 / studies.",
        "It is a yardstick, not a score.",
        short="chance",
        yardstick_of="study_predictability",
    ),
    Metric(
        "study_from_label",
        "Study from the label alone",
        {STUDY: LOWER},
        "Balanced accuracy of guessing the study in which the sample's label is most frequent, because studies differ "
        "in what they hold. Study predictability below this is not to be expected.",
        "It is a yardstick, not a score.",
        short="label",
        yardstick_of="study_predictability",
    ),
)
_COMPACTNESS = (
    Metric(
        "silhouette",
        "Silhouette",
        {LABEL: HIGHER, STUDY: LOWER},
        "With a the mean distance to the own class and b to the nearest other class, (b - a) / max(a, b), mean over "
        "samples.",
        "It prefers compact, round, evenly sized groups, and is high by label when studies are not mixed at all "
        "within a label; by itself it does not show that batch effects are gone.",
        f"Rousseeuw 1987, doi:10.1016/0377-0427(87)90125-7; on its failure for integration: {_RAUTENSTRAUCH}",
        (-1, 1),
    ),
    Metric(
        "calinski_harabasz",
        "Calinski-Harabasz index",
        {LABEL: HIGHER, STUDY: LOWER},
        "Scatter between class means over scatter within classes, each by its degrees of freedom.",
        "No upper end: values of embeddings with different numbers of features, or of different samples, cannot be "
        "compared.",
        "Caliński & Harabasz 1974, doi:10.1080/03610927408827101",
        (0, None),
    ),
    Metric(
        "davies_bouldin",
        "Davies-Bouldin index",
        {LABEL: LOWER, STUDY: HIGHER},
        "For each class the worst overlap with another (sum of the two spreads over the distance of the centers), mean "
        "over classes.",
        "Only the closest pair of groups counts; assumes round groups.",
        "Davies & Bouldin 1979, doi:10.1109/TPAMI.1979.4766909",
        (0, None),
    ),
)
_MIXING = (
    Metric(
        "bras",
        "BRAS, mixing within labels",
        {LABEL: HIGHER},
        "Within each label: with a the mean cosine distance of a sample to those of its own study and b to those of "
        "other studies, 1 - |b - a| / max(a, b). Mean over labels of the mean over samples.",
        "Blind to whether labels are kept apart; labels that one study has are left out.",
        _RAUTENSTRAUCH,
    ),
    Metric(
        "ilisi",
        "iLISI, studies mixed",
        {STUDY: HIGHER},
        "Median over samples of the effective number of studies among the neighbours (inverse Simpson index, "
        "perplexity 30 of 90 neighbours, a third of all where there are fewer), scaled as (LISI - 1) / (studies - 1).",
        "Reaches 1 only if every study holds the same labels; mixing everything with everything scores best.",
        f"{_KORSUNSKY}; scaling: {_LUECKEN}",
    ),
    Metric(
        "clisi",
        "cLISI, labels kept apart",
        {LABEL: HIGHER},
        "As iLISI, of labels in place of studies, scaled as (labels - LISI) / (labels - 1).",
        "Near 1 for almost any embedding with well-separated labels; tells poor embeddings from fair ones only.",
        f"{_KORSUNSKY}; scaling: {_LUECKEN}",
    ),
    Metric(
        "kbet",
        "kBET, mixing within labels",
        {LABEL: HIGHER},
        "Within each label, among studies with at least 20 samples of it: share of samples around whom a chi-squared "
        "test (0.05) does not reject that studies are as frequent as in the whole label. Mean over labels.",
        "Strict: with many samples small differences are rejected; unreliable below about 20 samples a study, so such "
        "are left out.",
        _BUETTNER,
    ),
    Metric(
        "pcr",
        "PCR comparison, variance of studies removed",
        {STUDY: HIGHER},
        "Share of the variance (50 leading components) that the studies explain in the expression, and the part of it "
        "that is gone in the embedding. 0 where it grew.",
        "Variance that belongs to different labels in different studies counts as batch effect.",
        f"{_BUETTNER}; {_LUECKEN}",
    ),
)
_TRAINING = (
    Metric(
        "accuracy",
        "Accuracy of the classifier",
        {LABEL: HIGHER},
        "Share of the labelled samples of the validation split whose label the model's classifier tells.",
        "Samples of the training studies: it says nothing of a study that the model has not seen.",
        shown_by=("clrna-train", "clrna-plot"),
    ),
    Metric(
        "macro_f1",
        "Macro-F1 of the classifier",
        {LABEL: HIGHER},
        "Macro-F1 of the same labels, each weighing alike.",
        "As for accuracy.",
        _OPITZ,
        shown_by=("clrna-train", "clrna-plot"),
    ),
)

# In the order of the table of scores, those that clrna-train measures while it trains last.
METRICS: Final = {metric.key: metric for metric in (*HEADLINE, *_NEIGHBORS, *_COMPACTNESS, *_MIXING, *_TRAINING)}
SCORED: Final = tuple(metric for metric in METRICS.values() if "clrna-score" in metric.shown_by)


def scored_metrics(keys: Collection[str] | None = None) -> list[Metric]:
    """Return what is known of the metrics of a table of scores, in its order; of all metrics if ``keys`` is None."""
    return [metric for metric in SCORED if keys is None or metric.key in keys]


def metric_name(key: str, label_key: str = "") -> str:
    """Return how a metric is called in figures, with the name of the label in place of the word."""
    name = METRICS[key].title if key in METRICS else key.replace("_", " ")
    return name.replace("Label", label_key.replace("_", " ").capitalize(), 1) if label_key else name
