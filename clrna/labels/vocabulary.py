"""The vocabulary that the package carries: what raw names of tissues and tumours are called here."""

import functools
import re
from typing import NamedTuple

import pandas as pd

from clrna.constants import UNLABELLED
from clrna.labels.names import key_of, without_fillers
from clrna.labels.topography import UBERON, tissue_of_code
from clrna.packaged import packaged_table

VOCABULARY = "labels.tsv"
ONCOTREE = "oncotree.tsv"
KINDS = ("tissue", "tumor_type", "histology")

# OncoTree's tissues (its first level), but for one: Lymphoid and Myeloid are one value, because several studies
# (CCLE's primary site, NCI-60's panel, COSMIC) do not tell them apart.
LYMPHOID_MYELOID = "Lymphoid/Myeloid"
TISSUES = (
    "Adrenal Gland", "Ampulla of Vater", "Biliary Tract", "Bladder/Urinary Tract", "Bone", "Bowel", "Breast",
    "CNS/Brain", "Cervix", "Esophagus/Stomach", "Eye", "Head and Neck", "Kidney", "Liver", "Lung", LYMPHOID_MYELOID,
    "Ovary/Fallopian Tube", "Pancreas", "Penis", "Peripheral Nervous System", "Peritoneum", "Pleura",
    "Prostate", "Skin", "Soft Tissue", "Testis", "Thymus", "Thyroid", "Uterus", "Vulva/Vagina",
)  # fmt: skip

_OF = re.compile(r"(.+?)(?: of (?:the )?|, )(.+)", re.IGNORECASE)  # adenocarcinoma of the lung; adenocarcinoma, lung
_PARTS = re.compile(r"[,;:/|()]| - ")  # Lung, left upper lobe
# There the organ that is named may be the one that a tumor has come to, or has come from.
_ELSEWHERE = re.compile(r"metasta|\b(?:mets?|from|primary|secondary|near|adjacent)\b", re.IGNORECASE)


class Label(NamedTuple):
    """A harmonised tissue and tumour type, '' where the name does not say."""

    tissue: str = UNLABELLED
    tumor_type: str = UNLABELLED


class Vocabulary:
    """Looks raw names up, whatever their case, punctuation and spelling.

    Parameters
    ----------
    labels
        Rows raw, kind, tissue, tumor_type. Kind 'tissue' and 'tumor_type' say in which column of a study the name
        is expected; a 'histology' (carcinoma, melanoma) means a tumour type only beside the tissue of its row.
    oncotree
        Rows code, name, tissue: every OncoTree code and name is a tumour type without a row in ``labels``; a name that
        several codes share (embryonal carcinoma) is a histology.
    structures
        Rows name, tissue: what Uberon calls parts of the body is a tissue without a row in ``labels``.
    """

    def __init__(self, labels: pd.DataFrame, oncotree: pd.DataFrame, structures: pd.DataFrame) -> None:
        tissues = {key_of(tissue): Label(tissue) for tissue in TISSUES}
        self._by_kind: dict[str, dict[str, Label]] = {"tissue": tissues, "tumor_type": {}}
        self._histology: dict[str, dict[str, str]] = {}
        shared = oncotree["name"].duplicated(keep=False)
        for code, name, tissue, is_shared in zip(
            oncotree["code"], oncotree["name"], oncotree["tissue"], shared, strict=True
        ):
            self._by_kind["tumor_type"][key_of(code)] = Label(tissue, code)
            self._add(name, "histology" if is_shared else "tumor_type", Label(tissue, code))
        for name, tissue in zip(structures["name"], structures["tissue"], strict=True):
            self._by_kind["tissue"].setdefault(key_of(name), Label(tissue))
        for raw, kind, tissue, tumor_type in labels[["raw", "kind", "tissue", "tumor_type"]].itertuples(index=False):
            self._add(raw, kind, Label(tissue, tumor_type))
        for label in list(self._by_kind["tumor_type"].values()):
            self._by_kind["tumor_type"].setdefault(key_of(label.tumor_type), label)
        self._by_kind["tumor_type"].pop("", None)

    def _add(self, raw: str, kind: str, label: Label) -> None:
        if kind == "histology":
            self._histology.setdefault(key_of(raw), {})[label.tissue] = label.tumor_type
        else:
            self._by_kind[kind][key_of(raw)] = label

    def find(self, raw: str, kind: str) -> Label | None:
        """Return what a name means in a column of this kind ('tissue' or 'tumor_type'), None where it is not known.

        A name that only the other kind has is taken from there; TCGA's prefix, 'NOS' and words such as 'cancer' and
        'primary' do not count where the name with them is unknown. A code of ICD-O-3, ICD-10 or Uberon means its organ.
        Of a name in parts (Lung, left upper lobe) the organ is meant, if these name one.
        """
        other = "tumor_type" if kind == "tissue" else "tissue"
        for candidate in _candidates(raw):
            for names in (self._by_kind[kind], self._by_kind[other]):
                if candidate in names:
                    return names[candidate]
        tissue = tissue_of_code(raw)
        if tissue is not None:
            return Label(tissue)
        return self._by_kind["tissue"].get(without_fillers(raw)) or self._organ_of_parts(raw)

    def _organ_of_parts(self, raw: str) -> Label | None:
        """Return the one organ that the parts of a name tell, None where they tell none, several, or a metastasis."""
        parts = [part.strip() for part in _PARTS.split(raw) if part.strip()]
        if len(parts) < 2 or _ELSEWHERE.search(raw):
            return None
        told = [label for part in parts if (label := self.find(part, "tissue")) is not None]
        return Label(told[0].tissue) if told and told[0].tissue and len({label.tissue for label in told}) == 1 else None

    def of_histology(self, raw: str, tissue: str) -> str:
        """Return the tumour type of a histology in a tissue, '' where that is not known."""
        found = (self._histology.get(candidate, {}).get(tissue, "") for candidate in _candidates(raw))
        return next(filter(None, found), UNLABELLED)

    def is_histology(self, raw: str) -> bool:
        """Return whether a name is a histology in some tissue."""
        return any(candidate in self._histology for candidate in _candidates(raw))


def _candidates(raw: str) -> list[str]:
    key = key_of(raw)
    turned = _OF.fullmatch(raw.strip())
    return [
        key,
        key.removesuffix("nos"),
        key.removeprefix("tcga"),
        *([key_of(turned[2] + turned[1])] if turned else []),
    ]


@functools.cache
def load_vocabulary() -> Vocabulary:
    """Return the vocabulary, read on first use."""
    return Vocabulary(packaged_table(VOCABULARY), packaged_table(ONCOTREE), packaged_table(UBERON))
