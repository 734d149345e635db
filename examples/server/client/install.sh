#!/usr/bin/env bash
# Installs the OData client that test.py drives, into a folder of its own. Needs Python 3 with venv.
set -euo pipefail
cd "$(dirname "$0")"
python3 -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
