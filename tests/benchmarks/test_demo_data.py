"""The studies that the demo carries: small, real, openly licensed, chosen by the rule that is written beside them."""

from collections import Counter

import anndata
import numpy as np
import pandas as pd
import pytest

from clrna.genes import map_genes

WHOLE = {"CCLE", "NCI60"}


@pytest.fixture(scope="module")
def carried(test_data) -> dict[str, anndata.AnnData]:
    files = [anndata.read_h5ad(path) for path in sorted((test_data / "demo").glob("*.h5ad"))]
    return {str(adata.obs["study"].iloc[0]): adata for adata in files}


@pytest.fixture(scope="module")
def unseen(test_data) -> list[str]:
    return (test_data / "demo" / "hold-out.list").read_text().split()


@pytest.fixture(scope="module")
def make_demo(load_script, test_data):
    return load_script(test_data / "make_demo.py")


def tissues_of(studies) -> Counter[str]:
    return Counter(tissue for adata in studies for tissue in adata.obs["tissue"].astype(str))


def test_they_are_small_real_and_shared(test_data, carried):
    assert sum(path.stat().st_size for path in (test_data / "demo").iterdir()) <= 3_000_000
    symbols = {name: set(map_genes(list(adata.var_names)).symbol) for name, adata in carried.items()}
    assert symbols["CCLE"] == symbols["NCI60"] and len(symbols["CCLE"]) > 600
    assert all(found <= symbols["CCLE"] for found in symbols.values())
    assert len(set.intersection(*symbols.values())) == 486
    assert len(set(carried["CCLE"].obs["donor"]) & set(carried["NCI60"].obs["donor"])) >= 20


def test_each_has_its_source_and_licence(test_data, carried):
    text = (test_data / "demo" / "README.md").read_text()
    table = pd.read_csv(test_data / "demo_candidates.tsv", sep="\t", comment="#", dtype=str).set_index("study")
    assert set(table["licence"]) == {"CC0-1.0", "MIT", "Artistic-2.0"}
    assert set(carried) <= set(table.index) and table.loc[list(carried), "never"].isna().all()
    for name in carried:
        row = next(line for line in text.splitlines() if line.startswith(f"| `{table.loc[name, 'carried_as']}` |"))
        assert row.endswith(f"| {table.loc[name, 'licence'].replace('-', ' ')} |"), row
    assert "Permission is hereby granted" in text
    assert "The Artistic License 2.0" in (test_data / "demo" / "LICENCE-Artistic-2.0").read_text()


def test_they_obey_the_rule(carried, unseen):
    reference = [adata for name, adata in carried.items() if name not in unseen]
    held = tissues_of(reference)
    assert len(unseen) >= 5 and set(unseen) < set(carried)
    assert all(len(tissues_of([adata])) >= 3 for adata in reference)
    for name in unseen:
        here = tissues_of([carried[name]])
        assert len(here) < 3 and sum(here.values()) >= 20 and all(held[tissue] >= 20 for tissue in here), name
    for name, adata in carried.items():
        assert name in WHOLE or max(tissues_of([adata]).values()) <= 40
    donors = {name: set(adata.obs["donor"]) for name, adata in carried.items()}
    assert not any(donors[name] & donors[other] for name in unseen for other in carried if other != name)


def study(make_demo, name: str, **samples: int):
    """A study with so many samples of each tissue."""
    tissues = [tissue for tissue, n in samples.items() for _ in range(n)]
    obs = pd.DataFrame({"tissue": tissues}, index=[f"{name}{i}" for i in range(len(tissues))])
    adata = anndata.AnnData(np.ones((len(tissues), 2), dtype=np.float32), obs=obs)
    return make_demo.Study(name, f"{name}.h5ad", adata, "")


def test_the_rule(make_demo, capsys):
    reference = study(make_demo, "panel", lung=25, skin=15, bowel=30)
    cohorts = [
        study(make_demo, "lungs", lung=20, pleura=9),
        study(make_demo, "few", lung=19),
        study(make_demo, "skins", skin=50),
        make_demo.Study("ratios", "x.h5ad", reference.adata, "ratios to a pool"),
    ]
    chosen, unseen = make_demo.chosen([*cohorts, reference])
    assert [item.name for item in chosen] == ["panel"]
    assert [(item.name, set(item.tissues)) for item in unseen] == [("lungs", {"lung"})]
    told = capsys.readouterr().out
    assert all(f"{name} left out: " in told for name in ("few", "skins", "ratios")) and "ratios to a pool" in told


def test_samples_are_kept_at_even_distances(make_demo):
    kept = make_demo.thinned(study(make_demo, "S", lung=100, skin=3))
    assert kept.obs["tissue"].value_counts().to_dict() == {"lung": 40, "skin": 3}
    places = np.array([int(name[1:]) for name in kept.obs_names])[:40]
    assert set(np.diff(places)) == {2, 3} and places[0] == 0 and places[-1] >= 97


@pytest.mark.real
def test_they_come_out_of_their_sources_to_the_digit(make_demo, real_data, test_data, tmp_path, monkeypatch):
    if not (real_data / "cohorts").is_dir():
        pytest.skip("the cohorts are not among the real data")
    monkeypatch.setattr("sys.argv", ["make_demo.py", str(real_data)])
    monkeypatch.setattr(make_demo, "TARGET", tmp_path / "demo")
    make_demo.main()
    made = sorted(path.name for path in (tmp_path / "demo").iterdir())
    assert len(made) == 12
    for name in made:
        assert (tmp_path / "demo" / name).read_bytes() == (test_data / "demo" / name).read_bytes(), name
