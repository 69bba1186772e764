"""Encode an ``.h5ad`` into another, in blocks: memory does not grow with the number of samples."""

import dataclasses
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from clrna.constants import UNLABELLED, UNS_MODELS
from clrna.encode import elements, record, results
from clrna.encode.copied import check_copied
from clrna.encode.corrected_layer import corrected_entry, refuse_taken_layer, target_of
from clrna.encode.encoder import Encoder
from clrna.encode.names import names_for
from clrna.encode.opening import OpenInput, open_input
from clrna.encode.options import EncodeOptions
from clrna.encode.plan import StudyPlan
from clrna.encode.recognition import Recognized, Recognizer
from clrna.io.hdf5.anndata_errors import elements_named
from clrna.io.hdf5.h5ad import check_is_h5ad, named
from clrna.io.hdf5.opened import opened
from clrna.io.matrix.quantifier_folder import files_behind
from clrna.io.output.atomic import replacing
from clrna.io.output.scratch import scratch
from clrna.io.provenance import make_record, records_of, sha256_of, with_records
from clrna.io.unchanged import refuse_changed
from clrna.model.model import Model, known_donors
from clrna.stages import stage

logger = logging.getLogger("clrna")


def encode_file(
    source: Path,
    target: Path,
    model: Model,
    model_path: Path,
    options: EncodeOptions,
    *,
    parameters: Mapping[str, Any] | None = None,
    made_from: Path | None = None,
) -> StudyPlan:
    """Write ``source`` with the codes and predictions of its samples to ``target``, whole or not at all.

    Everything that ``source`` holds is copied as it is. Samples are read in blocks: once to look at them,
    once for each pass that the studies' own statistics take, and once to encode where the first look kept too little.

    Parameters
    ----------
    source
        The ``.h5ad`` to encode.
    target
        The file to write.
    model, model_path
        The trained model, and the file it came from.
    options
        How to encode.
    parameters
        What the provenance record says was asked for; ``options`` if None.
    made_from
        The file or folder that ``source`` was made from where that is temporary: messages and the record name it.

    Returns
    -------
    How each study was standardized.

    Raises
    ------
    InputError
        The file is damaged, lacks too many of the model's genes, or is in another unit.
    UsageError
        ``options.key_added`` or ``options.corrected_layer`` cannot be used, ``options.input_scale`` is no scale, or
        the model does not know ``options.corrected_to``.
    """
    check_is_h5ad(source)
    target_levels, digest = target_of(model, options), sha256_of(model_path)
    names, shown = names_for(options.key_added), made_from or source
    with (
        named(shown),
        scratch("encode") as folder,
        opened(source) as file,
    ):
        check_copied(file, shown)
        results.check_own_uns(file, shown)
        results.check_free(file, names)
        refuse_taken_layer(options, results.layers_of(file), results.read_own_uns(file))
        with stage("matching genes and units"):
            given = open_input(file, shown, model, options, folder)
        given.plan.log()
        with stage("looking at the samples"):
            samples, codes_only = given.source(options.chunk_size), not options.reconstruct
            encoder = Encoder(model, samples, given.plan, target=target_levels, codes_only=codes_only)
        encoder.log_placements()
        encoder.inspection.log(given.alignment.model_symbols, len(given.sample_names))
        entry = {
            **record.model_entry(model, model_path.name, digest, names),
            **record.run_entry(options.adapt, given.plan, given.conversions, given.alignment, encoder.inspection),
            **corrected_entry(options, target_levels),
        }
        asked = dataclasses.asdict(options) if parameters is None else parameters
        inputs, known = [*files_behind(shown), model_path], {model_path: digest}
        run = make_record("encode", asked, inputs, digests=known, **record.facts(entry))
        with stage("encoding and writing"), replacing(target) as temporary:
            shutil.copyfile(source, temporary)
            with elements_named(target, [shown]):
                _add_to(temporary, encoder, given, options, entry, [*record.chain_of(model), run])
            refuse_changed(source)
    return given.plan


def _add_to(
    path: Path,
    encoder: Encoder,
    given: OpenInput,
    options: EncodeOptions,
    entry: dict[str, Any],
    records: list[dict[str, Any]],
) -> None:
    """Encode, and add the results to the copy of the input at ``path``."""
    names, model = names_for(options.key_added), encoder.model
    with h5py.File(path, "r+") as out:
        elements.simplify_encodings(out)
        recognizer = recognizer_of(model, given)
        blocks = recognizer.watch(encoder.blocks(reconstruct=options.reconstruct))
        found = results.write_matrices(
            out, names, blocks, model.latent_dim, given.alignment, len(given.sample_names),
            reconstruct=options.reconstruct, corrected_layer=options.corrected_layer,
        )  # fmt: skip
        seen, recognized = seen_by_model(model, given, recognizer)
        results.write_columns(out, names, found, model.classes, seen)
        own = results.read_own_uns(out)
        entry = {**entry, **record.recognized_entry(given.plan, recognized)}
        own[UNS_MODELS] = {**own.get(UNS_MODELS, {}), options.key_added: entry}
        results.write_own_uns(out, with_records(own, [*records_of(own), *records]))
    recognized.log(given.studies, known_donors(given.donors, model.training_donors))
    log_results(found, seen)


def recognizer_of(model: Model, given: OpenInput) -> Recognizer:
    """Return what recognises samples by their codes; those of studies that the model knows by name need none."""
    studies = given.studies
    of_study = np.isin(studies.astype(str), list(model.training_studies)) & (studies != UNLABELLED)
    return Recognizer(model, studies, of_study)


def seen_by_model(model: Model, given: OpenInput, recognizer: Recognizer) -> tuple[np.ndarray, Recognized]:
    """Return ``study``, ``donor`` or ``unseen`` for each sample, and what was recognised by its code.

    Parameters
    ----------
    model
        The model; it keeps the names of its training studies and hashes of their donors.
    given
        The samples.
    recognizer
        That has looked at their codes.
    """
    recognized = recognizer.result()
    of_donor = known_donors(given.donors, model.training_donors) | recognized.samples
    return np.select([recognizer.known, of_donor], ["study", "donor"], "unseen").astype(object), recognized


def log_results(found: results.SampleResults, seen: np.ndarray) -> None:
    """Say how many samples were encoded, and how many of them the model has seen."""
    logger.info(
        "encoded %d samples; %d are unlike the training data, of %d the model has seen the study or the donor",
        len(seen), found.unlike_training.sum(), (seen != "unseen").sum(),
    )  # fmt: skip
