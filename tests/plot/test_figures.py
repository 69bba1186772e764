"""Static figures: of the right size, not blank, the same bytes each time, legible with many labels."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.image import imread

from clrna.errors import UsageError
from clrna.plot.columns import columns_to_color_by, label_column
from clrna.plot.confusion_figure import confusion_figure
from clrna.plot.embedding_figure import embedding_figure
from clrna.plot.figure_style import save
from clrna.plot.history_figure import history_figure
from clrna.plot.projections import project
from clrna.plot.scores_figure import scores_figure
from clrna.results.confusion import confusions
from clrna.results.history import History
from clrna.results.samples import embeddings_to_draw


def ink(path):
    """Return the share of pixels that are not background, and the size in pixels."""
    image = imread(path)
    return float((image[..., :3].min(axis=-1) < 0.99).mean()), image.shape[1::-1]


def embeddings(samples, colors=None):
    drawn = {key: project(values, "pca") for key, values in embeddings_to_draw(samples, None).items()}
    return embedding_figure(drawn, columns_to_color_by(samples, colors), title="T", note=samples.note)


def many_labels(n):
    """Samples of ``n`` labels with long names, dollar signs and line breaks."""
    generator = np.random.default_rng(0)
    names = [f"A very long label with $x_{{{i}}}$ and\na line break, number {i}" for i in range(n)]
    return np.array(generator.choice(names, 500), dtype=object), generator.normal(size=(500, 5))


def history():
    epochs = np.arange(1.0, 9.0)
    valid = np.where(epochs % 2 == 1, 1 / epochs, np.nan)
    return History(epochs, {"cost": {"train": 1 / epochs, "valid": valid}, "accuracy": {"valid": 1 - valid}}, 5)


def score_rows(n_embeddings=4):
    rows = []
    for metric, direction in (
        ("transfer_f1", "higher"),
        ("replicate_mrr", "higher"),
        ("davies_bouldin", "lower"),
        ("study_predictability", "lower"),
        ("study_chance", "lower"),
        ("kbet", "higher"),
    ):
        for i in range(n_embeddings):
            rows.append(
                {
                    "embedding": f"X_{i}", "metric": metric, "label_key": "tissue", "split": "unseen", "study": "",
                    "value": 0.1 * i + 0.2, "ci_low": 0.1 * i + 0.1, "ci_high": 0.1 * i + 0.3, "n": 50,
                    "in_sample": i == 1, "headline": metric == "transfer_f1", "direction": direction, "reason": "",
                }
            )  # fmt: skip
    rows[-1].update(value=np.nan, ci_low=np.nan, ci_high=np.nan, reason="fewer than 20 samples of each study")
    return pd.DataFrame(rows)


def make(name, samples):
    if name == "embedding":
        return embeddings(samples)
    if name == "confusion":
        return confusion_figure(
            confusions(samples.labels, np.roll(samples.labels, 1), samples.adata.obs["clrna_seen"].to_numpy())
        )
    return history_figure(history()) if name == "history" else scores_figure(score_rows())


@pytest.mark.parametrize("name", ["embedding", "confusion", "history", "scores"])
@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_figures_are_drawn_and_repeat_themselves(tmp_path, samples, name, suffix):
    one, two = tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"
    save(make(name, samples), one, 60)
    save(make(name, samples), two, 60)
    assert one.read_bytes() == two.read_bytes()
    start = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}[suffix]
    assert one.read_bytes().startswith(start)
    assert not any(word in one.read_bytes() for word in (b"CreationDate", b"dc:date", b"2026", b"atplotlib v"))
    assert one.stat().st_mode & 0o044


@pytest.mark.parametrize("name", ["embedding", "confusion", "history", "scores"])
def test_size_follows_the_resolution_and_something_is_on_it(tmp_path, samples, name):
    save(make(name, samples), tmp_path / "a.png", 50)
    save(make(name, samples), tmp_path / "b.png", 100)
    share, size = ink(tmp_path / "a.png")
    assert 0.02 < share < 0.7
    assert np.allclose(np.array(ink(tmp_path / "b.png")[1]) / size, 2, atol=0.02)


def test_a_figure_grows_with_embeddings_and_columns(samples):
    one = embeddings(samples, ["tissue"]).get_size_inches()
    two = embeddings(samples, ["tissue", "age"]).get_size_inches()
    assert two[0] > one[0] + 3
    assert one[1] > 6


@pytest.mark.parametrize("n", [1, 25, 60])
def test_no_text_is_cut_off_or_overlaps_with_many_long_labels(n):
    labels, values = many_labels(n)
    column = label_column("tissue", labels)
    figure = embedding_figure({"X_clrna": project(values, "pca")}, [column, column])
    assert fits(figure)
    boxes = [text.get_window_extent() for legend in figure.legends for text in legend.get_texts()]
    assert not any(boxes[i].overlaps(boxes[j]) for i in range(len(boxes)) for j in range(i))
    matrices = confusions(labels, np.roll(labels, 3), np.full(500, "unseen", dtype=object))
    assert fits(confusion_figure(matrices))


@pytest.mark.parametrize(
    "figure", [history_figure(history()), scores_figure(score_rows()), scores_figure(score_rows(14))]
)
def test_other_figures_hold_their_text(figure):
    assert fits(figure)


def fits(figure):
    """Tell whether everything drawn lies within the figure."""
    figure.draw_without_rendering()
    box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
    return box.x0 >= -0.01 and box.y0 >= -0.01 and box.x1 <= width + 0.01 and box.y1 <= height + 0.01


def test_yardsticks_are_lines_and_wide_ranges_are_logarithmic():
    table = score_rows()
    table.loc[(table["metric"] == "davies_bouldin") & (table["embedding"] == "X_0"), "value"] = 1e6
    axes = {item.get_title(loc="left").replace("\n", " "): item for item in scores_figure(table).axes}
    assert len(axes) == 5
    assert "chance" in {text.get_text().strip() for text in axes["Study predictability"].texts}
    assert axes["Davies-Bouldin index"].get_xscale() == "log"
    assert all(
        text.get_text() == f"{float(text.get_text()):g}" for text in axes["Davies-Bouldin index"].get_xticklabels()
    )
    assert axes["Tissue found across studies, macro-F1"].get_xscale() == "linear"


def axes_by_title(table):
    figure = scores_figure(table)
    figure.draw_without_rendering()
    return {item.get_title(loc="left").replace("\n", " "): item for item in figure.axes}


def test_axes_of_shares_end_at_0_and_1():
    axes = axes_by_title(score_rows())
    for name in ("Tissue found across studies, macro-F1", "Study predictability"):
        assert axes[name].get_xlim() == (0, 1)
        assert [text.get_text() for text in axes[name].get_xticklabels()][::4] == ["0", "1"]
    assert axes["Davies-Bouldin index"].get_xlim() != (0, 1)


def test_names_of_yardsticks_do_not_overlap_each_other_nor_a_score():
    table = score_rows()
    marks = table[table["metric"] == "study_chance"]
    table.loc[marks.index, "value"] = 0.5
    table = pd.concat([table, marks.assign(metric="study_from_label", value=0.51)], ignore_index=True)
    axes = axes_by_title(table)["Study predictability"]
    named = [text for text in axes.texts if text.get_text().strip() in ("chance", "label")]
    boxes = [text.get_window_extent() for text in named]
    assert len(boxes) == 2 and not boxes[0].overlaps(boxes[1])
    lowest = axes.transData.transform((0, -0.5))[1]
    assert all(box.y1 < lowest for box in boxes) and all(box.y0 > axes.bbox.y0 for box in boxes)


def test_a_metric_without_any_value_gives_its_reason_once_and_has_no_axis():
    table = score_rows()
    kbet = table["metric"] == "kbet"
    table.loc[kbet, ["value", "ci_low", "ci_high"]] = np.nan
    table.loc[kbet, "reason"] = "no tissue has 20 samples in each of two studies"
    axes = axes_by_title(table)["kBET, mixing within labels"]
    reasons = [text.get_text() for text in axes.texts if "20 samples" in text.get_text().replace("\n", " ")]
    assert " ".join(reasons[0].split()) == "Not computed: no tissue has 20 samples in each of two studies"
    assert len(reasons) == 1 and len(axes.get_xticks()) == 0 and not axes.lines


def test_what_is_the_same_in_all_rows_is_written_once():
    table = score_rows()
    written = [text.get_text() for text in axes_by_title(table)["Davies-Bouldin index"].texts]
    assert written[0] == "tissue · unseen studies and donors · n = 50 · lower is better" and not any(written[1:])
    table.loc[table["embedding"] == "X_1", "n"] = 49
    axes = axes_by_title(table)["Davies-Bouldin index"]
    assert [text.get_text() for text in axes.texts if text.get_text().startswith("n=")] == ["n=50", "n=49"] + [
        "n=50"
    ] * 2


def test_curves_that_never_change_are_left_out_and_scores_run_from_0_to_1():
    found = history()
    found.curves["contrast"] = {"train": np.zeros(8), "valid": np.zeros(8)}
    figure = history_figure(found)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["cost", "accuracy"]
    assert figure.axes[1].get_ylim() == (0, 1) and figure.axes[0].get_ylim() != (0, 1)


def test_the_epoch_that_was_kept_has_its_reason():
    epochs = np.arange(1.0, 5.0)
    cost = {"valid": np.array([2.0, np.nan, 2.5, 3.0])}
    first = History(epochs, {"cost": cost}, 1)
    assert first.why_kept == (
        "Epoch 1 of 4 is the model, since the cost on validation samples was lowest there (2); "
        "2 later validations gave 2.5 or more."
    )
    written = " ".join(text.get_text() for text in history_figure(first).texts)
    assert first.why_kept in written
    assert History(epochs, {"cost": {"valid": cost["valid"][::-1]}}, 4).why_kept.endswith(
        "it is the last that was validated."
    )
    assert "marks it as the best" in History(epochs, {"accuracy": cost}, 1).why_kept
    assert History(epochs, {"cost": cost}, None).why_kept == ""


def test_shades_of_the_confusion_matrix_have_a_key():
    labels = np.array(["A", "B"] * 5, dtype=object)
    figure = confusion_figure(confusions(labels, labels, np.full(10, "unseen", dtype=object)))
    key, matrix = figure.axes[1], figure.axes[0]
    if len(key.images) and key.images[0].get_array().shape[0] != 1:
        key, matrix = matrix, key
    assert key.images[0].get_array().shape[0] == 1
    assert key.images[0].get_clim() == matrix.images[0].get_clim()
    assert any("100 % of the samples with that true label" in text.get_text() for text in figure.texts)


@pytest.mark.parametrize("dpi", [5_000, 20_000])
def test_too_fine_a_resolution_is_refused(tmp_path, samples, dpi):
    with pytest.raises(UsageError, match=rf"--dpi {dpi}: .* pixels; take \d+ at most"):
        save(make("embedding", samples), tmp_path / "a.png", dpi)
    assert list(tmp_path.iterdir()) == []


def test_a_sample_without_a_value_and_a_column_of_nothing(samples):
    samples.adata.obs["age"] = np.where(np.arange(24) < 3, np.nan, np.arange(24.0))
    samples.adata.obs["empty"] = np.full(24, np.nan)
    assert embeddings(samples, ["age", "empty"]) is not None
