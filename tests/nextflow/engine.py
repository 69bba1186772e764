"""Start the real Nextflow, and read what it leaves behind."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
PIPELINE = REPOSITORY / "nextflow"
BIN = Path(sys.executable).parent


def engines() -> Path:
    """Return the folder of engine scripts, whether or not it is there."""
    return Path(os.environ.get("ENGINES") or REPOSITORY.parent / "shared" / "engines")


def apptainer_folder() -> Path:
    """Return the folder in which the engine scripts put Apptainer, whether or not it is there."""
    return Path(os.environ.get("ENGINES_HOME") or Path.home() / ".cache" / "clrna-engines") / "bin"


def multiqc_folder() -> Path | None:
    """Return the folder of MultiQC beside NF_CORE, or on the PATH; None where there is none."""
    beside = Path(os.environ.get("NF_CORE", "nf-core")).parent
    found = shutil.which("multiqc", path=f"{beside}:{os.environ['PATH']}")
    return Path(found).parent if found else None


def nextflow_command() -> str | None:
    """Return the program: NEXTFLOW, that on the PATH, or the one among the engine scripts; None where there is none."""
    shipped = engines() / "nextflow" / "nextflow"
    return os.environ.get("NEXTFLOW") or shutil.which("nextflow") or (str(shipped) if shipped.exists() else None)


class Nextflow:
    """Runs of one folder, so that a later one can resume an earlier one."""

    def __init__(self, folder: Path, home: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.command = folder, nextflow_command()
        self.env = {
            **os.environ,
            "PATH": f"{BIN}:{Path(str(self.command)).parent}:{os.environ['PATH']}",
            "NXF_HOME": str(home),
            "NXF_ANSI_LOG": "false",
            "OMP_NUM_THREADS": "1",
        }

    def words(self, *words: str, profile: str = "test", out: str = "out") -> list[str]:
        """Return the command line of a run of the pipeline."""
        return [str(self.command), "run", str(PIPELINE), "-profile", profile, "--outdir", out, *words]

    def run(
        self, *words: str, status: int | None = 0, profile: str = "test", out: str = "out", parser: str = "v1"
    ) -> str:
        """Run the pipeline to its end and return what it printed."""
        return self.call(self.words(*words, profile=profile, out=out), status, parser)

    def config(self, *words: str, parser: str = "v1") -> str:
        """Return the configuration as Nextflow resolves it, an option a line."""
        return self.call([str(self.command), "config", "-flat", *words, str(PIPELINE)], parser=parser)

    def images(self, profile: str) -> dict[str, str]:
        """Return the image of each process."""
        sheet = str(PIPELINE / "assets" / "test_samplesheet.csv")
        words = [str(self.command), "inspect", "-profile", profile, str(PIPELINE), "--input", sheet, "--outdir", "out"]
        printed = self.call(words)
        found = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
        return {item["name"]: item["container"] for item in found["processes"]}

    def call(self, words: list[str], status: int | None = 0, parser: str = "v1") -> str:
        """Run a command in this folder and return what it printed; another exit status than expected fails."""
        done = subprocess.run(
            words,
            cwd=self.folder,
            env={**self.env, "NXF_SYNTAX_PARSER": parser},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=1200,
        )
        good = done.returncode == status if status is not None else done.returncode != 0
        assert good, f"exit status {done.returncode}\n{done.stdout}"
        return done.stdout

    def run_until(self, text: str, *words: str, out: str = "out") -> None:
        """Start the pipeline, and kill it and its tasks when it prints ``text``."""
        process = subprocess.Popen(
            self.words(*words, out=out), cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        printed = []
        try:
            assert process.stdout is not None
            for line in process.stdout:
                printed.append(line)
                if text in line:
                    break
            else:
                raise AssertionError(f"{text!r} was not printed\n{''.join(printed)}")
            time.sleep(1)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def trace(self, out: str = "out") -> dict[str, dict[str, str]]:
        """Return the row of each task in the last trace, under the task's name without its workflows."""
        return {row["name"].split(":")[-1]: row for row in table(self.folder / out / "pipeline_info" / "trace.txt")}

    def statuses(self, out: str = "out") -> dict[str, str]:
        """Return what became of each task of the last trace."""
        return {name: row["status"] for name, row in self.trace(out).items()}

    def work_of(self, row: dict[str, str]) -> Path:
        """Return the work folder of a task."""
        (work,) = (self.folder / "work").glob(f"{row['hash']}*")
        return work


def table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a tab separated table."""
    with path.open() as file:
        return list(csv.DictReader(file, delimiter="\t"))
