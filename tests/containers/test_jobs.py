"""What the SLURM scripts do in each case, with stand-ins for SLURM and Apptainer that note how they were called."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SLURM = Path(__file__).resolve().parents[2] / "containers" / "slurm"
NOTE = '#!/bin/bash\nprintf "%s\\n" "$(basename "$0")" "$@" >> "$CALLS"\n'
# Runs what it is given, as a step of the job.
SRUN = '#!/bin/bash\nwhile [[ $1 == --* ]]; do shift; done\nexec "$@"\n'

pytestmark = pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "a folder, with more"
    folder.mkdir()
    for name in ("clrna.sif", "merged.h5ad"):
        (folder / name).write_text(name)
    return folder


@pytest.fixture
def submit(tmp_path, place):
    tools = tmp_path / "tools"
    tools.mkdir()

    def add(name: str, text: str) -> None:
        (tools / name).write_text(text)
        (tools / name).chmod(0o755)

    def call(script: str, *words: str, step: str = "", requeue: str = "", **variables) -> subprocess.CompletedProcess:
        add("srun", SRUN)
        add("apptainer", NOTE + step)
        add("scontrol", NOTE + requeue)
        add("sleep", NOTE)
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "CALLS": str(tmp_path / "calls"), "SLURM_JOB_ID": "7"}
        environment |= {name: str(value) for name, value in variables.items()}
        command = ["bash", str(SLURM / script), *words]
        done = subprocess.run(command, capture_output=True, text=True, cwd=place, env=environment)
        calls = tmp_path / "calls"
        done.calls = calls.read_text().splitlines() if calls.exists() else []
        return done

    return call


@pytest.fixture
def train(submit, place):
    def call(*words: str, **more) -> subprocess.CompletedProcess:
        names = {"SIF": "clrna.sif", "INPUT": place / "merged.h5ad", "MODEL": place / "models" / "m.safetensors"}
        return submit("train.sbatch", *words, **(names | more))

    return call


def checkpoint(place: Path) -> Path:
    return place / "models" / "m.checkpoint.safetensors"


SAVE = 'echo "$RANDOM" > "models/new"; mv models/new models/m.checkpoint.safetensors; exit 143\n'


def test_training_names_every_path_whole_and_makes_the_folder(train, place):
    done = train("--epochs", "3")
    assert done.returncode == 0, done.stderr
    mounts = [f'type=bind,"source={folder}","destination={folder}"' for folder in (place, place / "models")]
    assert [word for word in done.calls if word.startswith("type=bind")] == mounts
    assert str(place / "models" / "m.safetensors") in done.calls
    assert str(place / "clrna.sif") in done.calls
    assert done.calls[-2:] == ["--epochs", "3"]
    assert (place / "models").is_dir()


def test_checkpoint_of_a_finished_training_is_removed(train, place):
    (place / "models").mkdir()
    checkpoint(place).write_text("state")
    assert train().returncode == 0
    assert not checkpoint(place).exists()


def test_training_that_failed_keeps_its_checkpoint_and_status(train, place):
    (place / "models").mkdir()
    checkpoint(place).write_text("state")
    done = train(step="exit 3\n")
    assert done.returncode == 3
    assert checkpoint(place).exists()
    assert "scontrol" not in done.calls


@pytest.mark.parametrize("earlier", [False, True])
def test_stopped_training_goes_back_into_the_queue(train, place, earlier):
    if earlier:
        (place / "models").mkdir()
        checkpoint(place).write_text("state")
    done = train(step=SAVE, SLURM_RESTART_COUNT=3)
    assert done.returncode == 143
    assert "run 3 was stopped with a checkpoint; back into the queue" in done.stdout
    assert done.calls[-5:] == ["scontrol", "requeue", "7", "sleep", "60"]


@pytest.mark.parametrize("status", [138, 152])
def test_training_stopped_by_usr1_or_its_limit_goes_back_into_the_queue_too(train, status):
    done = train(step=SAVE.replace("143", str(status)))
    assert done.returncode == status
    assert done.calls[-5:-2] == ["scontrol", "requeue", "7"]


@pytest.mark.parametrize("earlier", [False, True])
def test_training_that_got_no_further_is_not_repeated_for_ever(train, place, earlier):
    if earlier:
        (place / "models").mkdir()
        checkpoint(place).write_text("state")
    done = train(step="exit 143\n")
    assert done.returncode == 143
    assert "stopped before it wrote a checkpoint; submit it with a longer --time" in done.stderr
    assert "scontrol" not in done.calls
    assert checkpoint(place).exists() == earlier


@pytest.mark.parametrize(("count", "bound", "back"), [(19, "20", True), (20, "20", False), (2, "2", False)])
def test_restarts_are_bounded(train, count, bound, back):
    done = train(step=SAVE, SLURM_RESTART_COUNT=count, **({} if bound == "20" else {"MAX_RESTARTS": bound}))
    assert done.returncode == 143
    assert ("scontrol" in done.calls) == back
    assert (f"MAX_RESTARTS is {bound}; to go on, submit the same command again" in done.stderr) == (not back)


def test_refused_requeue_ends_with_the_status_of_the_signal(train):
    done = train(step=SAVE, requeue="exit 1\n")
    assert done.returncode == 143
    assert done.stderr.endswith("SLURM does not put it back; to go on, submit the same command again\n")
    assert "sleep" not in done.calls


@pytest.fixture
def encode(submit, place):
    def call(names: list[str], task: int = 1, **more) -> subprocess.CompletedProcess:
        (place / "model.safetensors").write_text("model")
        for name in names:
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(name)
        (place / "files.txt").write_text("".join(f"{place / name}\n" for name in names))
        variables = {"SIF": "clrna.sif", "MODEL": "model.safetensors", "FILES": "files.txt", "OUT": "out"}
        return submit("encode-array.sbatch", SLURM_ARRAY_TASK_ID=task, **(variables | more))

    return call


def test_array_task_takes_its_line_and_writes_under_its_name(encode, place):
    done = encode(["x/a.h5ad", "x/b c.h5ad"], 2)
    assert done.returncode == 0, done.stderr
    assert str(place / "x" / "b c.h5ad") in done.calls
    assert str(place / "out" / "b c.encoded.h5ad") in done.calls
    folders = (place / "x", place, place / "out")
    mounts = [f'type=bind,"source={folder}","destination={folder}"' for folder in folders]
    assert [word for word in done.calls if word.startswith("type=bind")] == mounts


@pytest.mark.parametrize("task", [1, 2])
def test_array_refuses_two_files_of_one_name(encode, task):
    done = encode(["x/a.h5ad", "y/a.h5ad", "x/ab.h5ad"], task)
    assert done.returncode == 2
    assert done.stderr == "2 files of files.txt are named a; rename them, or encode them into folders of their own\n"
    assert done.calls == []
    assert encode(["x/a.h5ad", "y/a.h5ad", "x/ab.h5ad"], 3).returncode == 0


def test_array_larger_than_the_list_says_so(encode):
    done = encode(["x/a.h5ad"], 2)
    assert done.returncode == 2
    assert "line 2 of files.txt is empty" in done.stderr


@pytest.mark.skipif(os.path.exists("/dev/nvidiactl"), reason="this machine has a GPU")  # noqa: PTH110
def test_without_a_gpu_no_nv(train, encode):
    assert "--nv" not in train(CUDA_VISIBLE_DEVICES="0").calls + encode(["x/a.h5ad"], CUDA_VISIBLE_DEVICES="0").calls
