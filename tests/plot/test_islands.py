"""Names of groups of points, and the samples of a reference behind those of a file."""

import numpy as np
import pytest

from clrna.match.samples import MatchSamples
from clrna.plot.claim import claim_of
from clrna.plot.claim_figure import CLOUD, claim_figure, tint
from clrna.plot.islands import island_names
from clrna.plot.projections import project, project_all
from clrna.plot.reference import drawn_reference
from clrna.results.predictions import predictions_in


@pytest.fixture
def groups():
    """Three groups of 20 points far from each other, and points in front in the middle of the second."""
    generator = np.random.default_rng(0)
    centers = np.array([[0, 0], [10, 10], [0, 10]])
    points = np.repeat(centers, 20, axis=0) + generator.normal(scale=0.2, size=(60, 2))
    return points, np.repeat(["Lung", "Skin", "Eye"], 20), centers[1] + generator.normal(scale=0.2, size=(5, 2))


def test_each_name_stands_at_its_group_and_hides_no_point_in_front(groups):
    points, labels, _ = groups
    names = {item.name: item for item in island_names(points, labels, ["Skin"], np.zeros((0, 2)))}
    assert list(names) == ["Skin", "Eye", "Lung"]
    assert names["Lung"].x < 0.2 > names["Lung"].y and names["Eye"].x < 0.2 and names["Eye"].y > 0.7
    below = centers_of(points)[1] - [0, 0.8]
    moved = {item.name: item for item in island_names(points, labels, ["Skin"], np.repeat([below], 5, axis=0))}
    assert moved["Skin"].y > 0.95 > names["Skin"].y  # above its group, where it hides nothing
    assert moved["Lung"] == names["Lung"]


def test_of_names_that_would_touch_the_first_stands_and_rare_ones_have_none(groups):
    points, labels, _ = groups
    everywhere = np.tile(points[:20], (3, 1))
    names = island_names(everywhere, labels, [], np.zeros((0, 2)))
    boxes = [(item.x, item.y) for item in names]
    assert len(boxes) == 2 and abs(boxes[0][1] - boxes[1][1]) >= 0.075  # one below, one above
    assert island_names(points[:4], labels[:4], ["Lung"], points) == []
    assert island_names(np.zeros((0, 2)), labels[:0], [], points) == []
    assert len(island_names(np.ones((6, 2)), labels[:6], [], np.zeros((0, 2)))) == 1


def test_a_name_does_not_stand_on_another_labels_points(groups):
    points, labels, _ = groups
    nothing, around = np.zeros((0, 2)), centers_of(points)[1] + np.array([[0, 0.8], [0, -0.8]])
    for n, there in ((1, True), (3, False)):  # on either side of Skin's
        strangers = np.repeat(around, n, axis=0)
        names = island_names(
            np.concatenate([points, strangers]), np.append(labels, ["Eye"] * len(strangers)), ["Skin"], nothing
        )
        assert ("Skin" in {item.name for item in names}) == there


def centers_of(points: np.ndarray) -> np.ndarray:
    return points.reshape(3, 20, 2).mean(axis=1)


@pytest.fixture
def reference(samples):
    """Ten samples of another study, five of them of a label that the file has."""
    text = np.full(10, "", dtype=object)
    found = MatchSamples(
        codes=np.random.default_rng(1).normal(size=(10, 3)).astype(np.float32), names=text, donors=text,
        studies=np.array(["GDSC"] * 10, dtype=object), labels=np.array(["Lung"] * 5 + ["Eye"] * 5, dtype=object),
        categories=text, label_is_predicted=np.zeros(10, dtype=bool), learned=np.ones(10, dtype=bool),
    )  # fmt: skip
    return drawn_reference(samples, found, "X_clrna", max_points=100, seed=0)


def test_reference_and_samples_are_projected_together(samples, reference):
    own = samples.adata.obsm["X_clrna"]
    found = project_all({"X_clrna": own, "X_pca": samples.adata.obsm["X_pca"]}, ["pca"], 0, reference=reference.codes)
    together = project(np.concatenate([own, reference.samples.codes]), "pca").coordinates
    np.testing.assert_array_equal(found["X_clrna"]["pca"].coordinates, together[:24])
    np.testing.assert_array_equal(found["X_clrna"]["pca"].reference, together[24:])
    assert found["X_pca"]["pca"].reference.shape == (0, 2)


def test_the_reference_is_behind_with_a_tint_by_label_and_grey_by_study(samples, reference):
    drawn = project_all({"X_clrna": samples.adata.obsm["X_clrna"]}, ["pca"], 0, reference=reference.codes)
    claim = claim_of(samples, {"X_clrna": drawn["X_clrna"]["pca"]}, predictions_in(samples.adata)[0], reference)
    assert claim.n_behind == 12 + 10 and claim.behind == "reference: CCLE and GDSC"
    figure = claim_figure(claim)
    by_label, by_study = (axes.collections[0] for axes in figure.axes[:2])
    assert len(by_label.get_offsets()) == len(by_study.get_offsets()) == 22
    lung = claim.columns[0].styles["Lung"].color
    shades = [tuple(np.round(255 * shade[:3]).astype(int)) for shade in by_label.get_facecolors()[-10:]]
    assert shades == [rgb(tint(lung))] * 5 + [rgb(CLOUD)] * 5
    assert {tuple(np.round(255 * shade[:3]).astype(int)) for shade in by_study.get_facecolors()} == {rgb(CLOUD)}


def test_predicted_labels_stand_in_where_the_reference_has_none_of_the_files(samples, reference):
    samples.adata.obs["clrna_uncertain"] = [False] * 20 + [True] * 4
    samples.labels[:] = "lung cancer"
    drawn = project_all({"X_clrna": samples.adata.obsm["X_clrna"]}, ["pca"], 0, reference=reference.codes)
    shown = {"X_clrna": drawn["X_clrna"]["pca"]}
    predictions = predictions_in(samples.adata)[0]
    claim = claim_of(samples, shown, predictions, reference)
    assert (claim.columns[0].name, claim.columns[0].counts) == ("predicted_tissue", {"Lung": 8, "": 4})
    assert claim.unnamed == "uncertain" and "hollow where uncertain" in claim.how_to_read
    assert claim_of(samples, shown, predictions).columns[0].counts == {"lung cancer": 12}


def rgb(color: str) -> tuple[int, ...]:
    return tuple(int(color[at : at + 2], 16) for at in (1, 3, 5))
