"""The first picture: four panels, unseen samples in front, training samples grey behind them, a legend that counts."""

import re
from pathlib import Path
from xml.dom import minidom

import numpy as np
import pytest
from matplotlib.colors import to_hex

from clrna.plot.claim import claim_of, default_title, keys_to_compare
from clrna.plot.claim_figure import CLOUD, claim_figure, tint
from clrna.plot.figure_style import new_figure, save
from clrna.plot.palette import COLORS, ORIGIN_COLORS, styles_of
from clrna.plot.projections import project
from clrna.results.predictions import predictions_in
from clrna.results.samples import embeddings_to_draw


@pytest.fixture
def combat(samples):
    """The samples, with ComBat."""
    samples.adata.obsm["X_combat"] = samples.adata.obsm["X_pca"][:, ::-1].copy()
    return samples


def claim(samples):
    drawn = {key: project(values, "pca") for key, values in embeddings_to_draw(samples, None).items()}
    found = predictions_in(samples.adata)
    return claim_of(samples, drawn, found[0] if found else None)


def points_of(axes):
    """Return the points of a panel by their color."""
    found = {}
    for item in axes.collections:
        points = item.get_offsets().tolist()
        colors = item.get_facecolors()
        for number, point in enumerate(points):
            found.setdefault(to_hex(colors[number if len(colors) > 1 else 0]), []).append(tuple(point))
    return found


def entries(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_four_panels_hold_the_unseen_samples_in_color_and_the_rest_pale_behind(combat):
    figure = claim_figure(claim(combat))
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["by tissue", "by study"] * 2
    looks = styles_of(["Lung", "Bowel", "Skin"])
    study = styles_of(["CCLE", "TCGA"], spread=True)["TCGA"]
    behind = {tint(looks["Lung"].color): 4, tint(looks["Bowel"].color): 4, tint(looks["Skin"].color): 3, CLOUD: 1}
    for at, axes in enumerate(figure.axes):
        sizes = {color: len(points) for color, points in points_of(axes).items()}
        expected = {study.color: 12, CLOUD: 12} if at % 2 else {**{look.color: 4 for look in looks.values()}, **behind}
        assert sizes == expected


def test_a_label_that_is_not_in_front_is_grey_behind(combat):
    combat.labels[0] = "Bone"
    points = points_of(claim_figure(claim(combat)).axes[0])
    assert tint(styles_of(["Bone"])["Bone"].color) not in points and len(points[CLOUD]) == 2


def test_the_tint_is_told_from_the_color_and_from_the_cloud(color_vision):
    for color in COLORS.values():
        assert color_vision.distance(tint(color), color, "normal") > 0.06
        assert color_vision.distance(tint(color), CLOUD, "normal") > 0.03


def test_each_point_lies_where_its_sample_does(combat):
    found = claim(combat)
    axes = claim_figure(found).axes[2]
    mine = found.projections["X_combat"].coordinates[12:][combat.labels[12:] == "Lung"]
    np.testing.assert_allclose(sorted(points_of(axes)[COLORS["teal"]]), sorted(map(tuple, mine.tolist())), atol=1e-6)


def test_the_legend_counts_the_samples_in_front_alone(combat):
    figure = claim_figure(claim(combat))
    assert entries(figure) == ["Bowel (4)", "Lung (4)", "Skin (4)", "TCGA (12)", "trained on: CCLE (12)"]


def test_unlabelled_samples_in_front_are_not_taken_for_the_cloud(combat):
    combat.labels[12] = ""
    figure = claim_figure(claim(combat))
    assert "unlabelled (1)" in entries(figure)
    assert len(points_of(figure.axes[0])["#ffffff"]) == 1 and len(points_of(figure.axes[1])[CLOUD]) == 12


def test_samples_of_unseen_studies_whose_donor_is_known_are_in_front_too(combat):
    combat.adata.obs["clrna_seen"] = ["study"] * 12 + ["unseen"] * 6 + ["donor"] * 6
    assert claim(combat).n_front == 12


def test_where_no_study_was_left_out_all_are_in_front_and_it_is_said(combat):
    combat.adata.obs["clrna_seen"] = "study"
    found = claim(combat)
    assert (found.n_front, found.n_behind, found.unseen) == (24, 0, [])
    assert "no study is known to have been left out" in found.heading and "pale" not in found.how_to_read
    assert entries(claim_figure(found))[-2:] == ["CCLE (12)", "TCGA (12)"]


def test_combat_is_what_the_model_is_held_against_or_else_the_next_baseline():
    assert keys_to_compare(["X_pca", "X_combat", "X_clrna"]) == ["X_clrna", "X_combat"]
    assert keys_to_compare(["X_pca", "X_clrna", "X_harmony"]) == ["X_clrna", "X_harmony"]
    assert keys_to_compare(["X_clrna", "X_clrna_2"]) == ["X_clrna"]
    assert keys_to_compare(["X_pca", "X_combat"]) == ["X_combat", "X_pca"]
    assert keys_to_compare(["X_pca"]) == ["X_pca"]


def test_scores_stand_below_and_everything_fits(combat):
    numbers = ["A sentence with a number, 0.71 (0.50 to 0.90), that is as long as they are. " * 2, "Another."]
    figure = claim_figure(claim(combat), numbers=numbers, title="A long title " * 30)
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    assert box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= width + 0.01 and box.y1 <= height + 0.01
    written = " ".join(text.get_text().strip() for text in figure.texts)
    assert " ".join(numbers[0].split()) in written and "Another." in written
    boxes = [text.get_window_extent() for text in [*figure.texts, *figure.legends[0].get_texts()]]
    boxes += [text.get_window_extent() for text in figure.legends[1].get_texts()]
    assert not any(boxes[i].overlaps(boxes[j]) for i in range(len(boxes)) for j in range(i))


@pytest.mark.parametrize("suffix", [".svg", ".pdf"])
def test_text_stays_text(combat, tmp_path, suffix):
    save(claim_figure(claim(combat), numbers=["ninety-nine"]), tmp_path / f"a{suffix}", 60)
    content = (tmp_path / f"a{suffix}").read_bytes()
    if suffix == ".svg":
        assert b">ninety-nine</text>" in content and b">trained on: CCLE (12)</text>" in content
        assert b"<text" in content and not re.search(rb'id="DejaVu', content)
    else:
        assert b"/Subtype /Type0" in content or b"/Subtype /TrueType" in content  # a font that can be searched


def test_the_title_says_what_the_report_is_about(combat):
    found = predictions_in(combat.adata)[0]
    assert default_title(combat, found) == "Tissue in TCGA, a study that the model was not trained on"
    assert default_title(combat, None) == "Tissue across CCLE and TCGA"
    combat.studies[:] = "CCLE"
    assert default_title(combat, None) == "Tissue in CCLE"


def test_many_unseen_studies_are_counted_in_the_title(combat):
    combat.studies[12:] = np.resize([f"S{number}" for number in range(6)], 12)
    found = predictions_in(combat.adata)[0]
    title = "Tissue in S0, S1, S2 and 3 more, 6 studies that the model was not trained on"
    assert default_title(combat, found) == title
    colors = set(points_of(claim_figure(claim(combat)).axes[1])) - {CLOUD}
    assert len(colors) == 6 and colors <= set(ORIGIN_COLORS.values())


@pytest.mark.parametrize("name", ["\ufeff", "\ufeffLung", "\u200b", "\u202eLung", "\u0300", "$\\frac", ""])
@pytest.mark.parametrize("suffix", [".pdf", ".svg", ".png"])
def test_names_of_which_nothing_shows_are_drawn(tmp_path: Path, name: str, suffix: str) -> None:
    figure = new_figure(2, 1)
    figure.text(0.1, 0.5, name)
    save(figure, tmp_path / f"figure{suffix}", 60)
    assert (tmp_path / f"figure{suffix}").stat().st_size


def test_names_with_control_characters_leave_an_svg_that_can_be_read(tmp_path: Path) -> None:
    figure = new_figure(3, 2)
    figure.text(0.1, 0.5, "A\x1b[31mB\nnext line")
    save(figure, tmp_path / "figure.svg", 100)
    document = minidom.parse(str(tmp_path / "figure.svg"))  # noqa: S318 - written just now
    texts = [node.firstChild.data for node in document.getElementsByTagName("text")]
    assert any("A\\x1b[31mB" in text for text in texts) and any("next line" in text for text in texts)
