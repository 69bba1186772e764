"""The model as an estimator of scikit-learn: rows in; features, classes and their probabilities out."""

from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import Tags
from sklearn.utils.validation import check_is_fitted, validate_data

from clrna.api.model import Model
from clrna.api.parameters import check_choice, check_number
from clrna.api.python_words import speaks_python
from clrna.api.rows import given_names, labels_and_classes, seed_of
from clrna.api.settings import settings_of
from clrna.constants import ENSEMBL_ID, ENTREZ_ID, UNLABELLED
from clrna.encode.arrays import EncodedSamples, encode_array
from clrna.encode.options import EncodeOptions
from clrna.model.class_probabilities import class_probabilities
from clrna.model.settings import MIN_CLASS_SIZE

_ONE_STUDY = "study"


class CenterLossEncoder(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClassifierMixin, BaseEstimator):
    """Features in which samples of one class lie close together, whichever study measured them.

    What :func:`clrna.tl.train` and :func:`clrna.tl.encode` compute, for rows and columns of an array: use it in a
    ``Pipeline``, under ``cross_val_score`` with ``LeaveOneGroupOut``, or where there is no AnnData. Features are known
    by their place, and each sample is standardized by itself, so give logarithms of many genes in one unit.
    All samples are trained on; a network (``epochs``) keeps its last epoch, and its confidence is not calibrated.

    Parameters
    ----------
    preset
        ``'default'``, or a published network: ``'original-943'``, ``'original-40'``, ``'original-20'``.
    latent_dim, epochs, standardize
        In place of the preset's; None keeps it.
    adapt
        How the samples of a study that :meth:`transform` and :meth:`predict` are told of are placed: ``'auto'``,
        ``'study'`` or ``'none'``, as for :func:`clrna.tl.encode`. Samples whose study is not told are each placed
        alone.
    min_class_size
        Classes of fewer samples are not learned.
    device, precision
        Where and in which arithmetic to train.
    random_state
        Seed of all random numbers, or a ``RandomState``.

    Attributes
    ----------
    classes_
        Classes that are told apart, sorted.
    model_
        The trained model. Where the features have the names of genes it encodes AnnData too, and can be saved.
    n_features_in_
        Number of features that :meth:`fit` saw.
    feature_names_in_
        Their names, where all are text.

    Examples
    --------
    >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
    >>> encoder = clrna.CenterLossEncoder(latent_dim=20).fit(X, y, study=study)
    >>> encoder.transform(X, study=study).shape
    (108, 20)
    >>> encoder.classes_.tolist()
    ['Bowel', 'Breast', 'Lung']

    How well labels of a study are found that was left out:

    >>> import sklearn
    >>> from sklearn.model_selection import LeaveOneGroupOut, cross_val_score
    >>> with sklearn.config_context(enable_metadata_routing=True):
    ...     told = clrna.CenterLossEncoder().set_fit_request(study=True).set_score_request(study=True)
    ...     scores = cross_val_score(told, X, y, cv=LeaveOneGroupOut(), params={"groups": study, "study": study})
    >>> len(scores)
    3
    """

    def __init__(
        self,
        *,
        preset: str = "default",
        latent_dim: int | None = None,
        epochs: int | None = None,
        standardize: str | None = None,
        adapt: str = EncodeOptions.adapt,
        min_class_size: int = MIN_CLASS_SIZE,
        device: str = "auto",
        precision: str = "auto",
        random_state: int | np.random.RandomState | None = 0,
    ) -> None:
        self.preset = preset
        self.latent_dim = latent_dim
        self.epochs = epochs
        self.standardize = standardize
        self.adapt = adapt
        self.min_class_size = min_class_size
        self.device = device
        self.precision = precision
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        """Return what scikit-learn asks of an estimator: of two or three features nothing can be learned."""
        tags = super().__sklearn_tags__()
        tags.classifier_tags.poor_score = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags

    @speaks_python
    def fit(
        self, X: ArrayLike, y: ArrayLike, *, study: ArrayLike | None = None, donor: ArrayLike | None = None
    ) -> Self:
        """Learn features and classes.

        Parameters
        ----------
        X
            Shape (samples, features), logarithms of expression.
        y
            Class of each sample; -1, NaN, None or '' where it has none, which helps too.
        study
            Study of each sample; one for all if None, though several are what a model that transfers wants.
        donor
            Donor of each sample, of which the model knows later whether it has seen them.

        Returns
        -------
        The fitted estimator.

        Examples
        --------
        >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
        >>> clrna.CenterLossEncoder().fit(X, y, study=study).n_features_in_
        300
        """
        from clrna.model.device import choose_device, choose_precision
        from clrna.train.fit import fit_model
        from clrna.train.samples import TrainingSamples

        check_choice("adapt", self.adapt, ("auto", "study", "none"))
        check_number("min_class_size", self.min_class_size, 1, whole=True)
        given = {"latent_dim": self.latent_dim, "epochs": self.epochs, "standardize": self.standardize}
        settings = settings_of(self.preset, {name: value for name, value in given.items() if value is not None})
        values = validate_data(self, X, dtype=np.float32, ensure_min_samples=2, ensure_min_features=2)
        labels, classes = labels_and_classes(y, len(values), type(self).__name__)
        samples = TrainingSamples(
            labels=labels,
            studies=given_names("study", study, len(values), _ONE_STUDY, needed=True),
            donors=given_names("donor", donor, len(values), ""),
            scales=np.full(len(values), "log2_expression" if values.min() >= 0 else "log2_ratio", dtype=object),
            split=np.full(len(values), "train", dtype=object),
            origin="X",
        )
        device = choose_device(self.device)
        fit = fit_model(
            values, self._genes(), samples, settings, label_key="y", min_class_size=self.min_class_size,
            seed=seed_of(self.random_state), device=device, precision=choose_precision(self.precision, device),
        )  # fmt: skip
        self.model_ = Model._as_saved(fit.model, self.device, "auto")
        self.classes_ = classes[[str(name) in self.model_.classes for name in classes]]
        return self

    @speaks_python
    def fit_transform(
        self, X: ArrayLike, y: ArrayLike, *, study: ArrayLike | None = None, donor: ArrayLike | None = None
    ) -> Any:
        """Learn features and classes, and return the features.

        Parameters
        ----------
        X, y, study, donor
            As for :meth:`fit`; the samples are placed by their studies too.

        Returns
        -------
        As of :meth:`transform`.

        Examples
        --------
        >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
        >>> clrna.CenterLossEncoder().fit_transform(X, y, study=study).shape
        (108, 200)
        """
        return self.fit(X, y, study=study, donor=donor).transform(X, study=study)

    @speaks_python
    def transform(self, X: ArrayLike, *, study: ArrayLike | None = None) -> Any:
        """Return the features of samples.

        Parameters
        ----------
        X
            Shape (samples, features), the features that were seen in :meth:`fit`.
        study
            Study of each sample, placed by what its samples say of their classes; None or '' where it is not known.

        Returns
        -------
        float32 of shape (samples, latent_dim); a DataFrame after ``set_output(transform="pandas")``.

        Examples
        --------
        >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
        >>> encoder = clrna.CenterLossEncoder(latent_dim=2).set_output(transform="pandas").fit(X, y, study=study)
        >>> list(encoder.transform(X, study=study))
        ['centerlossencoder0', 'centerlossencoder1']
        """
        return self._encoded(X, study).features

    @speaks_python
    def predict(self, X: ArrayLike, *, study: ArrayLike | None = None) -> NDArray:
        """Return the most probable class of samples.

        Parameters
        ----------
        X, study
            As for :meth:`transform`.

        Returns
        -------
        Shape (samples,).

        Examples
        --------
        >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
        >>> encoder = clrna.CenterLossEncoder().fit(X, y, study=study)
        >>> encoder.predict(X[:2], study=study[:2]).tolist() == y[:2].tolist()
        True
        """
        found = self._encoded(X, study)
        return self.classes_[self._in_order(found.log_odds).argmax(axis=1)]

    @speaks_python
    def predict_proba(self, X: ArrayLike, *, study: ArrayLike | None = None) -> NDArray[np.float64]:
        """Return the probability of each class.

        The largest is the confidence that :func:`clrna.tl.encode` gives the label, which was learned from studies that
        were left out; the other classes share the rest by their log odds.

        Parameters
        ----------
        X, study
            As for :meth:`transform`.

        Returns
        -------
        Shape (samples, classes), in the order of ``classes_``; rows sum to one.

        Examples
        --------
        >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
        >>> encoder = clrna.CenterLossEncoder().fit(X, y, study=study)
        >>> float(encoder.predict_proba(X, study=study).sum(axis=1).min().round(9))
        1.0
        """
        found = self._encoded(X, study)
        return class_probabilities(self._in_order(found.log_odds), found.confidence)

    @speaks_python
    def score(
        self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None, *, study: ArrayLike | None = None
    ) -> float:
        """Return the share of samples with a class that is found.

        Parameters
        ----------
        X, study
            As for :meth:`transform`.
        y
            Class of each sample; those without one, as for :meth:`fit`, do not count.
        sample_weight
            Weight of each sample.

        Returns
        -------
        From 0 to 1.

        Examples
        --------
        >>> X, y, study = adata.to_df(), adata.obs["tissue"], adata.obs["study"]
        >>> clrna.CenterLossEncoder().fit(X, y, study=study).score(X, y, study=study)
        1.0
        """
        found = self.predict(X, study=study)
        there = labels_and_classes(y, len(found), type(self).__name__, at_least=1)[0] != UNLABELLED
        weight = None if sample_weight is None else np.asarray(sample_weight)[there]
        right = np.asarray(y, dtype=object).ravel()[there] == found.astype(object)[there]
        return float(np.average(right, weights=weight))

    @property
    def _n_features_out(self) -> int:
        return self.model_.latent_dim

    def _encoded(self, X: ArrayLike, study: ArrayLike | None) -> EncodedSamples:
        check_is_fitted(self)
        values = validate_data(self, X, dtype=np.float32, reset=False)
        return encode_array(self.model_, values, given_names("study", study, len(values), ""), adapt=self.adapt)

    def _in_order(self, of_classes: NDArray) -> NDArray:
        """Return columns of the model's classes, which are sorted as text, in the order of ``classes_``."""
        return of_classes[:, [self.model_.classes.index(str(name)) for name in self.classes_]]

    def _genes(self) -> pd.DataFrame:
        names = getattr(self, "feature_names_in_", [f"x{number}" for number in range(self.n_features_in_)])
        unknown = np.full(len(names), "", dtype=object)
        return pd.DataFrame({ENSEMBL_ID: unknown, ENTREZ_ID: unknown}, index=pd.Index(names, dtype=object))
