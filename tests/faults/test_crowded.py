"""Full disks, folders that nothing may be written to, little memory, and several runs in one place."""

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from forking import NAMES, Ended, Run
from place import ENCODED, MERGED, OLD, REPOSITORY, WORDS, Place

ROOM = 16 << 10  # more than a folder needs, less than any output


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of a megabyte."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    with contextlib.suppress(OSError):
        if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
            yield folder
            subprocess.run(["umount", "-l", str(folder)], check=True)
            return
    pytest.skip("no disk can be mounted here")


def fill(folder: Path, room: int) -> None:
    """Leave that much room on the disk of ``folder``."""
    about = os.statvfs(folder)
    (folder / "filler").write_bytes(b"\0" * (about.f_bavail * about.f_frsize - room))


def run_in(place: Place, folder: Path, name: str, *more: str, **settings: object) -> Ended:
    """Run an executable with its outputs in ``folder``."""
    words = [name, *(word.replace("OUT", str(folder)) for word in WORDS[name]), *more]
    return place.forking.run(Run(words, str(settings.pop("scratch", place.scratch)), **settings))[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_full_disk_names_the_output_and_keeps_the_old_one(place: Place, disk: Path, name: str) -> None:
    old = dict.fromkeys(place.whole[name], OLD)
    for output, content in old.items():
        (disk / output).write_bytes(content)
    fill(disk, 0)
    ended = run_in(place, disk, name)
    ended.refused(f"{disk}/", "No space left on device; free some")
    assert any(f"{disk}/{output}: " in ended.said for output in old), ended.said
    (disk / "filler").unlink()
    assert {path.name: path.read_bytes() for path in disk.iterdir()} == old


@pytest.mark.parametrize("name", NAMES)
def test_a_disk_that_is_full_in_the_midst_of_it(place: Place, disk: Path, name: str) -> None:
    old = dict.fromkeys(place.whole[name], OLD)
    for output, content in old.items():
        (disk / output).write_bytes(content)
    if sum(map(len, place.whole[name].values())) < 2 * ROOM:
        pytest.skip("its outputs fit into what is left")
    fill(disk, ROOM)
    run_in(place, disk, name).refused(f"{disk}/", "No space left on device; free some")
    (disk / "filler").unlink()
    assert {path.name: path.read_bytes() for path in disk.iterdir()} == old


def test_the_hdf5_library_does_not_crash_as_the_process_ends(disk: Path, python) -> None:
    fill(disk, ROOM)
    words = ["x", ENCODED, "-o", f"{disk}/o.h5ad", "--methods", "pca", "--threads", "1", "-q"]
    done = python("-c", f"import sys; sys.argv[:] = {words!r}; from clrna.cli.baseline import main; sys.exit(main())")
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        f"clrna-baseline: error: {disk}/o.h5ad: No space left on device; free some, or name a folder on another disk"
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_that_nothing_may_be_written_to(place: Place, disk: Path, name: str) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    ended = run_in(place, disk, name)
    assert ended.status == 2, ended.said
    ended.refused(f"{disk}/", f"the folder {disk} may not be written to")


def test_a_full_folder_for_temporary_files_is_named(place: Place, disk: Path) -> None:
    fill(disk, 0)
    place.empty()
    ended = run_in(place, place.out, "normalize", scratch=disk)
    if ended.status:  # it may do with what the disk holds of a name
        ended.refused(str(disk), "No space left on device", "TMPDIR")


@pytest.mark.parametrize("name", NAMES)
def test_two_runs_with_the_same_outputs(place: Place, name: str) -> None:
    place.empty()
    run = Run(place.words(name), str(place.scratch))
    assert [ended.status for ended in place.forking.run(run, run)] == [0, 0]
    assert place.held() == place.whole[name]
    assert not list(place.scratch.iterdir())


def test_ten_at_once_with_one_cache(place: Place, tmp_path: Path) -> None:
    source = (REPOSITORY / "tests" / "fetch" / "data" / "gdc" / "TCGA-KIRC.files.json").as_uri()
    outputs = [tmp_path / f"{number}.json" for number in range(10)]
    words = ["fetch", source, "--cache", str(tmp_path / "cache")]
    ended = place.forking.run(*(Run([*words, "-o", str(path)], str(place.scratch)) for path in outputs))
    assert [one.status for one in ended] == [0] * 10, ended
    assert len({path.read_bytes() for path in outputs}) == 1
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.suffix in (".part", ".state")]


@pytest.mark.parametrize("name", NAMES)
def test_little_memory_ends_in_one_line_or_the_right_output(place: Place, name: str) -> None:
    for most in (1 << 20, 8 << 20, 24 << 20):
        place.empty()
        ended = place.run(name, most=most)
        if ended.status == 0:
            assert place.held() == place.whole[name]
        else:
            ended.refused("memory")
            assert not place.held()
        assert not list(place.scratch.iterdir())


def test_a_training_goes_on_after_each_kill_to_the_same_model(place: Place, tmp_path: Path) -> None:
    words = ["train", MERGED, "--epochs", "30", "--latent-dim", "8", "--checkpoint-every", "1"]
    whole, model, checkpoint = tmp_path / "w.safetensors", tmp_path / "m.safetensors", tmp_path / "c.safetensors"
    never = place.forking.run(Run([*words, "-o", str(whole), "--checkpoint", f"{tmp_path}/n"], str(place.scratch)))[0]
    assert never.status == 0, never.said
    run = [*words, "-o", str(model), "--checkpoint", str(checkpoint), "--resume"]
    kill = {"number": 9, "once": str(checkpoint)}
    for _ in range(3):  # each time as soon as it has got one epoch further
        assert place.forking.run(Run(run, str(place.scratch), **kill))[0].status == -9
        assert not model.exists()
    assert place.forking.run(Run(run, str(place.scratch)))[0].status == 0
    assert model.read_bytes() == whole.read_bytes()
