#!/bin/sh
# Galaxy's linters over tools, data manager and workflows; all must be clean. Needs planemo, galaxy-tool-refactor and
# galaxy-tool-fmt in PATH.
set -eu
cd "$(dirname "$0")/.."

# BioToolsValid asks bio.tools over the network, and the entry there is made when the tools are published.
planemo lint -r --fail_level warn --skip_file clrna/.lint_skip clrna data_managers
planemo workflow_lint --fail_level warn workflows
galaxy-tool-refactor check clrna data_managers
galaxy-tool-fmt --check clrna data_managers

echo "Galaxy's linters are clean"
