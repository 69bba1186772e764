"""Encode the samples of one study, each standardized by itself, with the study placed next to the training studies."""

import numpy as np
from numpy.typing import NDArray

from clrna.encode.direct_codes import DirectCodes
from clrna.encode.study_correction import StudyCorrection, TargetLevels
from clrna.errors import InputError
from clrna.model.centering import Centering, CommonProfile
from clrna.model.chosen_rows import ChosenRows
from clrna.model.measured_genes import measured_genes
from clrna.model.model import Model
from clrna.model.study_placement import (
    Adaptation,
    GenesThere,
    Placement,
    place_study,
    placed_coordinates,
)
from clrna.model.transfer import TransferStatistics

# Share of the model's genes that a study needs: arrays of the first years have about as many.
ENOUGH_GENES = 0.4


class SamplePlacer:
    """Learns in passes over a study how it is placed, then encodes its samples.

    The first pass finds out which genes the study has. The second looks at a bounded number of samples; memory does
    not grow with how many there are. Where the first samples have the genes that all have, which is the rule, the first
    pass does the second one's work too.

    Parameters
    ----------
    model
        A trained model with ``transfer`` statistics.
    adapt
        How the study is placed, see :func:`clrna.model.study_placement.place_study`.
    target
        What expression is to be brought to, which takes another pass; None where it is not.

    Attributes
    ----------
    placement
        How the study was placed; None before the passes are done.
    centering
        Whether its genes were centered; None as well.
    moved
        What its samples say of being moved by their mean, as if the level of genes had been subtracted; None where
        they are not.
    """

    def __init__(self, model: Model, adapt: Adaptation, target: TargetLevels | None = None) -> None:
        if model.transfer is None:
            raise ValueError("the model holds no statistics of classes and studies")
        self.model = model
        self.placement: Placement | None = None
        self.centering: Centering | None = None
        self.moved: Centering | None = None
        self._transfer = model.transfer
        self._adapt = adapt
        self._n_samples = 0
        self._least = np.full(model.n_genes, np.inf)
        self._most = np.full(model.n_genes, -np.inf)
        self._there: GenesThere | None = None
        self._chosen = ChosenRows(self._transfer.space.n_axes)
        self._common = CommonProfile()
        self._target = target
        self._correction: StudyCorrection | None = None
        self._direct = DirectCodes.of(model)
        self._is_ahead = True  # the samples so far have the genes of the first ones

    @property
    def n_passes(self) -> int:
        """Passes over the samples that are needed, known after the first."""
        return self._passes_to_place + (self._target is not None)

    @property
    def transfer(self) -> TransferStatistics:
        """The model's statistics."""
        return self._transfer

    @property
    def weight(self) -> float:
        """Weight of the study's shares of classes."""
        return self._placed.weight

    @property
    def kept(self) -> float:
        """What is left of the odds of a label where the study's genes were centered; 1 where they were not.

        Of samples that are placed alone it is 1 too: nothing of one may depend on the others.
        """
        return 1.0 if self.centering is None or self._adapt == "none" else self.centering.kept

    @property
    def kept_of_labels(self) -> float:
        """As :attr:`kept`, and what is left where the study's own mean was taken away at encoding."""
        return self.kept if self.moved is None else self.moved.kept

    @property
    def lacks_genes(self) -> bool:
        """Whether the study has so few of the model's genes that its samples cannot count as like the training."""
        return bool(self.there.present.mean() < ENOUGH_GENES)

    @property
    def there(self) -> GenesThere:
        """What the study's genes make of the model, known after the first pass."""
        if self._there is None:
            raise RuntimeError("the first pass is not done")
        return self._there

    @property
    def is_direct(self) -> bool:
        """Whether codes need no values of each gene but in :meth:`look`."""
        return self._direct is not None

    def update(self, number: int, values: NDArray, *, keep: bool = False) -> NDArray[np.float32] | None:
        """Take in samples of the study in pass ``number``.

        Parameters
        ----------
        number
            From 0.
        values
            Shape (samples, genes), NaN where there is no value.
        keep
            Whether the first pass is to return what :meth:`look` gives of them.

        Returns
        -------
        None where that is not asked for, or not known before the end of the pass.
        """
        if number == 0:
            self._n_samples += len(values)
            self._least = np.fmin(self._least, np.fmin.reduce(values, axis=0))
            self._most = np.fmax(self._most, np.fmax.reduce(values, axis=0))
            return self._look_ahead(values, keep)
        if number < self._passes_to_place:
            self._choose(values)
        elif self._correction is not None and self._placed.offset is not None:
            scaled, products = self._scaled_and_products(values)
            log_odds = self.there.evidence.log_odds(products)
            expected = self._placed.memberships(log_odds) @ self.there.statistics.placed_means
            self._correction.update(scaled, products, expected)
        return None

    def finish(self, number: int) -> None:
        """End pass ``number``."""
        if number < self._passes_to_place - 1:
            self._there, self._is_ahead = (
                self._genes_there(measured_genes(self._least, self._most, self._n_samples)),
                False,
            )
        elif number == self._passes_to_place - 1:
            try:
                self._find_place()
            except np.linalg.LinAlgError as error:
                what = f"the model's statistics of classes cannot be computed with ({error})"
                raise InputError(f"{what}; train or fetch it anew") from error

    def _find_place(self) -> None:
        self.placement = place_study(
            self.there, self._chosen.rows, self._n_samples, self._adapt, self._votes_of_coordinates
        )
        level = self._common.level(self.there.space, self.there.present)
        self.centering = Centering.of(level, self.there, self._chosen.rows)
        if self._adapt == "study":
            self.moved = Centering.of(0.0, self.there, self._chosen.rows)
        if self._target is not None:
            self._correction = StudyCorrection(self._target, self.there)

    def look(self, values: NDArray) -> NDArray[np.float32]:
        """Return all that :meth:`place` needs to know of samples, shape (samples, axes and latent)."""
        return self._looked(self._scaled(values))

    def place(self, looked: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        """Return codes and log odds of the classes of samples of the study, by what :meth:`look` gave.

        Returns
        -------
        Shapes (samples, latent) and (samples, classes).
        """
        if self._direct is None:
            raise RuntimeError("the network is not linear")
        there = self.there
        n_axes = there.space.n_axes
        products, whole = looked[:, :n_axes].astype(np.float64), looked[:, n_axes:]
        coordinates, _, alone = placed_coordinates(there, products, self._placed)
        codes = self._direct.codes(coordinates) + whole
        codes -= self._direct.explained(products @ there.inverse, there)
        return codes, self._label_log_odds(alone, codes)

    def encode(
        self, values: NDArray, *, inputs: bool = False
    ) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float32] | None]:
        """Return codes and log odds of the classes of samples of the study, and the network's input if asked.

        Returns
        -------
        Shapes (samples, latent), (samples, classes) and (samples, genes).
        """
        if self.is_direct and not inputs:
            return *self.place(self.look(values)), None
        there = self.there
        scaled, products = self._scaled_and_products(values)
        coordinates, _, alone = placed_coordinates(there, products, self._placed)
        given = coordinates.astype(np.float32) @ there.space.axes.T
        given[:, there.present] += scaled - (products @ there.inverse).astype(np.float32) @ there.axes.T
        codes = self.model.encode(given)
        return codes, self._label_log_odds(alone, codes), given

    def rebuild(self, codes: NDArray[np.float32], values: NDArray) -> NDArray[np.float32]:
        """Return the expression that the network makes of codes, in the units of ``values``, shape (samples, genes)."""
        there = self.there
        products = self._products(values)
        _, offset, _ = placed_coordinates(there, products, self._placed)
        moved = self.model.reconstruct(codes) + (offset @ there.space.axes.T).astype(np.float32)
        return there.space.back(moved, values, there.present)

    def correct(self, values: NDArray) -> NDArray[np.float32]:
        """Return samples on the levels of the target, shape (samples, genes), NaN where there is no value."""
        if self._correction is None:
            raise RuntimeError("the last pass is not done, or nothing to correct to was given")
        scaled, products = self._scaled_and_products(values)
        _, offset, _ = placed_coordinates(self.there, products, self._placed)
        return self._correction.apply(values, scaled, offset)

    @property
    def _passes_to_place(self) -> int:
        return 1 if self._is_ahead and self._there is not None else 2

    @property
    def _placed(self) -> Placement:
        if self.placement is None:
            raise RuntimeError("the second pass is not done")
        return self.placement

    def _look_ahead(self, values: NDArray, keep: bool) -> NDArray[np.float32] | None:
        """Take samples of the first pass in as those of the second, while they have the genes of the first ones."""
        if not self._is_ahead:
            return None
        present = self._measured()
        if self._there is None and present.any():
            self._there = self._genes_there(present)
        self._is_ahead = self._there is not None and bool((present == self._there.present).all())
        if not self._is_ahead:
            self._there, self._chosen = None, ChosenRows(self._transfer.space.n_axes)
            self._common = CommonProfile()
            return None
        if not keep:
            self._choose(values)
            return None
        scaled = self._scaled(values)
        self._common.update(scaled)
        looked = self._looked(scaled)
        self._chosen.update(looked[:, : self._transfer.space.n_axes].astype(np.float64))
        return looked

    def _looked(self, scaled: NDArray[np.float32]) -> NDArray[np.float32]:
        if self._direct is None:
            raise RuntimeError("the network is not linear")
        return np.concatenate([self.there.products(scaled), self._direct.whole(scaled, self.there)], axis=1)

    def _choose(self, values: NDArray) -> None:
        self._common.update(self._scaled(values[: self._common.n_wanted]))
        self._chosen.take(len(values), lambda chosen: self._products(values[chosen]))

    def _measured(self) -> NDArray[np.bool_]:
        return measured_genes(self._least, self._most, self._n_samples)

    def _genes_there(self, present: NDArray[np.bool_]) -> GenesThere:
        return GenesThere(self._transfer.space, self._transfer.classes, present)

    def _products(self, values: NDArray) -> NDArray[np.float64]:
        return self._scaled_and_products(values)[1]

    def _scaled(self, values: NDArray) -> NDArray[np.float32]:
        return self.there.space.scaled(values, self.there.present)

    def _scaled_and_products(self, values: NDArray) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
        scaled = self._scaled(values)
        return scaled, self.there.products(scaled).astype(np.float64)

    def _votes_of_coordinates(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        if self._direct is not None:
            return self._transfer.votes(self._direct.codes(coordinates))
        given = (coordinates @ self.there.space.axes.T.astype(np.float64)).astype(np.float32)
        return self._transfer.votes(self.model.encode(given))

    def _label_log_odds(self, alone: NDArray, codes: NDArray) -> NDArray[np.float64]:
        placed = self.model.logits(codes).astype(np.float64)
        return self._placed.label_log_odds(alone, placed, self._transfer.votes(codes))
