"""Colors: stable, distinct, and told apart by every reader."""

from itertools import combinations

import numpy as np
import pytest

from clrna.labels import TISSUES as VOCABULARY
from clrna.plot.columns import label_column
from clrna.plot.figure_style import MARKERS as DRAWN
from clrna.plot.palette import COLORS, GREY, MARKERS, ORIGIN_COLORS, TISSUES, UNLABELLED_STYLE, styles_of


@pytest.mark.parametrize("vision", ["normal", "protanopia", "deuteranopia", "tritanopia"])
def test_colors_keep_apart_for_every_reader(color_vision, vision):
    """Five times what is just noticeable; Okabe and Ito's eight reach 0.076."""
    nearest = min(color_vision.distance(one, two, vision) for one, two in combinations(COLORS.values(), 2))
    assert nearest > 0.11
    assert min(color_vision.distance(color, GREY, vision) for color in COLORS.values()) > 0.08
    origins = min(color_vision.distance(one, two, vision) for one, two in combinations(ORIGIN_COLORS.values(), 2))
    assert origins > 0.15
    assert min(color_vision.distance(color, GREY, vision) for color in ORIGIN_COLORS.values()) > 0.1


def test_no_color_of_a_study_or_category_is_one_of_a_label(color_vision):
    """Five times what is just noticeable."""
    pairs = [(one, two) for one in ORIGIN_COLORS.values() for two in COLORS.values()]
    assert min(color_vision.distance(one, two, "normal") for one, two in pairs) > 0.1
    studies = styles_of(["CCLE", "NCI60", "TCGA", "Lung", "lung cohort", "2"], spread=True)
    assert {style.color for style in studies.values()} <= set(ORIGIN_COLORS.values())
    assert {style.color for style in styles_of(["cell_line", "tumor", "normal"]).values()} <= set(
        ORIGIN_COLORS.values()
    )


def test_no_two_values_of_the_usual_columns_have_the_same_color_and_shape():
    labels = styles_of([*VOCABULARY, ""])
    studies = styles_of(["CCLE", "NCI60", "TCGA", "GDSC", "GDC", "gCSI", "CTRP", "NCI-PDM"], spread=True)
    categories = styles_of(["cell_line", "tumor", "normal", "xenograft", "organoid"])
    looks = [*labels.values(), *studies.values(), *categories.values()]
    assert len(set(looks)) == len(looks)


def test_the_simulation_sees_what_dichromats_confuse(color_vision):
    red, green = "#d04040", "#6d7a2a"
    assert color_vision.distance(red, green, "normal") > 3 * color_vision.distance(red, green, "deuteranopia")


def test_every_tissue_of_the_vocabulary_has_a_place_of_its_own():
    styles = styles_of(VOCABULARY)
    assert len(set(styles.values())) == len(VOCABULARY)
    assert set(styles.values()) <= set(TISSUES.values())


def test_colors_do_not_depend_on_what_else_is_there():
    everything = styles_of([*VOCABULARY, "Made-up tissue", "tissue_2", ""])
    for label in everything:
        assert styles_of([label, "Lung"])[label] == everything[label]


def test_spellings_of_a_tissue_look_alike():
    for one, two in (
        ("colorectum", "Bowel"),
        ("CNS/Brain", "brain"),
        ("Oesophagus", "esophagus"),
        ("cell_line", "Cell line"),
    ):
        assert styles_of([one])[one] == styles_of([two])[two]


def test_two_spellings_in_one_column_are_told_apart_in_one_color():
    styles = styles_of(["colorectum", "Bowel"])
    assert styles["Bowel"] == styles_of(["Bowel"])["Bowel"]
    assert styles["colorectum"].color == styles["Bowel"].color
    assert styles["colorectum"].marker != styles["Bowel"].marker


def test_unknown_labels_never_look_alike_while_shapes_last():
    names = [f"label {number}" for number in range(40)]
    assert len(set(styles_of(names).values())) == 40


def test_more_labels_than_styles_still_get_one():
    names = [f"label {number}" for number in range(200)]
    assert set(styles_of(names)) == set(names)


def test_few_studies_differ_in_color():
    names = [f"SIM{number}" for number in range(1, 8)]
    assert len({style.color for style in styles_of(names, spread=True).values()}) == 7
    assert len(set(styles_of([f"SIM{number}" for number in range(30)], spread=True).values())) == 30


def test_unlabelled_is_grey_and_every_shape_can_be_drawn():
    assert styles_of(["", "Lung"])[""] == UNLABELLED_STYLE
    assert set(MARKERS) == set(DRAWN)


def test_a_column_with_too_many_labels_draws_the_rarest_as_one():
    labels = [f"type {i}" for i in range(60) for _ in range(61 - i)] + [""]
    column = label_column("tumor_type", np.array(labels, dtype=object))
    assert len(column.counts) == 41
    assert sum(column.counts.values()) == len(labels)
    assert column.counts["21 rarer labels"] == sum(61 - i for i in range(39, 60))
    assert list(column.counts)[-1] == ""
