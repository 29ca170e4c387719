#!/usr/bin/env bash
# Real clients, through HostApp, to a mock upstream: prints a table client x check and exits with 0 if nothing in it failed.
# `run.sh --direct` leaves HostApp out: what fails then as well is the client's doing, not ours.
# Needs Linux on x64 (the command-line clients are programs of that platform), node >= 20.6 and the .NET SDK.
set -euo pipefail
cd "$(dirname "$0")"

scratch=$(mktemp -d)
started=()
stop() {
  [ ${#started[@]} -eq 0 ] || { kill "${started[@]}" && wait "${started[@]}"; } 2>/dev/null || true
  rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

npm ci --prefer-offline --loglevel=error

url=
if [ "${1-}" != --direct ]; then
  # Without its servers, which would outlive this script.
  dotnet build ../../samples/HostApp --configuration Release --output "$scratch/host" --disable-build-servers --nologo --verbosity quiet
  log=$scratch/host.log
  touch "$log"
  (cd "$scratch/host" && ASPNETCORE_ENVIRONMENT=Development DemoUpstream__Url='' exec dotnet HostApp.dll --urls http://127.0.0.1:0) >"$log" 2>&1 &
  started+=($!)
  for _ in {1..300}; do
    url=$(sed -n 's/^Headroom app  *\(http[^ ]*\).*/\1/p' "$log" | head -n 1)
    if [ -n "$url" ] || ! kill -0 "${started[0]}" 2>/dev/null; then break; fi
    sleep 0.1
  done
  if [ -z "$url" ]; then
    echo 'HostApp did not start:' >&2
    cat "$log" >&2
    exit 1
  fi
fi

# An empty environment, for a developer's own keys and base URLs would change what a client does.
env -i PATH="$PATH" HOME="$scratch" TMPDIR="$scratch" node run.mjs $url &
started+=($!)
wait $!
