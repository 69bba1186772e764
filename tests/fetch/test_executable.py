"""The executable: what it lists, what it refuses, and whole runs against a portal."""

import errno
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import anndata
import numpy as np
import pytest
import yaml
from portal import answers, cuts_after, stays_silent_after

from clrna.cli.fetch import get_parser, main
from clrna.fetch.registry import LIST_COLUMNS, SOURCES

CONTENT = bytes(range(256)) * 400


@pytest.fixture
def quick(portal):
    """Words for runs against the portal as a mirror of everything."""
    return ["--mirror", f"{portal.url}/m", "--max-wait", "0.05", "--retries", "2", "--timeout", "5"]


@pytest.fixture
def gdc_portal(portal, data_folder):
    """The GDC behind the mirror."""
    listing = json.loads((data_folder / "gdc/TCGA-KIRC.files.json").read_text())
    portal.files["/m/api.gdc.cancer.gov/files"] = json.dumps(listing).encode()
    portal.types["/m/api.gdc.cancer.gov/files"] = "application/json"
    for hit in listing["data"]["hits"]:
        path = f"/m/api.gdc.cancer.gov/data/{hit['file_id']}"
        portal.files[path] = (data_folder / "gdc" / hit["file_name"]).read_bytes()
    return portal


def test_the_list_names_every_source_with_all_that_is_asked(capsys, tmp_path):
    assert main(["--list"]) == 0
    text = capsys.readouterr().out
    lines = text.splitlines()
    assert lines[0].split()[0] == "name"
    for name in ("samples", "genes", "units", "size", "licence", "account"):
        assert name in lines[0]
    for source in SOURCES.values():
        assert f"\n{source.name}" in text
        if source.unverified:
            assert f"{source.name}: unverified: {source.unverified}" in text
    assert main(["--list", "-o", str(tmp_path / "list.tsv")]) == 0
    rows = [line.split("\t") for line in (tmp_path / "list.tsv").read_text().splitlines()]
    assert rows[0] == list(LIST_COLUMNS) and len(rows) == len(SOURCES) + 1
    assert {len(row) for row in rows} == {len(LIST_COLUMNS)} and all(all(row) for row in rows)


@pytest.mark.parametrize("content", [b"no list", b"[" * 100_000])
def test_a_list_that_is_none_is_told_by_its_address(portal, quick, capsys, tmp_path, content):
    portal.files["/m/api.gdc.cancer.gov/files"] = content
    assert main(["gdc", "--projects", "TCGA-KIRC", "-o", str(tmp_path / "o.h5ad"), *quick]) == 5
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"error: {portal.url}/m/api.gdc.cancer.gov/files: is not JSON (" in said
    assert "tmp" not in said


def test_a_list_that_is_none_in_a_folder_is_a_bad_input(capsys, tmp_path):
    (tmp_path / "TCGA-KIRC.files.json").write_text("no list")
    words = ["gdc", "--projects", "TCGA-KIRC", "-o", str(tmp_path / "o.h5ad"), "--from", str(tmp_path)]
    assert main(words) == 3
    assert f"{tmp_path}/TCGA-KIRC.files.json: is not JSON" in capsys.readouterr().err


def test_every_source_of_the_original_is_there():
    assert {"modac-combined", "clrna-published", "ccle", "ctrp", "gcsi", "gdsc", "nci60", "gdc", "pdmr"} <= set(SOURCES)


def test_files_to_load_by_hand(capsys, tmp_path, data_folder):
    assert main(["modac-combined", "--print-files"]) == 0
    rows = [line.split("\t") for line in capsys.readouterr().out.splitlines()]
    assert rows[0] == ["file", "size", "checksum", "address"] and len(rows) == 5
    assert rows[1][3].startswith("https://modac.cancer.gov/api/v2/dataObject/NCI_DOE_Archive/JDACS4C/")
    assert rows[2][3].startswith("https://ftp.mcs.anl.gov/pub/candle/public/benchmarks/Pilot1/combo/")
    words = ["pdmr", "--print-files", "--from", str(data_folder / "pdmr"), "-o", str(tmp_path / "files.tsv")]
    assert main(words) == 0
    assert "https://pdmdb.cancer.gov/pdm/114348~004-R~AAR" in (tmp_path / "files.tsv").read_text()


@pytest.mark.parametrize(
    ("words", "status", "told"),
    [
        ([], 2, "name a data set or model"),
        (["ccle"], 2, "say with -o where to write"),
        (["cclle", "-o", "x.h5ad"], 2, "did you mean ccle?"),
        (["ccle", "-o", "x.safetensors"], 2, "name a file that ends in .h5ad"),
        (["clrna-published", "-o", "x.h5ad"], 2, "name a file that ends in .safetensors"),
        (
            ["ccle", "-o", "x.h5ad", "--projects", "TCGA-BRCA"],
            2,
            "gdc, gtex, recount3, coderdata have",
        ),
        (["ccle", "-o", "x.h5ad", "--checksum", "md5:" + "0" * 32], 2, "--checksum is for one file at a URL"),
        (["ccle", "-o", "x.h5ad", "--from", "nowhere"], 3, "--from nowhere: no such folder"),
        (["ccle", "-o", "x.h5ad", "--mirror", "ftp://x"], 2, "begin it with https://"),
        (["ccle", "-o", "x.h5ad", "--offline"], 5, "--offline, and no --cache is named"),
        (["ccle", "-o", "nowhere/x.h5ad"], 2, "the folder nowhere does not exist"),
        (["http://127.0.0.1:9/x", "-o", "x", "--retries", "0"], 5, "given up after 1 attempts"),
        (["pdmr", "-o", "x.h5ad"], 5, "pdmr_samples.csv: its source gives no address"),
        (["clrna-published", "-o", "x.safetensors"], 5, "MODAC_TOKEN, or MODAC_USER and MODAC_PASSWORD"),
    ],
)
def test_wrong_usage_and_what_is_not_there(capsys, tmp_path, monkeypatch, words, status, told):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert main(words) == status
    error = capsys.readouterr().err.strip().splitlines()
    assert told in error[-1] and not list(tmp_path.iterdir())


@pytest.mark.parametrize("by_variable", [False, True])
@pytest.mark.parametrize("kind", ["pipe", "file", "below a file", "dangling link", "device", "long"])
def test_a_cache_that_can_be_no_folder(capsys, tmp_path, monkeypatch, kind, by_variable):
    cache = tmp_path / "cache"
    if kind == "pipe":
        os.mkfifo(cache)
    elif kind == "dangling link":
        cache.symlink_to(tmp_path / "nowhere")
    elif kind == "device":
        cache = Path("/dev/null")
    elif kind == "long":
        cache = tmp_path / ("x" * 300)
    else:
        cache.write_text("x")
        cache /= "" if kind == "file" else "sub"
    if by_variable:
        monkeypatch.setenv("CLRNA_CACHE", str(cache))
    words = [] if by_variable else ["--cache", str(cache)]
    before = sorted(tmp_path.iterdir())
    assert main(["nci60", "-o", str(tmp_path / "x.h5ad"), *words]) == 2
    lines = capsys.readouterr().err.strip().splitlines()
    assert len(lines) == 1 and ("CLRNA_CACHE" if by_variable else "--cache") in lines[0]
    assert "no folder" in lines[0] or "is no name of a folder" in lines[0]
    assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("word", ["md5:123", "crc:00000000", "sha256", "sha256:" + "g" * 64])
def test_a_checksum_that_is_none(word, capsys):
    with pytest.raises(SystemExit):
        main(["http://127.0.0.1/x", "-o", "x", "--checksum", word])
    assert "is not ALGORITHM:HEX" in capsys.readouterr().err


def test_a_plain_url_with_a_checksum(portal, tmp_path, capsys):
    portal.files["/data/x.bin"] = CONTENT
    portal.behaviors["/data/x.bin"] = [cuts_after(30_000), answers(503, Retry_After="0")]
    digest = hashlib.sha256(CONTENT).hexdigest()
    output = tmp_path / "x.bin"
    url = f"{portal.url}/data/x.bin?key=a-secret"
    assert main([url, "-o", str(output), "--checksum", f"sha256:{digest}"]) == 0
    assert output.read_bytes() == CONTENT and "a-secret" not in capsys.readouterr().err
    with_user = url.replace("http://", "http://user:a-secret@")
    assert main([with_user, "-o", str(output), "--checksum", f"sha256:{'0' * 64}"]) == 5
    said = capsys.readouterr().err
    assert f" was published, twice, from {portal.url}/data/x.bin; " in said and "a-secret" not in said
    assert output.read_bytes() == CONTENT
    assert main([f"file://{output}", "-o", str(tmp_path / "copy"), "--offline"]) == 0
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_options_from_a_file(portal, tmp_path, data_folder):
    (tmp_path / "fetch.yaml").write_text(f"from: {data_folder / 'gcsi'}\njobs: 2\n")
    assert main(["gcsi", "-o", str(tmp_path / "x.h5ad"), "--config", str(tmp_path / "fetch.yaml")]) == 0


def test_gdc_from_a_busy_portal(gdc_portal, quick, tmp_path):
    files = [path for path in gdc_portal.files if "/data/" in path]
    gdc_portal.behaviors["/m/api.gdc.cancer.gov/files"] = [answers(503)]
    gdc_portal.behaviors[files[0]] = [answers(429, Retry_After="0"), cuts_after(200)]
    gdc_portal.behaviors[files[1]] = [answers(200, b"<html>busy</html>" * 99, "application/octet-stream")]
    words = ["gdc", "--projects", "TCGA-KIRC", "-o", str(tmp_path / "x.h5ad"), *quick]
    assert main(words) == 5
    assert main([*words, "--cache", str(tmp_path / "cache")]) == 0
    adata = anndata.read_h5ad(tmp_path / "x.h5ad")
    assert adata.n_obs == 3
    np.testing.assert_allclose(adata.X[:, 0], [1373, 1374, 1375])
    query = gdc_portal.requests_of("/m/api.gdc.cancer.gov/files")[0].query
    assert "STAR" in query and "TCGA-KIRC" in query and "md5sum" in query
    # What is in the cache is not loaded again; the list of files is, unless offline.
    gdc_portal.asked.clear()
    assert main([*words, "--cache", str(tmp_path / "cache")]) == 0
    assert [asked.path for asked in gdc_portal.asked] == ["/m/api.gdc.cancer.gov/files"]
    gdc_portal.asked.clear()
    assert main([*words, "--cache", str(tmp_path / "cache"), "--offline"]) == 0
    assert gdc_portal.asked == []


def test_coderdata_finds_its_files_and_their_checksums_on_figshare(portal, quick, tmp_path, data_folder):
    contents = {path.name: path.read_bytes() for path in (data_folder / "coderdata").glob("*.csv")}
    for name in [name for name in contents if "transcriptomics" in name]:
        contents[f"{name}.gz"] = gzip.compress(contents.pop(name))
    listing = []
    for number, (name, content) in enumerate(contents.items(), 500):
        md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
        url = f"https://ndownloader.figshare.com/files/{number}"
        row = {"id": number, "name": name, "size": len(content), "supplied_md5": md5, "computed_md5": md5}
        listing.append({**row, "download_url": url, "is_link_only": False})
        portal.files[f"/m/api.figshare.com/v2/file/download/{number}"] = content
    # An earlier deposit of the same name, which is not taken.
    listing.insert(0, {**listing[0], "id": 1, "computed_md5": "0" * 32})
    portal.files["/m/api.figshare.com/v2/articles/29923646/files"] = json.dumps(listing).encode()
    words = ["coderdata", "-o", str(tmp_path / "x.h5ad"), *quick]
    assert main(words) == 0
    assert anndata.read_h5ad(tmp_path / "x.h5ad").n_obs == 4
    assert main([*words, "--projects", "novartis"]) == 2
    portal.files["/m/api.figshare.com/v2/file/download/500"] = b"x" * len(next(iter(contents.values())))
    assert main(words) == 5


def test_ccle_is_held_against_its_published_checksum(portal, quick, tmp_path, data_folder, capsys):
    for number, name in ((51065489, "OmicsExpressionProteinCodingGenesTPMLogp1.csv"), (51065297, "Model.csv")):
        content = (data_folder / "ccle" / name).read_bytes()
        portal.files[f"/m/api.figshare.com/v2/file/download/{number}"] = content
        portal.files[f"/m/ndownloader.figshare.com/files/{number}"] = content
    assert main(["ccle", "-o", str(tmp_path / "x.h5ad"), *quick]) == 5
    assert "71794802b750ce77c422dad0720a40af was published" in capsys.readouterr().err


def test_a_killed_run_leaves_nothing_half_written_and_the_next_goes_on(portal, tmp_path):
    portal.files["/x.bin"] = CONTENT
    portal.behaviors["/x.bin"] = [stays_silent_after(24_000)]
    words = [f"{portal.url}/x.bin", "-o", str(tmp_path / "x.bin"), "--cache", str(tmp_path / "cache")]
    run = subprocess.Popen(
        [sys.executable, "-m", "clrna.cli.fetch", *words], stderr=subprocess.PIPE, env={**os.environ, "NO_PROXY": "*"}
    )
    while not any(path.stat().st_size > 10_000 for path in (tmp_path / "cache").rglob("*.part")):
        assert run.poll() is None, run.stderr.read()
        time.sleep(0.05)
    asked = time.monotonic()
    run.send_signal(signal.SIGTERM)
    assert run.wait(timeout=120) == 143, run.stderr.read()
    assert time.monotonic() - asked < 30  # which schedulers leave a job; the server stays silent for longer
    run.stderr.close()
    assert not (tmp_path / "x.bin").exists()
    (partial,) = (tmp_path / "cache").rglob("*.part")
    held = partial.stat().st_size
    assert 10_000 < held < len(CONTENT)
    assert main(words) == 0
    assert (tmp_path / "x.bin").read_bytes() == CONTENT
    assert portal.requests_of("/x.bin")[-1].headers["range"] == f"bytes={held}-"


def test_secrets_never_reach_the_output(modac, tmp_path, data_folder, monkeypatch, capsys):
    monkeypatch.setenv("MODAC_USER", "ada")
    monkeypatch.setenv("MODAC_PASSWORD", "right horse")
    from clrna.fetch.sources import modac_combined

    for file in modac_combined.files(None):
        modac.objects[file.modac_path] = (data_folder / "modac-combined" / file.name).read_bytes()
    modac.signed |= set(modac.objects)
    for path, content in modac.objects.items():
        modac.files[f"/signed{path}"] = content
    output = tmp_path / "x.h5ad"
    assert main(["modac-combined", "-o", str(output), "-v"]) == 0
    err = capsys.readouterr().err
    for secret in ("right horse", "token-1", "a-secret"):
        assert secret not in err and secret.encode() not in output.read_bytes()


def test_pdmr_with_a_sheet_put_into_the_cache(portal, quick, tmp_path, data_folder):
    folder = tmp_path / "cache/pdmr/current"
    folder.mkdir(parents=True)
    (folder / "pdmr_samples.csv").write_bytes((data_folder / "pdmr/pdmr_samples.csv").read_bytes())
    for path in (data_folder / "pdmr").glob("*.txt"):
        portal.files[f"/m/pdmdb.cancer.gov/pdm/{path.name}"] = path.read_bytes()
    words = ["pdmr", "-o", str(tmp_path / "x.h5ad"), "--cache", str(tmp_path / "cache"), *quick]
    assert main(words) == 0
    assert anndata.read_h5ad(tmp_path / "x.h5ad").n_obs == 2


def test_a_missing_account_shows_before_anything_is_loaded(modac, capsys, tmp_path):
    words = ["clrna-published", "-o", str(tmp_path / "x.safetensors"), "--cache", str(tmp_path / "cache")]
    assert main(words) == 5
    assert "MODAC_TOKEN" in capsys.readouterr().err and not modac.asked


def test_the_weekly_try_knows_every_source_that_needs_no_person():
    text = (Path(__file__).resolve().parents[2] / ".github" / "workflows" / "sources.yml").read_text()
    tried = [row["source"] for row in yaml.safe_load(text)["jobs"]["fetch"]["strategy"]["matrix"]["include"]]
    # One needs an account, two a person's click, one comes along.
    assert set(tried) == set(SOURCES) - {"clrna-published", "ccle-later", "pdmr", "pan-cancer-small"}
    for row in yaml.safe_load(text)["jobs"]["fetch"]["strategy"]["matrix"]["include"]:
        assert get_parser().parse_args([row["source"], "-o", "x.h5ad", *row["options"].split()]).name == row["source"]


def test_offline_a_cache_that_may_only_be_read_will_do(tmp_path, monkeypatch, capsys):
    (tmp_path / "a.txt").write_text("content")
    cache, address = str(tmp_path / "cache"), f"file://{tmp_path}/a.txt"
    assert main([address, "-o", str(tmp_path / "first"), "--cache", cache]) == 0
    (tmp_path / "a.txt").unlink()
    access, opened = os.access, Path.open

    def only_read(path, mode="r", *args, **kwargs):
        if str(path).startswith(cache) and set(mode) & set("wax+"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return opened(path, mode, *args, **kwargs)

    monkeypatch.setattr(Path, "open", only_read)
    monkeypatch.setattr(os, "access", lambda path, mode: access(path, mode) and not (str(path) == cache and mode & 2))
    assert main([address, "-o", str(tmp_path / "second"), "--cache", cache, "--offline"]) == 0
    assert (tmp_path / "second").read_text() == "content"
    assert main([address, "-o", str(tmp_path / "third"), "--cache", cache]) == 2
    assert "may not be written to" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["damaged", "lacking"])
def test_a_cache_that_may_only_be_read_is_not_to_be_removed(tmp_path, monkeypatch, capsys, kind):
    (tmp_path / "a.txt").write_text("content")
    cache, address = tmp_path / "cache", f"file://{tmp_path}/a.txt"
    assert main([address, "-o", str(tmp_path / "first"), "--cache", str(cache)]) == 0
    (kept,) = cache.glob("url/*/a.txt")
    if kind == "damaged":
        kept.write_text("spoilt")
    else:
        shutil.rmtree(kept.parent)
    capsys.readouterr()
    access = os.access

    def only_read(path, *_args, **_kwargs):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))

    for change in ("unlink", "mkdir"):
        monkeypatch.setattr(Path, change, only_read)
    monkeypatch.setattr(
        os, "access", lambda path, mode: access(path, mode) and not (cache in Path(path, "x").parents and mode & 2)
    )
    assert main([address, "-o", str(tmp_path / "second"), "--cache", str(cache), "--offline"]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert f"--cache {cache}: {kept if kind == 'damaged' else kept.parent}" in said
    assert said.endswith("; it has to be loaded, and the cache may only be read; name one that may be written to")
