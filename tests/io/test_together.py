"""Several outputs appear all or not at all, also where a signal comes between them."""

import os
import signal
from pathlib import Path

import pytest

from clrna.errors import UsageError
from clrna.io.output.atomic import replacing, write_text
from clrna.io.output.together import together, wait_for_others
from clrna.io.provenance import sha256_of


@pytest.fixture
def targets(tmp_path):
    (tmp_path / "a").write_text("old a")
    return tmp_path / "a", tmp_path / "b"


def test_none_appears_before_the_end_and_all_do_then(targets):
    one, two = targets
    with together():
        write_text(one, "new a")
        write_text(two, "new b")
        assert one.read_text() == "old a"
        assert not two.exists()
    assert (one.read_text(), two.read_text()) == ("new a", "new b")
    assert len(list(one.parent.iterdir())) == 2


def test_none_appears_where_the_block_raises(targets):
    one, two = targets
    with pytest.raises(RuntimeError), together():
        write_text(one, "new a")
        write_text(two, "new b")
        raise RuntimeError
    assert one.read_text() == "old a"
    assert list(one.parent.iterdir()) == [one]


def test_none_appears_where_one_cannot_be_written(targets):
    one, two = targets
    with pytest.raises(UsageError, match="make it first"), together():
        write_text(one, "new a")
        write_text(two / "no folder", "new b")
    assert one.read_text() == "old a"
    assert list(one.parent.iterdir()) == [one]


def test_what_waits_can_be_read(targets):
    one, two = targets
    with together():
        write_text(one, "new a")
        write_text(two, "new a")
        assert sha256_of(one) == sha256_of(two)
    assert sha256_of(one) == sha256_of(two)


def test_a_file_that_another_step_still_adds_to_does_not_wait(targets):
    one, _ = targets
    with together(), replacing(one) as temporary:
        write_text(temporary, "new")
        with temporary.open("a") as file:
            file.write(" a")
    assert one.read_text() == "new a"
    assert list(one.parent.iterdir()) == [one]


def test_text_for_standard_output_waits_too(capsys):
    with pytest.raises(RuntimeError), together():
        write_text(Path("-"), "text")
        raise RuntimeError
    assert capsys.readouterr().out == ""
    with together():
        write_text(Path("-"), "text")
        assert capsys.readouterr().out == ""
    assert capsys.readouterr().out == "text"


def test_a_signal_between_two_of_them_waits_until_all_are_there(targets):
    one, two = targets
    arrived = []
    before = signal.signal(signal.SIGTERM, lambda *_: arrived.append(one.read_text() + two.read_text()))
    try:
        with together():
            write_text(one, "new a")
            wait_for_others(lambda: os.kill(os.getpid(), signal.SIGTERM))
            write_text(two, "new b")
        assert arrived == ["new anew b"]
    finally:
        signal.signal(signal.SIGTERM, before)
