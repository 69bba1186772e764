"""The figure of genes: which are drawn, and that their names are text."""

import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.plot.figure_style import save
from clrna.plot.genes_figure import genes_figure
from clrna.results.gene_table import COLUMNS


def table_of(labels, n=12, sample=""):
    rows = [
        {
            "label": label, "against": "all others", "sample": sample, "study": "", "direction": direction,
            "rank": rank,
            "gene": f"{label[0]}{direction[0].upper()}{rank}", "ensembl_id": "", "contribution": sign / rank,
            "value": sign * (1 if rank % 2 else -1), "difference": 1.0, "baseline": 0.0, "not_measured": 0.0,
        }
        for label in labels for direction, sign in (("for", 1), ("against", -1)) for rank in range(1, n + 1)
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))


def names_in(figure):
    return [[text.get_text() for text in axes.get_yticklabels()] for axes in figure.axes]


def test_each_label_has_its_first_ten_genes_for_above_ten_against():
    figure = genes_figure(pd.concat([table_of(["Lung", "Bone", "Skin"]), table_of(["Lung"], sample="s1")]))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["Lung", "Bone", "Skin"]
    # A gene that the label has less of than the others has an arrow.
    wanted = [f"LF{rank}" + ("" if rank % 2 else " ↓") for rank in range(1, 11)]
    wanted += [f"LA{rank}" + (" ↓" if rank % 2 else "") for rank in range(10, 0, -1)]
    assert names_in(figure)[0] == wanted
    widths = [bar.get_width() for bar in figure.axes[0].patches]
    assert widths == [1 / rank for rank in range(1, 11)] + [-1 / rank for rank in range(10, 0, -1)]


def test_panels_do_not_overlap_and_names_lie_within_the_figure():
    table = table_of([f"{letter}abel" for letter in "ABCDEFG"])
    table["gene"] = "AVERYLONGGENE-AS12"
    figure = genes_figure(table)
    renderer = figure.canvas.get_renderer()
    boxes = [axes.get_tightbbox(renderer) for axes in figure.axes]
    page = figure.bbox
    assert all(page.x0 <= box.x0 and box.x1 <= page.x1 and page.y0 <= box.y0 and box.y1 <= page.y1 for box in boxes)
    assert all(text.get_window_extent(renderer).x1 <= page.x1 for text in genes_figure(table_of(["Lung"], 1)).texts)
    assert not any(one.overlaps(two) for i, one in enumerate(boxes) for two in boxes[:i])


def test_names_are_text_in_a_vector_file(tmp_path):
    save(genes_figure(table_of(["Lung", "$ dollars $"])), tmp_path / "genes.svg", 100)
    text = (tmp_path / "genes.svg").read_text()
    assert ">LF1</text>" in text
    assert "$ dollars $" in text


def test_what_labels_are_told_from_is_said():
    table = table_of(["Lung", "Bone"])
    assert "beside the mean of all others\n↓ less of it than in the others" in genes_figure(table).texts[1].get_text()
    told = genes_figure(table.assign(against="Skin")).texts[1].get_text()
    assert told == "what a gene adds to the label's logit beside that of Skin\n↓ less of it than there"
    mixed = genes_figure(table.assign(against=table["label"].map({"Lung": "Skin", "Bone": "Eye"})))
    assert "beside that of the label it is told from\n" in mixed.texts[1].get_text()


def test_without_a_label_there_is_nothing_to_draw():
    with pytest.raises(InputError, match="no label has a gene"):
        genes_figure(table_of(["Lung"], sample="s1"))


def test_another_table_is_refused_by_what_it_lacks():
    with pytest.raises(InputError, match="no column 'rank', 'gene'; make it by clrna-explain"):
        genes_figure(table_of(["Lung"]).drop(columns=["rank", "gene"]))
