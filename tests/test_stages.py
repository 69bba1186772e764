"""The stages of a run are told where they last."""

import logging

import pytest

from clrna import stages
from clrna.cli import encode
from clrna.model.model_file import save_model
from clrna.simulate import simulate
from tests.encode.placed_models import fit_default


@pytest.fixture
def clock(monkeypatch):
    """Seconds that go by when a test says so."""
    now = [0.0]
    monkeypatch.setattr(stages.time, "monotonic", lambda: now[0])
    return lambda seconds: now.__setitem__(0, now[0] + seconds)


def test_each_stage_has_a_line_and_the_run_a_last_one(clock, caplog):
    @stages.stage("drawing")
    def drawn():
        clock(1.0)

    with caplog.at_level(logging.INFO, logger="clrna"), stages.stages_told():
        with stages.stage("reading"):
            clock(6.0)
            with stages.stage("part of reading"):
                clock(7.0)
        drawn()
        drawn()
    assert caplog.messages[0] == "reading took 13.0 s"
    assert caplog.messages[1].startswith("took 15.0 s (reading 13.0 s, drawing 2.0 s); at most ")
    assert 0.01 < float(caplog.messages[1].split()[-4]) < 1000
    assert len(caplog.messages) == 2


def test_a_short_run_says_nothing_nor_one_that_failed(clock, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        with stages.stages_told(), stages.stage("reading"):
            clock(1.0)
        with pytest.raises(ValueError, match="no"), stages.stages_told():
            clock(20.0)
            raise ValueError("no")
    assert caplog.messages == []


def test_a_terminal_shows_the_stage_in_place_of_a_line(clock, caplog, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    with caplog.at_level(logging.INFO, logger="clrna"), stages.stages_told(), stages.stage("reading"):
        clock(9.0)
    assert [message.split(" ")[0] for message in caplog.messages] == ["took"]


def test_an_executable_tells_its_stages(tmp_path, monkeypatch, capsys):
    adata = simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=5)
    save_model(fit_default(adata).model, tmp_path / "m.safetensors")
    adata.write_h5ad(tmp_path / "in.h5ad")
    monkeypatch.setattr(stages, "_LONG", 0.0)
    words = [str(tmp_path / "in.h5ad"), "-m", str(tmp_path / "m.safetensors"), "-o", str(tmp_path / "out.h5ad")]
    assert encode.main(words) == 0
    last = capsys.readouterr().err.splitlines()[-1]
    for name in ("loading the model", "matching genes and units", "looking at the samples", "encoding and writing"):
        assert f"{name} " in last
    assert last.endswith("GB of memory")
