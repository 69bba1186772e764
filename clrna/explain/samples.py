"""The genes for and against the labels of samples, block after block."""

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.encode.encoded_block import EncodedBlock
from clrna.encode.encoder import Encoder
from clrna.encode.opening import OpenInput
from clrna.explain.class_inputs import ClassInputs, training_mean
from clrna.explain.logit_path import ROWS, LogitPath, against_one, against_others
from clrna.explain.options import ALL_OTHERS
from clrna.explain.table import gene_rows
from clrna.results.gene_table import OTHERS


class SampleRows:
    """Makes the rows of samples.

    Parameters
    ----------
    encoder, given
        The samples and what encodes them.
    path
        The model's way from genes to logits.
    label
        Number of the label that is asked for; None for the predicted one of each sample.
    against
        ``others``; ``second``, the label that is next after it; or the number of a label, which then has no rows.
    n_genes
        Genes for and against, each; 0 for all.

    Attributes
    ----------
    n_left_out
        Samples so far that have no rows, their label being the one that others are told from.
    """

    def __init__(
        self, encoder: Encoder, given: OpenInput, path: LogitPath, label: int | None, against: str | int, n_genes: int
    ) -> None:
        self._encoder, self._given, self._path = encoder, given, path
        self._label, self._against, self._n_genes = label, against, n_genes
        self._start = training_mean(encoder.model)[None]
        self.n_left_out = 0

    def class_inputs(self) -> ClassInputs:
        """Return the mean input of the samples of each predicted label."""
        means = ClassInputs(len(self._encoder.model.classes), self._encoder.model.n_genes)
        for block in self._encoder.blocks(inputs=True):
            inputs, measured = _inputs_of(block)
            means.update(inputs, measured, block.label)
        return means

    def tables(self) -> Iterator[pd.DataFrame]:
        """Yield the rows of some samples after the other, first sample to last."""
        for block in self._encoder.blocks(inputs=True):
            for start in range(0, len(block.label), ROWS):
                yield self._table(block, slice(start, start + ROWS))

    def _table(self, block: EncodedBlock, part: slice) -> pd.DataFrame:
        model = self._encoder.model
        inputs, measured = (array[part] for array in _inputs_of(block))
        labels = block.label[part] if self._label is None else np.full(len(inputs), self._label)
        told = labels != self._against if isinstance(self._against, int) else np.ones(len(labels), dtype=bool)
        self.n_left_out += int((~told).sum())
        inputs, measured, labels = inputs[told], measured[told], labels[told]
        contrast, against = self._contrast(labels, block.log_odds[part][told])
        found = self._path.contributions(self._start, inputs, contrast)
        samples = np.arange(block.rows.start, block.rows.stop)[part][told]
        about = {
            "label": [model.classes[number] for number in labels],
            "against": against,
            "sample": self._given.sample_names[samples].tolist(),
            "study": self._given.studies[samples].tolist(),
        }
        return gene_rows(found, measured, model.genes, self._n_genes, about)

    def _contrast(self, labels: NDArray, log_odds: NDArray) -> tuple[NDArray[np.float64], list[str]]:
        classes = self._encoder.model.classes
        if self._against == ALL_OTHERS:
            return against_others(labels, len(classes)), [OTHERS] * len(labels)
        if isinstance(self._against, int):
            one = np.full(len(labels), self._against)
            return against_one(labels, one, len(classes)), [classes[self._against]] * len(labels)
        order = np.argsort(-log_odds, axis=1, kind="stable")  # as the label and the second one are chosen
        second = np.where(order[:, 0] == labels, order[:, 1], order[:, 0])
        return against_one(labels, second, len(classes)), [classes[number] for number in second]


def _inputs_of(block: EncodedBlock) -> tuple[NDArray, NDArray[np.bool_]]:
    if block.inputs is None or block.measured is None:
        raise RuntimeError("the block was made without the network's input")
    return block.inputs, block.measured
