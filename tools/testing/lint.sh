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

# The .ga files are made from the gxformat2 ones.
made=$(mktemp)
trap 'rm -f "$made"' EXIT
for workflow in workflows/*/*.gxwf.yml; do
    gxwf-to-native "$workflow" "$made"
    cmp "$made" "${workflow%.gxwf.yml}.ga" || { echo "make it anew: gxwf-to-native $workflow" >&2; exit 1; }
done
echo "Galaxy's linters are clean"
