#!/usr/bin/env bash
# Installs what the browser test needs: playwright-core, and Chromium where apt-get brings it. Needs Node.js and npm.
set -euo pipefail
cd "$(dirname "$0")"
npm install --no-audit --no-fund --silent
if ! command -v chromium >/dev/null && [ -z "${CHROMIUM:-}" ]; then
  if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get update -qq && apt-get install -y -qq chromium fonts-liberation >/dev/null
  else
    echo "install Chromium, and name it in CHROMIUM if it is not on the path" >&2
    exit 1
  fi
fi
