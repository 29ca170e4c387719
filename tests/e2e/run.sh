#!/usr/bin/env bash
# Real clients, through HostApp, to a mock upstream: prints a table client x check and exits with 0 if nothing in it failed.
# `run.sh --direct` leaves HostApp out: what fails then as well is the client's doing, not ours.
# Needs Linux on x64 (the command-line clients are programs of that platform), node >= 20.6 and the .NET SDK.
set -euo pipefail
cd "$(dirname "$0")"
. ./host.sh

npm ci --prefer-offline --loglevel=error

url=
if [ "${1-}" != --direct ]; then start_host; fi

# An empty environment, for a developer's own keys and base URLs would change what a client does.
env -i PATH="$PATH" HOME="$scratch" TMPDIR="$scratch" node run.mjs $url &
started+=($!)
wait $!
