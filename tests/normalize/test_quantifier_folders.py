"""Folders of quantifiers' files: several kinds in one, and files that were cut short."""

import gzip

import pytest

from clrna.errors import InputError
from clrna.io.matrix import quantifier_folder
from tests.normalize.conftest import GENES

SALMON = "Name\tLength\tEffectiveLength\tTPM\tNumReads", "{gene}\t2000\t1800.5\t{tpm}\t{n}"
RSEM = (
    "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM",
    "{gene}\tT1\t2000\t1800\t{n}\t{tpm}\t1.5",
)
KALLISTO = "target_id\tlength\teff_length\test_counts\ttpm", "{gene}\t2000\t1800.5\t{n}\t{tpm}"
HTSEQ = None, "{gene}\t{n}"


def put(path, layout, genes=GENES, first=1):
    header, line = layout
    rows = [line.format(gene=gene, n=10 * (first + at), tpm=100.25 * (first + at)) for at, gene in enumerate(genes)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([*([header] if header else []), *rows]) + "\n")
    return path


MIXED = {
    "salmon+kallisto": {"a/quant.sf": SALMON, "b/abundance.tsv": KALLISTO},
    "rsem+salmon": {"a.genes.results": RSEM, "b/quant.genes.sf": SALMON},
    "rsem+salmon without a folder": {"a.genes.results": RSEM, "quant.genes.sf": SALMON},
    "salmon+rsem transcripts": {"a/quant.sf": SALMON, "b/quant.sf": SALMON, "c.isoforms.results": RSEM},
    "genes+transcripts": {"a/quant.genes.sf": SALMON, "b/quant.sf": SALMON},
}


@pytest.mark.parametrize("kinds", list(MIXED))
def test_samples_of_several_kinds_are_refused(normalize, tmp_path, kinds):
    for number, (name, layout) in enumerate(MIXED[kinds].items()):
        put(tmp_path / "COHORT" / name, layout, first=number)
    error = normalize(tmp_path / "COHORT", "--min-class-size", 1).error
    assert "holds files of several kinds" in error and "--study" in error
    named = [name for name in MIXED[kinds] if f"COHORT/{name}" in error]
    assert len({MIXED[kinds][name] for name in named}) == 2 or kinds == "genes+transcripts"
    assert len(named) == 2


def test_the_same_samples_in_two_kinds_are_read_once(normalize, tmp_path):
    for number, sample in enumerate("ab"):
        put(tmp_path / "COHORT" / sample / "quant.genes.sf", SALMON, first=number)
        put(tmp_path / "COHORT" / f"{sample}.genes.results", RSEM, first=9)
    run = normalize(tmp_path / "COHORT", "--min-class-size", 1)
    assert run.adata.obs_names.tolist() == ["a", "b"]
    assert run.log.count("2 files such as") == 1 and "passed over, as" in run.log


LAYOUTS = {
    "{}/quant.genes.sf": SALMON,
    "{}.genes.results": RSEM,
    "{}/abundance.tsv": KALLISTO,
    "{}.htseq.counts": HTSEQ,
}


@pytest.mark.parametrize("as_folder", [True, False])
@pytest.mark.parametrize("pattern", list(LAYOUTS))
@pytest.mark.parametrize("zipped", [True, False])
def test_a_file_that_was_cut_at_the_end_of_a_line(normalize, tmp_path, pattern, as_folder, zipped):
    paths = [put(tmp_path / "C" / pattern.format(s), LAYOUTS[pattern], first=n) for n, s in enumerate("abc")]
    paths[1].write_text("".join(paths[1].read_text().splitlines(keepends=True)[:20]))
    if zipped:
        for path in paths:
            path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
            path.unlink()
        paths = [path.with_name(f"{path.name}.gz") for path in paths]
    error = normalize(*([tmp_path / "C"] if as_folder else [*paths, "--study", "C"]), "--min-class-size", 1).error
    kept = 20 - (LAYOUTS[pattern][0] is not None)
    assert f"{paths[1]}: is cut short: its {kept} genes are the first of the {len(GENES)} that" in error


def test_a_file_that_was_cut_within_its_last_number(normalize, tmp_path):
    paths = [put(tmp_path / "C" / f"{s}.genes.results", RSEM, first=n) for n, s in enumerate("abc")]
    assert normalize(tmp_path / "C", "--min-class-size", 1, output="whole.h5ad").adata.n_obs == 3
    paths[2].write_text(paths[2].read_text()[:-2])
    error = normalize(tmp_path / "C", "--min-class-size", 1).error
    assert f"{paths[2]}: is cut short: its last line has no end" in error


def test_other_genes_are_told(normalize, tmp_path):
    for number, sample in enumerate("abc"):
        genes = GENES[3:] if sample == "b" else GENES
        put(tmp_path / "C" / f"{sample}.genes.results", RSEM, genes, first=number)
    run = normalize(tmp_path / "C", "--min-class-size", 1)
    assert run.adata.shape == (3, len(GENES) - 3)
    assert f"C: 1 of 3 files have fewer genes than the others, which have {len(GENES)} (" in run.log
    assert f"b.genes.results {len(GENES) - 3}); are they whole" in run.log


def test_counts_without_a_header_are_known_by_their_content(normalize, tmp_path):
    """Beside files that are called as HTSeq's are, those of other names are the same kind."""
    put(tmp_path / "C" / "a.htseq.counts", HTSEQ)
    put(tmp_path / "C" / "b.txt", HTSEQ, first=2)
    put(tmp_path / "C" / "c.counts.txt", HTSEQ, first=3)
    (tmp_path / "C" / "README.txt").write_text("What this is.\n")
    run = normalize(tmp_path / "C", "--min-class-size", 1)
    assert sorted(run.adata.obs_names) == ["a", "b", "c"]
    assert "passed over as no quantifier's: 1 other file such as" in run.log and "README.txt" in run.log


@pytest.mark.parametrize("other", ["b.txt", "b.tsv", "b.txt.gz"])
@pytest.mark.parametrize("layout", [HTSEQ, SALMON])
def test_quantifiers_files_of_any_name_are_never_passed_over_in_silence(normalize, tmp_path, other, layout):
    put(tmp_path / "C" / "a" / "quant.genes.sf", KALLISTO if layout == SALMON else SALMON)
    path = put(tmp_path / "C" / other, layout, first=2)
    if other.endswith(".gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    error = normalize(tmp_path / "C", "--min-class-size", 1).error
    assert "holds files of several kinds" in error and f"C/{other}" in error
    path.rename(path.with_name(other.replace("b", "a", 1)))
    run = normalize(tmp_path / "C", "--min-class-size", 1)
    assert run.adata.obs_names.tolist() == ["a"] and "1 file such as" in run.log


STAR = None, "{gene}\t{n}\t0\t{n}"


@pytest.mark.parametrize(
    ("name", "layout"), [("ReadsPerGene.out.tab", STAR), ("rsem.genes.results", RSEM), ("counts_raw.txt", HTSEQ)]
)
@pytest.mark.parametrize("as_folder", [True, False])
def test_files_of_one_name_are_called_as_their_folders(normalize, tmp_path, name, layout, as_folder):
    files = [put(tmp_path / "COHORT" / f"P{at}" / name, layout, first=at) for at in (1, 4, 9)]
    given = [tmp_path / "COHORT"] if as_folder else [*files, "--study", "COHORT"]
    result = normalize(*given, "--min-class-size", 1)
    assert result.adata.obs_names.tolist() == ["P1", "P4", "P9"]


def test_one_file_with_the_name_that_star_gives_is_called_as_its_folder(normalize, tmp_path):
    path = put(tmp_path / "P1" / "ReadsPerGene.out.tab", STAR)
    assert normalize(path, "--study", "X").adata.obs_names.tolist() == ["P1"]


def test_samples_folders_that_are_links_are_read_once(normalize, tmp_path):
    for number, sample in enumerate("abc"):
        put(tmp_path / "elsewhere" / sample / "quant.genes.sf", SALMON, first=number)
        (tmp_path / "C").mkdir(exist_ok=True)
        (tmp_path / "C" / sample).symlink_to(tmp_path / "elsewhere" / sample)
    for name, goal in (("again", tmp_path / "C" / "a"), ("up", tmp_path / "C"), ("over", tmp_path)):
        (tmp_path / "C" / name).symlink_to(goal)
    assert sorted(normalize(tmp_path / "C", "--min-class-size", 1).adata.obs_names) == ["a", "b", "c"]


def test_what_cannot_be_looked_at_may_be_a_sample(normalize, tmp_path):
    put(tmp_path / "C" / "a" / "quant.genes.sf", SALMON)
    (tmp_path / "C" / "b.sf").symlink_to("nowhere")
    error = normalize(tmp_path / "C").error
    assert f"{tmp_path}/C: {tmp_path}/C/b.sf cannot be looked at (No such file or directory), and may hold" in error


def test_a_folder_of_more_files_than_any_study_has(normalize, tmp_path, monkeypatch):
    put(tmp_path / "C" / "a" / "quant.genes.sf", SALMON)
    monkeypatch.setattr(quantifier_folder, "_MOST_FILES", 0)
    assert "C: holds more than 0 files; name the folder of one study in it" in normalize(tmp_path / "C").error


def test_a_folder_that_takes_long_to_look_into_says_so(tmp_path, monkeypatch, caplog):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("x\n")
    monkeypatch.setattr(quantifier_folder, "_MANY_FILES", 1)
    with caplog.at_level("INFO", logger="clrna"), pytest.raises(InputError, match="without files of a quantifier"):
        quantifier_folder.quantifier_files(tmp_path)
    assert f"{tmp_path}: looking into 2 files for what a quantifier wrote" in caplog.text
