"""Encode an AnnData that is in memory, or whose matrix is left on disk, as ``clrna-encode`` encodes a file."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from anndata import AnnData
from scipy import sparse

from clrna.constants import UNS, UNS_MODELS
from clrna.encode import record
from clrna.encode.corrected_layer import corrected_entry, refuse_taken_layer, target_of
from clrna.encode.encoder import Encoder
from clrna.encode.files import log_results, recognizer_of, seen_by_model
from clrna.encode.names import ResultNames, names_for
from clrna.encode.opening import OpenInput, match_input
from clrna.encode.options import EncodeOptions
from clrna.encode.plan import StudyPlan
from clrna.encode.recognition import Recognized
from clrna.encode.results import SampleResults, columns_of, refuse_taken, wanted_places
from clrna.errors import InputError
from clrna.io.hdf5.frame_check import check_frame
from clrna.io.hdf5.h5ad import stored_values
from clrna.io.provenance import make_record, records_fault, records_of, with_records
from clrna.model.model import Model, known_donors
from clrna.quoted import in_quotes


class MemoryMatrix:
    """``X``, or a layer, of an AnnData: an array, sparse, or on disk where it is backed.

    Parameters
    ----------
    stored
        What AnnData holds.
    name
        For errors.
    """

    def __init__(self, stored: Any, name: str) -> None:
        if getattr(stored, "ndim", 2) != 2 or np.dtype(getattr(stored, "dtype", object)).kind not in "fiub":
            raise InputError(f"{name} is no matrix of numbers; give expression values, samples x genes")
        self._stored = stored

    @property
    def shape(self) -> tuple[int, int]:
        """Samples and genes."""
        return self._stored.shape

    def rows(self, start: int, stop: int) -> np.ndarray:
        """Return samples ``start`` to ``stop`` as float32 of shape (samples, genes), a copy of them."""
        part = self._stored[start:stop]
        return np.array(part.toarray() if sparse.issparse(part) else part, dtype=np.float32)


def encode_adata(
    adata: AnnData, origin: Path, model: Model, model_name: str, model_sha256: str, options: EncodeOptions
) -> StudyPlan:
    """Add the codes and predictions of its samples to ``adata``, or leave it as it was.

    Parameters
    ----------
    adata
        Samples to encode.
    origin
        How errors call it.
    model
        The trained model.
    model_name, model_sha256
        Name of the model's file and its checksum, for the record.
    options
        How to encode.

    Returns
    -------
    How each study was standardized.

    Raises
    ------
    InputError
        It lacks too many of the model's genes, or is in another unit.
    UsageError
        ``options.key_added`` or ``options.corrected_layer`` cannot be used, ``options.input_scale`` is no scale, or
        the model does not know ``options.corrected_to``.
    """
    target = target_of(model, options)
    names, own = names_for(options.key_added), adata.uns.get(UNS, {})
    fault = records_fault(own)
    if fault:
        raise InputError(f"{origin}: {fault}")
    refuse_taken(names, _taken(adata, names), own)
    refuse_taken_layer(options, list(adata.layers), own)
    given = open_adata(adata, origin, model, options)
    given.plan.log()
    encoder = Encoder(
        model, given.source(options.chunk_size), given.plan, target=target, codes_only=not options.reconstruct
    )
    encoder.log_placements()
    encoder.inspection.log(given.alignment.model_symbols, adata.n_obs)
    entry = {
        **record.model_entry(model, model_name, model_sha256, names),
        **record.run_entry(options.adapt, given.plan, given.conversions, given.alignment, encoder.inspection),
        **corrected_entry(options, target),
    }
    run = make_record("encode", dataclasses.asdict(options), [], **record.facts(entry))
    recognized = _add_results(adata, encoder, given, options, names)
    entry = {**entry, **record.recognized_entry(given.plan, recognized)}
    own = {**own, UNS_MODELS: {**own.get(UNS_MODELS, {}), options.key_added: entry}}
    adata.uns[UNS] = with_records(own, [*records_of(own), *record.chain_of(model), run])
    return given.plan


def open_adata(adata: AnnData, origin: Path, model: Model, options: EncodeOptions) -> OpenInput:
    """Match the samples of ``adata`` with a model; errors call it ``origin``.

    Raises
    ------
    InputError
        It lacks too many of the model's genes, or is in another unit.
    """
    obs, var = adata.obs.copy(), adata.var.copy()
    for what, frame in (("obs", obs), ("var", var)):
        check_frame(frame, what, origin)
    where = "X" if options.layer is None else f"layers[{in_quotes(options.layer)}]"
    matrix = MemoryMatrix(stored_values(adata, options.layer, origin), f"{origin}: {where}")
    return match_input(obs, var, matrix, origin, model, options)


def _taken(adata: AnnData, names: ResultNames) -> list[str]:
    there: Mapping[str, Any] = {"obsm": adata.obsm, "obs": adata.obs}
    places = [where.split("/", 1) for where in wanted_places(names)]
    return ["/".join(place) for place in places if place[1] in there[place[0]]]


def _add_results(
    adata: AnnData, encoder: Encoder, given: OpenInput, options: EncodeOptions, names: ResultNames
) -> Recognized:
    """Encode, add the results once all of them are there, and return which samples were recognised."""
    model, n_samples = encoder.model, len(given.sample_names)
    found = SampleResults.empty(n_samples)
    codes = np.empty((n_samples, model.latent_dim), dtype=np.float32)
    shape = (n_samples, len(given.alignment.symbols))
    layer = np.empty(shape, dtype=np.float32) if options.reconstruct else None
    corrected = None if options.corrected_layer is None else np.empty(shape, dtype=np.float32)
    recognizer = recognizer_of(model, given)
    for block in recognizer.watch(encoder.blocks(reconstruct=options.reconstruct)):
        codes[block.rows] = block.features
        if layer is not None and block.reconstruction is not None:
            layer[block.rows] = given.alignment.scatter(block.reconstruction)
        if corrected is not None and block.corrected is not None:
            corrected[block.rows] = given.alignment.scatter(block.corrected)
        found.take(block)
    seen, recognized = seen_by_model(model, given, recognizer)
    adata.obsm[names.codes] = codes
    if layer is not None:
        adata.layers[names.reconstruction] = layer
    if corrected is not None:
        adata.layers[options.corrected_layer] = corrected
    for name, values in columns_of(names, found, model.classes, seen).items():
        adata.obs[name] = values
    recognized.log(given.studies, known_donors(given.donors, model.training_donors))
    log_results(found, seen)
    return recognized
