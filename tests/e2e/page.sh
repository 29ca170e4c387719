#!/usr/bin/env bash
# The live page in a real browser: prints each check, makes docs/page-light.png and docs/page-dark.png, and exits with 0 if no check failed.
# Needs node >= 20.6, the .NET SDK and Chromium, which is installed on a Debian machine if the caller may do so.
set -euo pipefail
cd "$(dirname "$0")"
. ./host.sh

chromium=${CHROMIUM-$(command -v chromium || true)}
if [ -z "$chromium" ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update --quiet=2
  apt-get install --quiet=2 --yes --no-install-recommends chromium fonts-inter fonts-jetbrains-mono
  chromium=$(command -v chromium)
fi
if [ -z "$chromium" ]; then
  echo 'Chromium is missing: install it (apt-get install chromium fonts-inter fonts-jetbrains-mono), or set CHROMIUM to its path.' >&2
  exit 1
fi

npm ci --prefix page --prefer-offline --loglevel=error

# Loopback addresses that nobody uses stand for the providers'. The mock answers at all of them.
mock() { echo "http://127.77.0.$1:8080"; }
start_host \
  OPENAI_TARGET_API_URL="$(mock 1)" ANTHROPIC_TARGET_API_URL="$(mock 2)" GEMINI_TARGET_API_URL="$(mock 3)" \
  Headroom__Upstreams__deepseek="$(mock 4)/v1" Headroom__Upstreams__openrouter="$(mock 5)/api/v1" Headroom__Upstreams__local="$(mock 6)"

env -i PATH="$PATH" HOME="$scratch" TMPDIR="$scratch" node page/page.mjs "$url" "$chromium" &
started+=($!)
wait $!
