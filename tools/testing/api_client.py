"""What the tests do by Galaxy's API: bring datasets, run tools, wait."""

import json
import time
import urllib.error
from pathlib import Path
from typing import Any

from server import GalaxyServer

PATIENCE = 180
ENDED = ("ok", "error", "deleted", "stopped")


class Refused(Exception):
    """Galaxy did not take a request."""


class Workspace:
    """One history of its own in a running server."""

    def __init__(self, server: GalaxyServer, name: str) -> None:
        self.server = server
        self.history = server.api("/api/histories", "POST", {"name": name})["id"]

    def bring(self, path: Path, name: str, extension: str) -> str:
        """Bring a file under a name of ours; returns the dataset."""
        item = {"src": "path", "path": str(path), "name": name, "ext": extension}
        target = {"destination": {"type": "hdas"}, "items": [item]}
        answer = self.call("/api/tools/fetch", "POST", {"history_id": self.history, "targets": [target]})
        dataset = answer["outputs"][0]["id"]
        self.wait_for_job(answer["jobs"][0]["id"])
        # the upload may take a name for a path and leave out its folders
        self.call(f"/api/histories/{self.history}/contents/datasets/{dataset}", "PUT", {"name": name})
        return str(dataset)

    def collect(self, name: str, datasets: dict[str, str]) -> str:
        """Make a list of datasets by the names of its elements."""
        elements = [{"name": element, "src": "hda", "id": dataset} for element, dataset in datasets.items()]
        body = {
            "collection_type": "list", "history_id": self.history, "name": name, "element_identifiers": elements,
        }  # fmt: skip
        return str(self.call("/api/dataset_collections", "POST", body)["id"])

    def run(self, tool: str, inputs: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Run a tool and wait; returns Galaxy's answer, with what is known of each job under ``jobs``."""
        answer = self.call("/api/tools", "POST", {"tool_id": tool, "history_id": self.history, "inputs": inputs} | more)
        return answer | {"jobs": [self.wait_for_job(job["id"]) for job in answer["jobs"]]}

    def wait_for_job(self, job: str) -> dict[str, Any]:
        """Return all that Galaxy tells of a job once it has ended."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            found = self.call(f"/api/jobs/{job}?full=true")
            if found["state"] in ENDED:
                return dict(found)
            time.sleep(0.5)
        raise TimeoutError(f"job {job} did not end in {PATIENCE} s")

    def text_of(self, dataset: str) -> str:
        """Return what a dataset shows to its owner."""
        return self.server.text(f"/api/histories/{self.history}/contents/{dataset}/display")

    def call(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call the API; raises Refused with Galaxy's reason."""
        try:
            return self.server.api(path, method, body)
        except urllib.error.HTTPError as error:
            raise Refused(message_of(error)) from None


def dataset_input(*datasets: str) -> dict[str, Any]:
    """Return the value of an input for one or several datasets."""
    return {"values": [{"src": "hda", "id": dataset} for dataset in datasets]}


def message_of(error: urllib.error.HTTPError) -> str:
    """Return the reason that Galaxy gives."""
    text = error.read().decode(errors="replace")
    try:
        return f"{error.code} {json.dumps(json.loads(text), ensure_ascii=False)}"
    except ValueError:
        return f"{error.code} {text}"
