"""The page: whole, self-contained, harmless, and the same each time."""

import base64
import hashlib
import json
import re

from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad
from clrna.report.build import SECTIONS


def test_every_section_is_there_and_says_something(parsed):
    everything = [
        anchor for anchor, _ in SECTIONS if anchor != "absent"
    ]  # what nothing is absent from needs no such list
    assert list(parsed.sections) == everything
    assert all(len(text.split()) > 10 for text in parsed.sections.values())
    links = [item["href"] for item in parsed.all("a") if item.get("href", "").startswith("#")]
    identifiers = {item["id"] for _, item in parsed.elements if "id" in item}
    assert {f"#{anchor}" for anchor in everything} <= set(links)
    assert {link[1:] for link in links} <= identifiers


def test_identifiers_are_given_once(parsed):
    identifiers = [item["id"] for _, item in parsed.elements if "id" in item]
    assert len(identifiers) == len(set(identifiers))


def test_nothing_is_loaded_from_anywhere(parsed, report):
    for tag, attributes in parsed.elements:
        assert tag not in ("link", "iframe", "object", "embed", "base", "form") or (
            tag == "form" and "action" not in attributes
        )
        for name in ("src", "srcset", "data", "poster", "background", "xlink:href"):
            assert attributes.get(name, "data:").startswith("data:"), (tag, attributes)
        assert "url(" not in attributes.get("style", "")
        assert not any(name.startswith("on") for name in attributes), (tag, attributes)
    style = re.search(r"<style>(.*?)</style>", report.read_text(), re.S).group(1)
    assert "url(" not in style and "@import" not in style


def test_links_lead_out_only_to_what_is_cited(parsed):
    away = [item["href"] for item in parsed.all("a") if not item["href"].startswith("#")]
    assert away and all(link.startswith("https://doi.org/10.") for link in away)


def test_the_policy_allows_the_scripts_of_the_page_and_nothing_else(parsed, report):
    (policy,) = [item["content"] for item in parsed.all("meta") if item.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["img-src"] == "data: blob:"
    assert "unsafe" not in rules["script-src"] and "http" not in policy and "*" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", report.read_text(encoding="utf-8"), re.S)
    digests = {f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in scripts}
    assert set(rules["script-src"].split()) == digests
    assert len(scripts) == len(digests) == 5


def test_hostile_names_stay_text(parsed, report, hostile):
    html = report.read_text(encoding="utf-8")
    own = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    assert not re.search(r"<script(?! type=\"application/json\")", own)
    assert "onerror=alert" not in [name for _, attributes in parsed.elements for name in attributes]
    assert all("alert(" not in value for _, attributes in parsed.elements for value in attributes.values())
    for name in hostile:
        assert " ".join(name.split()) in " ".join(parsed.sections["data"].split())
    labels = [item["label"] for item in json.loads(parsed.data["embedding-data"])["columns"][0]["labels"]]
    assert set(labels) == {name.strip() for name in hostile}
    raw = re.search(r'id="embedding-data">(.*?)</script>', html, re.S).group(1)
    assert not set("<>&'\u2028") & set(raw)


def test_no_tag_comes_from_a_name(parsed):
    assert [tag for tag, _ in parsed.elements if tag in ("b", "svg", "iframe")] == []
    assert all(item.get("src", "").startswith("data:image/png") for item in parsed.all("img"))


def test_it_is_small_and_plotly_is_in_it_once(report):
    text = report.read_text(encoding="utf-8")
    assert 3e6 < len(text.encode()) < 8e6
    assert text.count("* plotly.js v") == 1


def test_the_same_inputs_give_the_same_bytes(folder, run_plot, report, all_of):
    again = folder / "again.html"
    assert run_plot(folder, "-o", again, *all_of(folder)) == 0
    assert again.read_bytes() == report.read_bytes()


def test_it_holds_no_folder_of_this_machine_and_no_date(report, pipeline):
    own = re.sub(r"<script>.*?</script>", "", report.read_text(encoding="utf-8"), flags=re.S)
    assert str(pipeline) not in own
    assert not re.search(r"20\d\d-\d\d-\d\d", own)


def test_tables_are_told_apart_by_those_who_cannot_see(parsed, report):
    assert len(parsed.all("caption")) == len(parsed.all("table"))
    assert all("scope" in item for item in parsed.all("th"))
    assert all(item.get("alt") for item in parsed.all("img"))
    regions = [item for _, item in parsed.elements if item.get("role") == "region"]
    assert regions and all(item.get("aria-label") and item.get("tabindex") == "0" for item in regions)
    assert parsed.all("html")[0]["lang"] == "en"
    assert "@media print" in report.read_text()


def test_the_first_picture_is_the_claim_with_a_key_of_the_samples_in_front(parsed, hostile):
    section = parsed.all("img")[:4]
    assert [item["alt"] for item in section] == [
        f"PCA of {name}, by {column}: TCGA <b>, a study that CLRNA was not trained on"
        for name in ("CLRNA", "ComBat")
        for column in ("tissue", "study")
    ]
    assert len({item["src"] for item in section}) == 4
    text = " ".join(parsed.sections["glance"].split())
    assert "CLRNA beside ComBat: TCGA <b> in color, reference samples in grey" in text
    assert text.index("reference samples in grey") < text.index("How well it works on")
    assert "study TCGA <b> 24 reference: CCLE, NCI60 and REF <i> 72" in text
    assert all(f"{' '.join(name.split())} " in text for name in hostile)


def test_no_two_categories_have_the_same_mark(parsed):
    data = json.loads(parsed.data["embedding-data"])
    marks = [(label["color"], label["marker"]) for column in data["columns"] for label in column["labels"]]
    assert len(set(marks)) == len(marks) == 7 + 3 + 2
    swatches = [item["class"].split()[1] for item in parsed.all("span") if item.get("class", "").startswith("swatch")]
    assert len(set(swatches)) > 2


def test_counts_of_each_group_add_up_to_those_of_all(parsed):
    data = json.loads(parsed.data["embedding-data"])
    groups = [group["key"] for group in data["seen"]["groups"]]
    assert groups == ["unseen", "study"]
    for column in data["columns"]:
        assert all(sum(label["by_seen"]) == label["n"] for label in column["labels"])
        assert [sum(counts) for counts in zip(*(label["by_seen"] for label in column["labels"]), strict=True)] == [
            24,
            48,
        ]


def test_why_an_epoch_was_kept_is_said(parsed):
    assert "Epoch 3 of 3 is the model, since the cost on validation samples was lowest there (2.9)" in " ".join(
        parsed.sections["training"].split()
    )


def test_headline_names_the_study_both_embeddings_and_the_difference(parsed):
    text = " ".join(parsed.sections["glance"].split())
    assert "TCGA <b>, a study that the model was not trained on" in text
    assert "CLRNA 0.81 (0.76 to 0.86), ComBat 0.62 (0.57 to 0.67). CLRNA is better by 0.19 (0.11 to 0.26)." in text
    assert "Same donor found in another study, recall@1: no donor is shared." in text


def test_the_chain_is_shown_in_order(parsed):
    text = parsed.sections["steps"]
    places = [
        text.index(f"clrna-{step}") for step in ("normalize", "train", "encode", "baseline", "match", "explain", "plot")
    ]
    assert places == sorted(places)
    shown = [item["title"] for item in parsed.all("code") if "title" in item]
    assert all(re.fullmatch(r"SHA-256 [0-9a-f]{64}", title) for title in shown) and len(shown) == 7


def test_drawn_data_are_those_of_the_inputs(parsed):
    data = json.loads(parsed.data["embedding-data"])
    assert [item["key"] for item in data["embeddings"]] == ["X_clrna", "X_combat", "X_pca"]
    assert len(data["names"]) == 72
    assert [column["name"] for column in data["columns"]] == ["tissue", "study", "sample category"]
    assert sum(data["seen"]["codes"]) == 48
    points = data["embeddings"][0]["projections"]["pca"]
    assert len(points["x"]) == len(points["y"]) == 72
    assert min(points["x"]) == 0 and max(*points["x"], *points["y"]) == 10_000
    assert json.loads(parsed.data["history-data"])["curves"][0] == {
        "term": "cost",
        "train": [3.0, 2.0, 1.5],
        "valid": [3.5, None, 2.9],
    }


def test_the_files_are_shown_as_they_were_read(parsed, hostile):
    text = " ".join(parsed.sections["data"].partition("Files as they were read")[2].split())
    assert text.startswith(
        "File Study Samples Genes Orientation Identifiers Scale Why Lost ccle.csv CCLE 1,240 18 of 20"
    )
    assert "counts to log2_tpm1 whole numbers 2 genes lost (X, Y)" in text
    assert f"{hostile[0]}.tsv" in text and " ".join(hostile[3].split()) in text
    assert "found" not in parsed.sections["steps"].split("What it found")[1]


def test_a_file_whose_record_does_not_say_has_no_such_table(folder, run_plot, page):
    encoded = read_h5ad(folder / "encoded.h5ad")
    del encoded.uns["clrna"]["provenance"]
    write_h5ad(encoded, folder / "encoded.h5ad")
    assert run_plot(folder, "-o", folder / "bare.html", inputs=["encoded.h5ad"]) == 0
    assert "Files as they were read" not in page(folder / "bare.html").sections["data"]
