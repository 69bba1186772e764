"""The configuration of a Galaxy server for tests: local jobs, nothing from the network."""

import base64
import json
import os
import secrets
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from pathlib import Path

EMAIL = "admin@example.org"


@dataclass
class Paths:
    """Where everything lies.

    Attributes
    ----------
    galaxy
        Virtual environment with Galaxy.
    programs
        Folder with the ``clrna-*`` executables, put first in every job's PATH.
    work
        Folder for the server's files; made anew for each run.
    tools, data_manager
        Folders of the suite and of its data manager.
    sif
        Apptainer image to run the jobs in, where one is given.
    """

    galaxy: Path
    programs: Path
    work: Path
    tools: Path
    data_manager: Path
    sif: Path | None = None
    bootstrap_key: str = field(default_factory=lambda: f"bootstrap-{secrets.token_hex(8)}")

    @property
    def config(self) -> Path:
        """Galaxy's configuration file."""
        return self.work / "galaxy.yml"

    @property
    def vault(self) -> Path:
        """Configuration of the vault."""
        return self.work / "vault.yml"

    @property
    def wrapped(self) -> Path:
        """Folder of executables that come before the suite's in the jobs' PATH; a test puts one there."""
        return self.work / "wrapped"

    @property
    def allowlist(self) -> Path:
        """Galaxy's list of the tools whose HTML is shown as it is."""
        return self.work / "allowlist.txt"


def tool_files(folder: Path) -> dict[str, Path]:
    """Return the tool files under a folder by tool id."""
    roots = {path: ET.parse(path).getroot() for path in sorted(folder.rglob("*.xml"))}
    return {root.get("id", ""): path.resolve() for path, root in roots.items() if root.tag == "tool"}


def write_settings(paths: Paths) -> None:
    """Write every file that the server reads."""
    for name in ("data", "empty", "home", "tool-data"):
        (paths.work / name).mkdir(parents=True)
    tools = "".join(f'  <tool file="{path}"/>\n' for path in tool_files(paths.tools).values())
    (paths.work / "tool_conf.xml").write_text(
        f'<toolbox>\n<section id="clrna" name="CLRNA">\n{tools}</section>\n</toolbox>\n'
    )
    managers = paths.data_manager / "data_manager_conf.xml"
    (paths.work / "data_manager_conf.xml").write_text(
        managers.read_text().replace('tool_file="', f'tool_file="{paths.data_manager}/')
    )
    (paths.work / "shed_tool_data_table_conf.xml").write_text("<tables/>\n")
    write_data_table(paths)
    write_requirements(paths)
    write_vault(paths)
    paths.config.write_text(json.dumps({"galaxy": galaxy_settings(paths)}, indent=1))  # JSON is YAML


def write_data_table(paths: Paths) -> None:
    """Write the table of models: that of the tools' tests, in a copy that the data manager may add to."""
    models = (paths.tools / "test-data" / "clrna_models.loc").read_text()
    loc = paths.work / "tool-data" / "clrna_models.loc"
    loc.write_text(models.replace("${__HERE__}", str(paths.tools / "test-data")))
    table = (paths.tools / "tool_data_table_conf.xml.sample").read_text()
    (paths.work / "tool_data_table_conf.xml").write_text(table.replace("tool-data/clrna_models.loc", str(loc)))


def write_requirements(paths: Paths) -> None:
    """Let each requirement of the tools resolve to the folder of executables."""
    for name, version in sorted(requirements_of(paths)):
        folder = paths.work / "deps" / name / version
        folder.mkdir(parents=True)
        (folder / "env.sh").write_text(f"export PATH={paths.wrapped}:{paths.programs}:$PATH\n")


def write_vault(paths: Paths) -> None:
    """Write the configuration of the vault, in which Galaxy keeps people's credentials, with a key of this run."""
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    paths.vault.write_text(json.dumps({"type": "database", "path_prefix": "/galaxy", "encryption_keys": [key]}))
    paths.vault.chmod(0o600)


def requirements_of(paths: Paths) -> set[tuple[str, str]]:
    """Return name and version of every package that the tools ask for."""
    macros = ET.parse(paths.tools / "macros.xml").getroot()
    tokens = {token.get("name", ""): token.text or "" for token in macros.iter("token")}
    found = set()
    for root in (macros, *(ET.parse(path).getroot() for path in tool_files(paths.tools).values())):
        for requirement in root.iter("requirement"):
            version = requirement.get("version", "")
            found.add((requirement.text or "", tokens.get(version, version)))
    return found


def galaxy_settings(paths: Paths) -> dict[str, object]:
    """Return the section ``galaxy`` of galaxy.yml."""
    work = str(paths.work)
    sqlite = "isolation_level=IMMEDIATE"
    return {
        "data_dir": f"{work}/data",
        "database_connection": f"sqlite:///{work}/data/universe.sqlite?{sqlite}",
        "database_auto_migrate": True,
        "id_secret": secrets.token_hex(16),
        "admin_users": EMAIL,
        "single_user": EMAIL,
        "bootstrap_admin_api_key": paths.bootstrap_key,
        "tool_config_file": f"{work}/tool_conf.xml",
        "data_manager_config_file": f"{work}/data_manager_conf.xml",
        "galaxy_data_manager_data_path": f"{work}/tool-data",
        "tool_path": work,
        "tool_data_path": f"{work}/tool-data",
        "tool_data_table_config_path": f"{work}/tool_data_table_conf.xml",
        "shed_tool_data_table_config": f"{work}/shed_tool_data_table_conf.xml",
        "shed_tool_config_file": f"{work}/data/shed_tool_conf.xml",
        "integrated_tool_panel_config": f"{work}/data/integrated_tool_panel.xml",
        "allow_path_paste": True,  # the tests bring files of this machine
        "vault_config_file": str(paths.vault),
        "sanitize_allowlist_file": str(paths.allowlist),
        "tour_config_dir": f"{work}/empty",
        "visualization_plugins_directory": f"{work}/empty",
        "conda_auto_init": False,
        "conda_auto_install": False,
        "enable_mulled_containers": False,
        "watch_tools": "false",
        "enable_beta_workflow_modules": True,
        "cleanup_job": "onsuccess",
        "enable_celery_tasks": True,
        "metadata_strategy": "directory_celery",
        "amqp_internal_connection": f"sqlalchemy+sqlite:///{work}/data/broker.sqlite?{sqlite}",
        "dependency_resolvers": [{"type": "galaxy_packages", "base_path": f"{work}/deps"}],
        "job_config": job_settings(paths),
    }


def is_for_apptainer(name: str) -> bool:
    """Say whether a variable has to reach Apptainer, though Galaxy starts jobs without the server's environment.

    BINDS is read where Apptainer itself runs in a root of its own: the folders that it is to see.
    """
    return name in ("PATH", "BINDS") or name.startswith(("APPTAINER_", "SINGULARITY_"))


def job_settings(paths: Paths) -> dict[str, object]:
    """Return the job configuration: local jobs, in the Apptainer image where one is given."""
    local: dict[str, object] = {"runner": "local"}
    if paths.sif:
        local |= {
            "singularity_enabled": True,
            "singularity_cleanenv": True,
            "singularity_volumes": f"$defaults,{paths.tools}:ro",
            "container_override": [
                {"type": "singularity", "identifier": str(paths.sif), "resolve_dependencies": False}
            ],
            "env": [{"name": name, "value": os.environ[name]} for name in sorted(os.environ) if is_for_apptainer(name)],
        }
    return {
        "runners": {"local": {"load": "galaxy.jobs.runners.local:LocalJobRunner", "workers": 2}},
        "execution": {"default": "local", "environments": {"local": local}},
    }
