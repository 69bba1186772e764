"""Every format in the table of docs/inputs.md is read as that says: a made file of each, through clrna-normalize."""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.cli.normalize import get_parser
from clrna.genes import map_genes
from clrna.normalize import columns
from clrna.scale.scale_name import Scale
from tests.normalize.conftest import GENES, counts_of

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "inputs.md"
SAMPLES = ["S1", "S2"]
COUNTS = counts_of(SAMPLES, seed=4)
TPM = (COUNTS / COUNTS.sum() * 1e6).round(2)
MAPPED = map_genes(list(GENES))
ENSEMBL, ENTREZ = (
    pd.Index([f"{name}.3" for name in MAPPED.ensembl_id]), pd.Index([str(name) for name in MAPPED.entrez_id])
)  # fmt: skip
IN_COUNTS, IN_TPM, IN_FPKM, IN_INTENSITY = "counts", "tpm", "fpkm", "intensity"

Build = Callable[[Path], Path]
# Rows of the page: what makes a file of the format, the samples in it, and the unit that is read.
FORMATS: dict[str, list[tuple[Build, list[str], str]]] = {}


def of_format(row: str, samples: list[str], unit: str) -> Callable[[Build], Build]:
    """Enter what makes a file into the row of the page that it is an example of."""

    def enter(build: Build) -> Build:
        FORMATS.setdefault(row, []).append((build, samples, unit))
        return build

    return enter


def rows_of_the_page() -> dict[str, list[str]]:
    text = PAGE.read_text(encoding="utf-8")
    lines = text[text.index("| format |") : text.index("\n\n", text.index("| format |"))].splitlines()[2:]
    cells = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return {row[0]: row[1:] for row in cells}


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def tsv(frame: pd.DataFrame, **settings: object) -> str:
    return frame.to_csv(sep="\t", **settings)


def one_sample(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"length": 2000, **columns}, index=ENSEMBL)


@of_format("matrix of genes x samples, or turned", SAMPLES, IN_COUNTS)
def genes_in_rows(folder: Path) -> Path:
    return put(folder / "m.tsv", tsv(COUNTS, index_label="gene"))


@of_format("matrix of genes x samples, or turned", SAMPLES, IN_TPM)
def genes_in_columns(folder: Path) -> Path:
    path = folder / "m.csv.gz"
    path.write_bytes(gzip.compress(TPM.T.to_csv(sep=";", index_label="sample").encode()))
    return path


@of_format("AnnData", SAMPLES, IN_TPM)
def anndata_file(folder: Path) -> Path:
    AnnData(TPM.T.to_numpy(dtype=np.float32), TPM.T[[]], TPM[[]]).write_h5ad(folder / "m.h5ad")
    return folder / "m.h5ad"


@of_format("parquet", SAMPLES, IN_TPM)
def parquet_file(folder: Path) -> Path:
    TPM.reset_index().to_parquet(folder / "m.parquet")
    return folder / "m.parquet"


@of_format("GCT 1.2, 1.3", SAMPLES, IN_TPM)
def gct_2(folder: Path) -> Path:
    table = TPM.set_axis(ENSEMBL)
    table.insert(0, "Description", list(GENES))
    return put(folder / "m.gct", f"#1.2\n{len(TPM)}\t2\n{tsv(table, index_label='Name')}")


@of_format("GCT 1.2, 1.3", SAMPLES, IN_TPM)
def gct_3(folder: Path) -> Path:
    head = ["id\tName\tDescription\tS1\tS2", "tissue\tna\tna\tlung\tbreast"]
    rows = [f"r{at}\t{gene}\tx\t{one}\t{two}" for at, (gene, one, two) in enumerate(TPM.itertuples())]
    return put(folder / "m.gct", "\n".join(["#1.3", f"{len(TPM)}\t2\t2\t1", *head, *rows]) + "\n")


@of_format("GEO series matrix", ["GSM1", "GSM2"], IN_TPM)
def series_matrix(folder: Path) -> Path:
    about = ['!Series_title\t"x"', '!Sample_geo_accession\t"GSM1"\t"GSM2"', "!series_matrix_table_begin"]
    body = tsv(TPM.set_axis(["GSM1", "GSM2"], axis=1), index_label="ID_REF").rstrip("\n")
    return put(folder / "GSE1_series_matrix.txt", "\n".join([*about, body, "!series_matrix_table_end"]) + "\n")


@of_format("featureCounts", ["a.bam", "b.bam"], IN_COUNTS)
def feature_counts(folder: Path) -> Path:
    table = COUNTS.set_axis(["a.bam", "b.bam"], axis=1)
    about = {"Chr": "1;1", "Start": "5;20", "End": "9;30", "Strand": "+;+", "Length": 900}
    for place, (name, value) in enumerate(about.items()):
        table.insert(place, name, value)
    table.iloc[3, :4] = ["1", "5", "9", "+"]
    return put(folder / "counts.txt", "# Program:featureCounts v2.0.3\n" + tsv(table, index_label="Geneid"))


@of_format("DepMap", ["ACH-000001", "ACH-000002"], IN_TPM)
def depmap(folder: Path) -> Path:
    names = [f"{symbol} ({number})" for symbol, number in zip(GENES, ENTREZ, strict=True)]
    table = TPM.T.set_axis(names, axis=1)
    table.insert(0, "ModelID", ["ACH-000001", "ACH-000002"])
    return put(folder / "m.csv", table.reset_index(drop=True).to_csv())


@of_format("cBioPortal, Firehose, TCGA", SAMPLES, IN_TPM)
def cbioportal(folder: Path) -> Path:
    table = TPM.copy()
    table.insert(0, "Entrez_Gene_Id", ENTREZ)
    return put(folder / "data_mrna_seq.txt", tsv(table, index_label="Hugo_Symbol"))


@of_format("cBioPortal, Firehose, TCGA", SAMPLES, IN_TPM)
def firehose(folder: Path) -> Path:
    names = [f"{symbol}|{number}" for symbol, number in zip(GENES, ENTREZ, strict=True)]
    body = tsv(TPM.set_axis(names), header=False)
    head = "Hybridization REF\tS1\tS2\ngene_id\tnormalized_count\tnormalized_count\n"
    return put(folder / "m.txt", head + body)


@of_format("salmon, sailfish", ["S1"], IN_TPM)
def salmon(folder: Path) -> Path:
    table = one_sample(EffectiveLength=1800.5, TPM=TPM["S1"].array, NumReads=COUNTS["S1"].array)
    return put(folder / "S1" / "quant.genes.sf", tsv(table.rename(columns={"length": "Length"}), index_label="Name"))


@of_format("salmon, sailfish", ["S1"], IN_TPM)
def sailfish(folder: Path) -> Path:
    table = one_sample(TPM=TPM["S1"].array, NumReads=COUNTS["S1"].array).rename(columns={"length": "Length"})
    return put(folder / "S1" / "quant.genes.sf", tsv(table, index_label="Name"))


@of_format("kallisto", ["S1"], IN_TPM)
def kallisto(folder: Path) -> Path:
    table = one_sample(eff_length=1800.5, est_counts=COUNTS["S1"].array, tpm=TPM["S1"].array)
    return put(folder / "S1" / "abundance.tsv", tsv(table, index_label="target_id"))


def rsem_table(sample: str) -> str:
    columns = {"expected_count": COUNTS[sample].array, "TPM": TPM[sample].array, "FPKM": TPM[sample].array / 2}
    table = pd.DataFrame(
        {"transcript_id(s)": "t1,t2", "length": 2000.0, "effective_length": 1800.0, **columns}, index=ENSEMBL
    )
    return tsv(table, index_label="gene_id")


@of_format("RSEM", ["S1"], IN_TPM)
def rsem(folder: Path) -> Path:
    return put(folder / "S1.genes.results", rsem_table("S1"))


@of_format("StringTie, Cufflinks", ["S1"], IN_TPM)
def stringtie(folder: Path) -> Path:
    about = {"Gene Name": list(GENES), "Reference": "1", "Strand": "+", "Start": 5, "End": 90, "Coverage": 3.5}
    table = pd.DataFrame({**about, "FPKM": TPM["S1"].array / 2, "TPM": TPM["S1"].array}, index=ENSEMBL)
    return put(folder / "S1_gene_abund.tab", tsv(table, index_label="Gene ID"))


@of_format("StringTie, Cufflinks", ["S1"], IN_FPKM)
def cufflinks(folder: Path) -> Path:
    about = {"gene_short_name": list(GENES), "locus": "1:5-90", "length": "-", "coverage": "-"}
    fpkm = TPM["S1"].array
    numbers = {"FPKM": fpkm, "FPKM_conf_lo": fpkm / 2, "FPKM_conf_hi": fpkm * 2, "FPKM_status": "OK"}
    return put(
        folder / "S1" / "genes.fpkm_tracking",
        tsv(pd.DataFrame({**about, **numbers}, index=ENSEMBL), index_label="tracking_id"),
    )


@of_format("Cuffdiff", ["ctrl", "treat"], IN_FPKM)
def cuffdiff(folder: Path) -> Path:
    about = {"class_code": "-", "gene_id": "XLOC", "gene_short_name": list(GENES), "locus": "1:5-90", "length": "-"}
    for name, sample in zip(("ctrl", "treat"), SAMPLES, strict=True):
        fpkm = TPM[sample].array
        numbers = {"FPKM": fpkm, "conf_lo": fpkm / 2, "conf_hi": fpkm * 2, "status": "OK"}
        about |= {f"{name}_{column}": values for column, values in numbers.items()}
    ids = [f"XLOC_{number:06d}" for number in range(len(GENES))]
    return put(folder / "genes.fpkm_tracking", tsv(pd.DataFrame(about, index=ids), index_label="tracking_id"))


@of_format("GDC STAR counts", ["S1"], IN_TPM)
def gdc(folder: Path) -> Path:
    counts, tpm = COUNTS["S1"].array, TPM["S1"].array
    table = pd.DataFrame(
        {
            "gene_name": list(GENES), "gene_type": "protein_coding", "unstranded": counts, "stranded_first": counts,
            "stranded_second": 0, "tpm_unstranded": tpm, "fpkm_unstranded": tpm / 2, "fpkm_uq_unstranded": tpm / 3,
        },
        index=ENSEMBL,
    )  # fmt: skip
    lines = tsv(table, index_label="gene_id").splitlines()
    unmapped = "N_unmapped\t\t\t10\t10\t10\t\t\t"
    return put(
        folder / "S1.rna_seq.augmented_star_gene_counts.tsv",
        "\n".join(["# gene-model: GENCODE v36", lines[0], unmapped, *lines[1:]]) + "\n",
    )


@of_format("TCGA's RSEM", ["S1"], IN_COUNTS)
def rsem_of_tcga(folder: Path) -> Path:
    table = pd.DataFrame({"raw_count": COUNTS["S1"].array, "scaled_estimate": 1e-6, "transcript_id": "uc1,uc2"})
    table.index = [f"{name}|{number}" for name, number in zip(GENES, ENTREZ, strict=True)]
    return put(folder / "S1.rsem.genes.results", tsv(table, index_label="gene_id"))


@of_format("CLC Genomics, others of one sample", ["S1"], IN_TPM)
def clc(folder: Path) -> Path:
    reads = {"Unique gene reads": COUNTS["S1"] - 1, "Total gene reads": COUNTS["S1"], "RPKM": TPM["S1"] / 2}
    table = pd.DataFrame({"Chromosome": "1", "Gene length": 900, **reads, "TPM": TPM["S1"]}, index=list(GENES))
    return put(folder / "S1.txt", tsv(table, index_label="Name"))


@of_format("Illumina GenomeStudio, Affymetrix's MAS 5.0", SAMPLES, IN_INTENSITY)
def genome_studio(folder: Path) -> Path:
    table = pd.DataFrame({"ProbeID": range(2_570_615, 2_570_615 + len(GENES))}, index=list(GENES))
    for sample in SAMPLES:
        table[f"{sample}.AVG_Signal"] = TPM[sample]
        table[f"{sample}.Detection Pval"] = np.linspace(0, 1, len(GENES)).round(3)
    return put(folder / "m.txt", "Illumina Inc. GenomeStudio version 1.9.0\n\n" + tsv(table, index_label="TargetID"))


@of_format("STAR, HTSeq, the GDC's FPKM", ["S1"], IN_COUNTS)
def star(folder: Path) -> Path:
    lines = [f"{name}\t{count}\t{count}\t0" for name, count in zip(ENSEMBL, COUNTS["S1"], strict=True)]
    head = ["N_unmapped\t9\t9\t9", "N_multimapping\t9\t9\t9", "N_noFeature\t1\t2\t3", "N_ambiguous\t1\t2\t3"]
    return put(folder / "S1ReadsPerGene.out.tab", "\n".join([*head, *lines]) + "\n")


@of_format("STAR, HTSeq, the GDC's FPKM", ["S1"], IN_COUNTS)
def htseq(folder: Path) -> Path:
    lines = [f"{name}\t{count}" for name, count in zip(ENSEMBL, COUNTS["S1"], strict=True)]
    return put(folder / "S1.htseq.counts", "\n".join([*lines, "__no_feature\t99", "__ambiguous\t7"]) + "\n")


@of_format("STAR, HTSeq, the GDC's FPKM", ["S1"], IN_FPKM)
def fpkm_without_header(folder: Path) -> Path:
    lines = [f"{name}\t{value}" for name, value in zip(ENSEMBL, TPM["S1"], strict=True)]
    return put(folder / "S1.FPKM.txt", "\n".join(lines) + "\n")


@of_format("Illumina GenomeStudio, Affymetrix's MAS 5.0", SAMPLES, IN_INTENSITY)
def mas_5(folder: Path) -> Path:
    columns = {f"{sample}_{what}": TPM[sample] if what == "Signal" else "P" for sample in SAMPLES for what in MAS_5}
    return put(folder / "m.txt", tsv(pd.DataFrame(columns), index_label="Gene Symbol"))


MAS_5 = ("Signal", "Detection")


@of_format("a folder of such files", SAMPLES, IN_TPM)
def folder_of_rsem(folder: Path) -> Path:
    for sample in SAMPLES:
        put(folder / "cohort" / f"{sample}.genes.results", rsem_table(sample))
    return folder / "cohort"


@of_format("long table", SAMPLES, IN_TPM)
def long_table(folder: Path) -> Path:
    lines = [f"{gene}\t{sample}\t{value}\n" for sample in SAMPLES for gene, value in TPM[sample].items()]
    return put(folder / "m.tsv", "gene\tsample\tTPM\n" + "".join(lines))


@of_format("MoDaC", ["S1", "S2"], IN_TPM)
def modac(folder: Path) -> Path:
    return put(folder / "combined_rnaseq_data", tsv(TPM.T, index_label="Sample"))


def options_for(unit: str) -> tuple[str, ...]:
    stated = ("--input-scale", unit) if unit in (IN_COUNTS, IN_INTENSITY) else ()
    return (*stated, "--counts-to", "cpm")


def expected(samples: list[str], unit: str) -> pd.DataFrame:
    """Return what the merged file holds of the samples."""
    table = (COUNTS / COUNTS.sum() * 1e6 if unit == IN_COUNTS else TPM).iloc[:, : len(samples)]
    return np.log2(table.set_axis(samples, axis=1).T + 1)


CASES = [
    pytest.param(row, *case, id=case[0].__name__) for row, cases in FORMATS.items() for case in cases
]  # fmt: skip


@pytest.mark.parametrize(("row", "build", "samples", "unit"), CASES)
def test_a_file_of_each_format_is_read_as_the_page_says(normalize, tmp_path, row, build, samples, unit):
    adata = normalize(build(tmp_path), *options_for(unit)).adata
    assert sorted(adata.obs_names) == sorted(samples)
    assert set(adata.obs["scale"]) == {Scale(unit).canonical("cpm")}
    right = expected(samples, unit)
    assert sorted(adata.var_names) == sorted(right.columns)
    np.testing.assert_allclose(adata[samples, list(right.columns)].X, right, atol=1e-4)


@pytest.mark.parametrize(("row", "build", "samples", "unit"), CASES)
def test_the_file_has_the_columns_that_the_page_shows(tmp_path, row, build, samples, unit):
    if build in (genes_in_columns, firehose, cufflinks, sailfish, star, htseq, fpkm_without_header, mas_5):
        return  # the row shows the columns of its other members
    path = build(tmp_path)
    first = next(file for file in [path, *sorted(path.glob("*"))] if file.is_file())
    text = first.read_bytes().decode("latin1")
    shown = re.findall(r"`([^`-][^`]*)`", rows_of_the_page()[row][1])
    assert [name for name in shown if name not in text] == []


def test_a_table_of_samples_among_the_inputs(normalize, tmp_path):
    table = put(tmp_path / "t.tsv", "sample\ttissue\tpatient\nS1\tlung\tP1\nS2\tbreast\tP2\n")
    obs = normalize(genes_in_rows(tmp_path), table, "--min-class-size", 1).adata.obs
    assert obs.loc[SAMPLES, "tissue"].tolist() == ["Lung", "Breast"]
    assert obs.loc[SAMPLES, "donor"].tolist() == ["m:P1", "m:P2"]  # short numbers of a study are its own


def test_every_row_of_the_page_has_such_a_file():
    assert [*FORMATS, "table of samples"] == list(rows_of_the_page())


@pytest.mark.parametrize("page", ["README.md", "docs/encoding.md", "docs/galaxy.md", "docs/nextflow.md"])
def test_other_pages_lead_to_the_one_table(page):
    assert "inputs.md" in (REPOSITORY / page).read_text(encoding="utf-8")


def test_the_help_leads_to_the_one_table():
    assert "docs/inputs.md" in " ".join(str(get_parser().description).split())


def _matrix(genes: list[str], name: str = "gene") -> str:
    return tsv(COUNTS.set_axis(genes[: len(COUNTS)]), index_label=name)


NUMBERED = [str(100 + number) for number in range(len(GENES))]
# By the beginning of a row of the page's second table: the content of a file.
REFUSED = {
    "probe sets": _matrix([f"{number}000_at" for number in NUMBERED]),
    "genes of the mouse": _matrix([f"ENSMUSG00000000{number}" for number in NUMBERED]),
    "AnnData, or a table": _matrix([f"thing {number}" for number in NUMBERED]),
    "numbers with a decimal": TPM.to_csv(sep=";", decimal=","),
    "words among numbers": tsv(COUNTS) + "stage\tII\tIII\nTP53\t1\t2\n",
    "a GCT": f"#1.2\n{len(COUNTS) + 3}\t2\n" + tsv(COUNTS.assign(D="x")[["D", *SAMPLES]], index_label="Name"),
    "a GEO series matrix without values": '!Series_title\t"x"\n!series_matrix_table_begin\n"ID_REF"\t"GSM1"\n'
    "!series_matrix_table_end\n",
    "a GEO series matrix without its": '!Series_title\t"x"\n!series_matrix_table_begin\n'
    + tsv(COUNTS, index_label="ID_REF"),
    "copy numbers": tsv((COUNTS % 5 - 2).pipe(lambda frame: pd.concat([frame, frame.set_axis(ENSEMBL)]))),
    "two genes": "gene1\tgene2\tS1\n"
    + "".join(f"{one}\t{two}\t3\n" for one, two in zip(GENES, GENES[::-1], strict=True)),
    "ranked lists": COUNTS["S1"].sub(700).sort_values().to_csv(sep="\t"),
    "quartiles of groups": "GeneID\tg1\n" + "".join(f"{gene}\t0,1,2,3,4\n" for gene in GENES),
    "scores of sets of genes": COUNTS.iloc[:4].set_axis([f"HALLMARK_SET_{at}_ABC" for at in "ABCD"]).to_csv(sep="\t"),
    "long tables": "gene\tcontrast\tlogFC\n" + "".join(f"{g}\t{s}\t{v}\n" for s in SAMPLES for g, v in TPM[s].items()),
    "results of tests": tsv(pd.DataFrame({"log2FoldChange": 1.5, "padj": 0.5, "baseMean": 7.5}, index=list(GENES))),
    "NanoString": "<Header>\nFileVersion,1.7\n</Header>\n",
    "Excel": b"PK\x03\x04" + bytes(30),
    "samples that stand": tsv(COUNTS.set_axis(["S1", "S1"], axis=1)),
}


def refusals_of_the_page() -> dict[str, str]:
    text = PAGE.read_text(encoding="utf-8")
    lines = text[text.index("| refused |") : text.index("\n\n", text.index("| refused |"))].splitlines()[2:]
    return {row: because for row, because, _ in ([cell.strip() for cell in line.split("|")[1:-1]] for line in lines)}


@pytest.mark.parametrize("row", list(REFUSED))
def test_what_the_page_says_is_refused_is_so_for_its_reason(normalize, tmp_path, row):
    because = next(text for name, text in refusals_of_the_page().items() if name.startswith(row))
    content = REFUSED[row]
    (tmp_path / "given").write_bytes(content if isinstance(content, bytes) else content.encode())
    error = normalize(tmp_path / "given").error
    assert "given" in error and any(word in error for word in re.findall(r"`([^`]+)`", because)), error


def test_other_hdf5_is_refused_with_what_to_give(normalize, tmp_path):
    """The one row of the page that needs a library to make its file."""
    for name, inside, words in [
        ("abundance.h5", "est_counts", "it is kallisto's: give abundance.tsv"),
        ("filtered.h5", "matrix/barcodes", "it is 10x Genomics': .* scanpy.read_10x_h5"),
        ("x.loom", "row_attrs/Gene", "it is a loom file: .* scanpy.read_loom"),
    ]:
        with h5py.File(tmp_path / name, "w") as file:
            file[inside] = [1.0, 2.0]
        assert re.search(rf"{name}: is HDF5 but not AnnData.*{words}", normalize(tmp_path / name).error)
    assert len(REFUSED) + 1 == len(refusals_of_the_page())


def test_the_names_of_columns_are_those_that_are_looked_for():
    table = PAGE.read_text(encoding="utf-8").partition("## Names of columns")[2]
    rows = re.findall(r"^\| (.*) \| .* \| (.*) \|$", table, re.MULTILINE)
    found = {what: re.findall(r"`(\w+)`", names) for what, names in rows}
    assert {what: tuple(names) for what, names in found.items() if names} == {
        "study": columns.STUDY_NAMES,
        "donor": (*columns.CELL_LINE_NAMES, *columns.DONOR_NAMES),
        "tissue": columns.TISSUE_NAMES,
        "tumor type": columns.TUMOR_TYPE_NAMES,
        "sample category": columns.CATEGORY_NAMES,
    }
