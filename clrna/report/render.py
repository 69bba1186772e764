"""The report as one HTML file that loads nothing from anywhere.

Every script in it is named by its SHA-256 in a Content-Security-Policy, so a label that holds a script
stays text even if a template forgot to escape it, and no browser asks the network for anything.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

# In the order in which they run.
_SCRIPTS = ("common.js", "embeddings.js", "curves.js", "tables.js")
_STYLES = ("report.css", "tables.css", "print.css")  # print.css overrides


def render(content: Mapping[str, Any]) -> str:
    """Fill the templates.

    Parameters
    ----------
    content
        What ``clrna.report.build`` gathered; see ``report.html.j2`` for the names.
    """
    scripts = [_closed(text) for text in (_plotly(), *map(_asset, _SCRIPTS))]
    page = _environment().get_template("report.html.j2")
    return page.render(
        **content,
        styles="\n".join(map(_asset, _STYLES)),
        scripts=scripts,
        policy=_policy(scripts),
    )


def data_uri(png: bytes) -> str:
    """Return a picture as an address that holds it."""
    return f"data:image/png;base64,{base64.b64encode(png).decode('ascii')}"


def _policy(scripts: list[str]) -> str:
    digests = (base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii") for text in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    # Styles are inline too, and plotly sets some on its elements; a style cannot load anything under this policy.
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("clrna", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": True, "separators": (",", ":"), "allow_nan": False}
    return environment


def _asset(name: str) -> str:
    return resources.files("clrna.report").joinpath(name).read_text(encoding="utf-8")


def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    return get_plotlyjs()


def _closed(script: str) -> str:
    """Return a script that cannot end the element it stands in; an escaped slash is a slash in JavaScript."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")
