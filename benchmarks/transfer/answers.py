"""The rows of the suites: each a way from a trial to codes, labels and flags of the query's samples."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from executables import Refused, run_encode
from expressions import EXPRESSION, shared
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.pipeline import make_pipeline
from trials import Trial, truth_of

from clrna.baselines.principal_components import pca
from clrna.baselines.standardized import standardize_by_study
from clrna.constants import X_CLRNA
from clrna.donors import own_donor_where_unknown
from clrna.errors import ClrnaError
from clrna.io.contract import text_column
from clrna.io.hdf5.h5ad import read_h5ad
from clrna.metrics.majority_vote import majority_vote
from clrna.metrics.neighbors import nearest_neighbors
from clrna.metrics.retrieval_rank import retrieval_rank

N_NEIGHBORS = 5
N_COMPS = 50
LDA_COMPS = 150


@dataclass(frozen=True)
class Answer:
    """Codes of reference and query; label, confidence and flags of the query where the row has them."""

    reference: NDArray
    query: NDArray
    labels: NDArray | None = None
    confidence: NDArray | None = None
    unlike: NDArray | None = None
    uncertain: NDArray | None = None
    second: NDArray | None = None
    margin: NDArray | None = None


def of_executables(*options: str) -> Callable[[Trial], Answer]:
    """Return the row of the default model: merged, trained and encoded by the executables, in the query's own unit."""

    def answer(trial: Trial) -> Answer:
        reference = trial.reference
        model = reference.model(reference.merged)
        output = trial.query.folder / "encoded.h5ad"
        run_encode(trial.query.path, model, output, *options, threads=reference.threads)
        codes = reference.encoded(reference.merged, model, *options).obsm[X_CLRNA]
        return _from_file(codes, output)

    return answer


def original_20(trial: Trial) -> Answer:
    """Return the published network's codes, of z-scored samples: it has no way between units."""
    reference = trial.reference
    model = reference.model(reference.zscored, "--preset", "original-20", "--standardize", "genes")
    output = trial.query.folder / "original.h5ad"
    run_encode(trial.query.zscored(), model, output, "--min-coverage", "0", threads=reference.threads)
    return _from_file(reference.encoded(reference.zscored, model).obsm[X_CLRNA], output)


def _from_file(reference: NDArray, path: object) -> Answer:
    adata = read_h5ad(path)
    obs = adata.obs
    flags = {
        name: obs[f"clrna_{column}"].astype(bool).to_numpy() if f"clrna_{column}" in obs else None
        for name, column in (("unlike", "unlike_training"), ("uncertain", "uncertain"))
    }
    labels, confidence = text_column(obs["clrna_label"]), obs["clrna_confidence"].to_numpy(dtype=float)
    second = text_column(obs["clrna_second"]) if "clrna_second" in obs else None
    margin = obs["clrna_margin"].to_numpy(dtype=float) if "clrna_margin" in obs else None
    return Answer(reference, adata.obsm[X_CLRNA], labels, confidence, second=second, margin=margin, **flags)


def components_of(expression: Callable[[Trial], NDArray]) -> Callable[[Trial], Answer]:
    """Return the row of the principal components of all samples' expression, the reference's first."""

    def answer(trial: Trial) -> Answer:
        codes, n_known = pca(expression(trial), N_COMPS, 0), len(trial.reference.expression.values)
        return Answer(codes[:n_known], codes[n_known:])

    return answer


def lda(by_study: bool) -> Callable[[Trial], Answer]:
    """Return shrinkage LDA (equal priors, 150 components) of z-scored samples, standardized by study or as they are."""

    def answer(trial: Trial) -> Answer:
        values, studies, known = shared(trial)
        if by_study:
            values = standardize_by_study(values, studies)
        labels = trial.reference.expression.labels
        train = values[known][labels != ""]
        classes = labels[labels != ""].astype(str)
        n_classes = len(set(classes))
        n_comps = min(LDA_COMPS, len(train) - n_classes, train.shape[1])
        equal = np.full(n_classes, 1 / n_classes)
        model = make_pipeline(
            PCA(n_comps, random_state=0), LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto", priors=equal)
        ).fit(train, classes)
        chances = model.predict_proba(values[~known])
        labels = model.classes_.astype(object)[chances.argmax(axis=1)]
        codes = model.transform(values)
        return Answer(codes[known], codes[~known], labels, chances.max(axis=1))

    return answer


@dataclass(frozen=True)
class Row:
    """How a row answers, whether it looks at each sample alone, and whether it is run without being asked for."""

    answer: Callable[[Trial], Answer]
    is_alone: bool = False
    is_usual: bool = True


ROWS: dict[str, Row] = {
    "default": Row(of_executables()),
    "alone": Row(of_executables("--adapt", "none"), is_alone=True),
    "combat": Row(components_of(EXPRESSION["combat"])),
    "corrected": Row(components_of(EXPRESSION["corrected"])),
    "study-lda": Row(lda(by_study=True)),
    "original-20": Row(original_20, is_alone=True),
    "lda": Row(lda(by_study=False), is_alone=True),
    "any-coverage": Row(of_executables("--min-coverage", "0"), is_usual=False),
    "alone-any-coverage": Row(of_executables("--min-coverage", "0", "--adapt", "none"), is_alone=True, is_usual=False),
    "uncorrected": Row(components_of(EXPRESSION["uncorrected"]), is_alone=True, is_usual=False),
    "combat-ref": Row(components_of(EXPRESSION["combat-ref"]), is_usual=False),
    "limma": Row(components_of(EXPRESSION["limma"]), is_usual=False),
    "corrected-alone": Row(components_of(EXPRESSION["corrected-alone"]), is_alone=True, is_usual=False),
}


def ask(trial: Trial, name: str) -> pd.DataFrame:
    """Return what a row says of each sample of the query, beside the truth.

    A study that the row refuses is answered wrongly throughout. A row without labels of its own says what the
    neighbours say.
    """
    table = truth_of(trial)
    table.insert(0, "row", name)
    for column, value in (("condition", trial.condition), ("cohort", trial.cohort), ("group", trial.group)):
        table.insert(0, column, value)
    table["neighbors"] = table["label"] = table["second"] = table["refused"] = ""
    table["confidence"] = table["unlike"] = table["uncertain"] = table["margin"] = np.nan
    table["found"] = np.where(table["replicate"], 0.0, np.nan)
    try:
        answer = ROWS[name].answer(trial)
    except (Refused, ClrnaError) as error:
        return table.assign(refused=str(error))
    table["neighbors"] = vote(trial, answer)
    table["label"] = table["neighbors"] if answer.labels is None else answer.labels
    if answer.second is not None:
        table["second"] = answer.second
    for column in ("confidence", "unlike", "uncertain", "margin"):
        values = getattr(answer, column)
        if values is not None:
            table[column] = values.astype(float)
    return table.assign(found=replicates_found(trial, answer).where(table["replicate"]))


def vote(trial: Trial, answer: Answer) -> NDArray:
    """Return the tissue of most of the 5 nearest labelled reference samples of other donors."""
    reference, owners = trial.reference.expression, _owners(trial)
    labelled = reference.labels != ""
    names, codes = np.unique(reference.labels[labelled].astype(str), return_inverse=True)
    of_query, of_reference = owners[len(labelled) :], owners[: len(labelled)][labelled]
    nearest, _ = nearest_neighbors(
        answer.query, answer.reference[labelled], N_NEIGHBORS, "cosine", of_query, of_reference
    )
    voted = majority_vote(nearest, codes, len(names))
    return np.where(voted < 0, "", names.astype(object)[voted])


def replicates_found(trial: Trial, answer: Answer) -> pd.Series:
    """Return 1 where the nearest reference sample is the same donor, 0 where not."""
    n_reference, owners = len(trial.reference.expression.donors), _owners(trial)
    ranks = retrieval_rank(answer.query, answer.reference, owners[n_reference:], owners[:n_reference])
    return pd.Series((ranks == 1).astype(float))


def _owners(trial: Trial) -> NDArray[np.intp]:
    return own_donor_where_unknown(np.concatenate([trial.reference.expression.donors, trial.query.expression.donors]))
