"""A mirror of small files in the portals' formats, which together are several studies of the same tissues.

Expression is simulated (``clrna.simulate``): tissues have programs, studies and categories of samples have effects.
"""

import gzip
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.fetch.sources import gdc, gdsc, gdsc_array, gtex, nci60
from clrna.simulate import simulate

TABLE = Path(__file__).parents[2] / "benchmarks/reference_model/release.tsv"
# For each tissue: DepMap's lineage and code, Sanger's tissue, NCI-60's panel, TCGA's project and site, GTEx's file.
TISSUES = {
    "Breast": ("Breast", "BRCA", "Breast", "BR", "TCGA-BRCA", "Breast", "breast_mammary_tissue"),
    "Lung": ("Lung", "LUAD", "Lung", "LC", "TCGA-LUAD", "Bronchus and lung", "lung"),
    "Bowel": ("Bowel", "COADREAD", "Large Intestine", "CO", "TCGA-COAD", "Colon", "colon_sigmoid"),
    "Skin": ("Skin", "SKCM", "Skin", "ME", "TCGA-SKCM", "Skin", "skin_sun_exposed_lower_leg"),
}
SITES = {
    "breast_mammary_tissue": "Breast - Mammary Tissue",
    "lung": "Lung",
    "colon_sigmoid": "Colon - Sigmoid",
    "skin_sun_exposed_lower_leg": "Skin - Sun Exposed (Lower leg)",
}
# The sets, and two studies more that no set has, in the order in which they are simulated.
STUDIES = {
    "CCLE": "cell_line",
    "GDSC-array": "cell_line",
    "NCI60": "cell_line",
    "TCGA": "tumor",
    "TCGA normals": "normal",
    "GTEx": "normal",
    "PDMR": "xenograft",
    "other normal": "normal",
    "other tumor": "tumor",
}


@dataclass
class Mirror:
    """What a portal serves under ``/m``.

    Attributes
    ----------
    files
        Content by path.
    listings
        The GDC's answer by project.
    sheet
        What a person exports from PDMR.
    others
        Studies that no set holds, by the category of their samples.
    """

    files: dict[str, bytes]
    listings: dict[str, bytes]
    sheet: str
    others: dict[str, AnnData]


def make_mirror(samples_per: int = 10, n_genes: int = 150) -> Mirror:
    """Return files of all sets of the large reference model; projects beside those of the tissues have one sample."""
    adata = simulate(len(TISSUES), len(STUDIES), n_genes, samples_per, 0.0, categories=tuple(STUDIES.values()))
    parts = {study: adata[adata.obs["study"] == f"SIM{at + 1}"].copy() for at, study in enumerate(STUDIES)}
    files = {**_ccle(parts["CCLE"]), **_gdsc(parts["GDSC-array"]), **_nci60(parts["NCI60"]), **_gtex(parts["GTEx"])}
    tables, sheet = _pdmr(parts["PDMR"])
    counts, listings = _gdc(parts["TCGA"], parts["TCGA normals"])
    others = {name.removeprefix("other "): part for name, part in parts.items() if name.startswith("other")}
    return Mirror({**files, **tables, **counts}, listings, sheet, others)


def listing_of(mirror: Mirror):
    """Return what answers the GDC's ``files`` endpoint by the project that is asked for: a behavior of the portal."""

    def behave(handler):
        wanted = json.loads(parse_qs(urlsplit(handler.path).query)["filters"][0])["content"]
        project = next(one["content"]["value"][0] for one in wanted if one["content"]["field"].endswith("project_id"))
        handler.send_plain(200, mirror.listings[project], "application/json")
        return True

    return behave


def _lines(part: AnnData, word: str) -> list[str]:
    return [f"{word}-{number + 1}" for number in range(part.n_obs)]


def _of(part: AnnData, at: int) -> list[str]:
    return [TISSUES[name][at] for name in part.obs["tissue"]]


def _text(table: pd.DataFrame, separator: str = ",") -> bytes:
    return table.to_csv(index=False, sep=separator, float_format="%.5g").encode()


def _zip(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


def _ccle(part: AnnData) -> dict[str, bytes]:
    ids = [f"ACH-{number:06d}" for number in range(part.n_obs)]
    genes = [f"{name} ({entrez})" for name, entrez in zip(part.var_names, part.var["entrez_id"], strict=True)]
    matrix = pd.DataFrame(part.X, columns=genes)
    matrix.insert(0, "", ids)
    models = pd.DataFrame(
        {
            "ModelID": ids,
            "CellLineName": _lines(part, "SIMC"),
            "OncotreeLineage": _of(part, 0),
            "OncotreePrimaryDisease": "",
            "OncotreeCode": _of(part, 1),
            "ModelType": "Cell Line",
        }
    )
    folder = "/m/api.figshare.com/v2/file/download"
    return {f"{folder}/51065489": _text(matrix), f"{folder}/51065297": _text(models)}


def _gdsc(part: AnnData) -> dict[str, bytes]:
    cosmic = [str(900_000 + number) for number in range(part.n_obs)]
    table = pd.DataFrame(part.X.T + 2, columns=[f"DATA.{number}" for number in cosmic])
    table.insert(0, "GENE_SYMBOLS", part.var_names)
    table.insert(1, "GENE_title", "a title")
    models = pd.DataFrame(
        {
            "model_id": [f"SIDM{number}" for number in cosmic],
            "model_name": _lines(part, "SIMG"),
            "tissue": _of(part, 2),
            "cancer_type": "",
            "COSMIC_ID": cosmic,
            "model_type": "Cell Line",
        }
    )
    packed = _zip(gdsc_array.ARCHIVE.removesuffix(".zip"), _text(table, "\t"))
    host = "/m/cog.sanger.ac.uk"
    return {
        f"{host}/cancerrxgene/GDSC_release8.5/{gdsc_array.ARCHIVE}": packed,
        f"{host}/cmp/download/{gdsc.MODELS}": _text(models),
    }


def _nci60(part: AnnData) -> dict[str, bytes]:
    names = [f"{panel}:{name}" for panel, name in zip(_of(part, 3), _lines(part, "SIMN"), strict=True)]
    table = pd.DataFrame(part.X.T, columns=names)
    table.insert(0, "Gene name d", part.var_names)
    table.insert(1, "Entrez gene id e", list(part.var["entrez_id"]))
    for at, name in enumerate(("Chromosome f", "Start f", "End f", "Cytoband f")):
        table.insert(2 + at, name, "1")
    text = b"a line of the title\n" * 10 + _text(table, "\t")
    folder = "/m/discover.nci.nih.gov/cellminer/download/processeddataset"
    return {f"{folder}/{nci60.ARCHIVE}": _zip("output/RNA__RNA_seq_composite_expression.txt", text)}


def _gtex(part: AnnData) -> dict[str, bytes]:
    names = np.array([f"GTEX-{11000 + number}-0526-SM-{number:05d}" for number in range(part.n_obs)])
    sites = np.array(_of(part, 6))
    table = pd.DataFrame({"SAMPID": names, "SMTS": "", "SMTSD": [SITES[site] for site in sites], "SMRIN": "7.1"})
    files = {f"annotations/v8/metadata-files/{gtex.ATTRIBUTES}": _text(table, "\t")}
    for at, site in enumerate(gtex.TISSUES):
        rows = np.flatnonzero(sites == site) if site in SITES else np.array([at % part.n_obs])
        # Of the samples of other sites the attributes say nothing.
        there = list(names[rows]) if site in SITES else [f"GTEX-{21000 + at}-0001-SM-{at:05d}"]
        body = pd.DataFrame(np.exp2(part.X[rows].T) - 1, columns=there)
        body.insert(0, "id", range(part.n_vars))
        body.insert(1, "Name", [f"{name}.1" for name in part.var["ensembl_id"]])
        body.insert(2, "Description", part.var_names)
        text = f"#1.2\n{part.n_vars}\t{len(there)}\n".encode() + _text(body, "\t")
        path = f"bulk-gex/v8/rna-seq/tpms-by-tissue/gene_tpm_2017-06-05_v8_{site}.gct.gz"
        files[path] = gzip.compress(text, mtime=0)
    return {f"/m/storage.googleapis.com/adult-gtex/{path}": content for path, content in files.items()}


def _pdmr(part: AnnData) -> tuple[dict[str, bytes], str]:
    rows, files = [], {}
    for number in range(part.n_obs):
        patient, tpm = 100_000 + number, np.exp2(part.X[number]) - 1
        path = f"/pdm/{patient}~001-R~A01~v2.0.1.4.0~RSEM.genes.txt"
        table = pd.DataFrame({"gene_id": part.var_names, "expected_count": np.round(tpm), "TPM": tpm})
        files[f"/m/pdmdb.cancer.gov{path}"] = _text(table, "\t")
        rows.append((patient, "001-R", "A01", "PDX", part.obs["tissue"].iloc[number], path))
    columns = ["Patient ID", "Specimen ID", "Sample ID", "PDM Type", "Disease Body Location", "RSEM(genes)"]
    return files, pd.DataFrame(rows, columns=columns).to_csv(index=False)


def _gdc(tumors: AnnData, normals: AnnData) -> tuple[dict[str, bytes], dict[str, bytes]]:
    files: dict[str, bytes] = {}
    hits: dict[str, list[dict]] = {}
    for part, kind, code in ((tumors, "Primary Tumor", "01A"), (normals, "Solid Tissue Normal", "11A")):
        for number, (project, site) in enumerate(zip(_of(part, 4), _of(part, 5), strict=True)):
            about = (project, site, f"TCGA-S{code[0]}-{number:04d}", code, kind)
            hits.setdefault(project, []).append(_hit(part, number, about, files))
    target = pd.read_csv(TABLE, sep="\t", comment="#").set_index("name").loc["target", "projects"]
    for at, project in enumerate(name for name in [*gdc.PROJECTS, *target.split(",")] if name not in hits):
        about = (project, "Other and ill-defined sites", f"{project}-{at:04d}", "01A", "Primary Tumor")
        hits[project] = [_hit(tumors, at, about, files)]
    answers = {name: {"hits": found, "pagination": {"total": len(found)}} for name, found in hits.items()}
    return files, {name: json.dumps({"data": data}).encode() for name, data in answers.items()}


def _hit(part: AnnData, number: int, about: tuple[str, ...], files: dict[str, bytes]) -> dict:
    project, site, case, code, kind = about
    tpm = np.exp2(part.X[number]) - 1
    columns = {
        "gene_id": [f"{name}.1" for name in part.var["ensembl_id"]],
        "gene_name": part.var_names,
        "gene_type": "protein_coding",
        "unstranded": np.round(20 * tpm),
        "tpm_unstranded": tpm,
    }
    content = b"# gene-model: GENCODE v36\n" + _text(pd.DataFrame(columns), "\t")
    name = f"{case}-{code}"
    files[f"/m/api.gdc.cancer.gov/data/{name}"] = content
    portion = {"analytes": [{"aliquots": [{"submitter_id": f"{name}-11R-0000-07"}]}]}
    sample = {"submitter_id": name, "sample_type": kind, "portions": [portion]}
    case_of = {"submitter_id": case, "primary_site": site, "disease_type": "", "project": {"project_id": project}}
    return {
        "file_id": name,
        "file_name": f"{name}.rna_seq.augmented_star_gene_counts.tsv",
        "md5sum": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        "file_size": len(content),
        "cases": [{**case_of, "samples": [sample]}],
    }
