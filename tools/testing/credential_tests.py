"""A MoDaC account, stored in Galaxy's vault, reaches the job and nothing that is kept or shown."""

import hashlib
import json
import secrets
from pathlib import Path

from api_client import Workspace
from results import Results
from server import GalaxyServer

NAME = "a stored MoDaC token reaches the job alone"
TOOL = "clrna_fetch"


def run_credential_tests(server: GalaxyServer, results: Results) -> None:
    """Store a token, run fetch with it, and look for it everywhere."""
    if server.paths.sif:
        print("not repeated inside an image: what a job is given of a stored token", flush=True)
        return
    results.attempt(f"by API: {NAME}", lambda: check_token(Workspace(server, "account"), server))


def check_token(work: Workspace, server: GalaxyServer) -> None:
    """Run ``clrna-fetch --list`` with a token: it loads nothing, so the token goes nowhere else."""
    token = f"token{secrets.token_hex(16)}"
    seen = server.paths.work / "seen-by-the-job"
    put_witness(server, seen)
    try:
        job = work.run(TOOL, {"task|do": "list"}, credentials_context=store(work, token))["jobs"][0]
        without = work.run(TOOL, {"task|do": "list"})["jobs"][0]
    finally:
        (server.paths.wrapped / "clrna-fetch").unlink()
    assert job["state"] == "ok" and without["state"] == "ok", job["stderr"]
    digest = hashlib.sha256(token.encode()).hexdigest()
    nothing = hashlib.sha256(b"").hexdigest()
    assert seen.read_text().split() == [digest, nothing], "the token did not reach the job that it was meant for alone"
    shown = json.dumps([job, work.call(f"/api/histories/{work.history}/contents?v=dev&view=detailed")])
    assert token not in shown, "the token is in a parameter, the job's log or the history"
    assert not files_with(server.paths.work, token), files_with(server.paths.work, token)


def put_witness(server: GalaxyServer, seen: Path) -> None:
    """Put a clrna-fetch before the real one that notes a digest of the token that it was given."""
    server.paths.wrapped.mkdir(exist_ok=True)
    witness = server.paths.wrapped / "clrna-fetch"
    witness.write_text(
        '#!/bin/sh\ncase "$*" in *--list*)\n'
        f"    printf %s \"$MODAC_TOKEN\" | sha256sum | cut -d' ' -f1 >> '{seen}' ;;\nesac\n"
        f"exec '{server.paths.programs}/clrna-fetch' \"$@\"\n"
    )
    witness.chmod(0o755)


def store(work: Workspace, token: str) -> list[dict]:
    """Store a token as the form does; returns which credentials a job is to get."""
    user = work.call("/api/whoami")["id"]
    version = work.call(f"/api/tools/{TOOL}")["version"]
    group = {"name": "mine", "variables": [], "secrets": [{"name": "token", "value": token}]}
    made = work.call(f"/api/users/{user}/credentials", "POST", {
        "source_type": "tool", "source_id": TOOL, "source_version": version,
        "service_credential": {"name": "modac", "version": "1.0", "group": group},
    })  # fmt: skip
    [mine] = [item for item in work.call(f"/api/users/{user}/credentials") if item["source_id"] == TOOL]
    chosen = {"id": made["id"], "name": made["name"]}
    return [{"user_credentials_id": mine["id"], "name": "modac", "version": "1.0", "selected_group": chosen}]


def files_with(folder: Path, text: str) -> list[str]:
    """Return the files under a folder that hold a text: logs, database and what the jobs left."""
    found = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return [str(path) for path in found if text.encode() in path.read_bytes()]
