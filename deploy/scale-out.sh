#!/usr/bin/env bash
# Two gateways behind nginx with deploy/nginx.conf, under a load of JSON, event streams and WebSockets: one is stopped by SIGTERM and started again, then
# one is killed and started again. Prints what succeeded and what failed, and exits with 0 if the stop lost nothing and nobody took a broken answer for a
# whole one. About a minute, on loopback alone. Needs the .NET SDK, node 20.6 or newer, openssl and nginx, which it installs on Debian if it may.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
PATH="$PATH:/usr/sbin"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy

missing=()
for tool in nginx openssl; do
  command -v "$tool" > /dev/null || missing+=("$tool")
done

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$EUID" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "Missing: ${missing[*]}. On Debian: apt-get install ${missing[*]}" >&2
    exit 1
  fi

  # Debian starts nginx as it is installed, unless a policy forbids that.
  policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod +x "$policy"
  fi

  apt-get update -q
  apt-get install -q -y --no-install-recommends "${missing[@]}"
  if [ -n "$(trap -p EXIT)" ]; then
    rm -f "$policy"
  fi
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

dotnet build ../samples/HostApp --configuration Release --output "$work/gateway" --disable-build-servers --nologo --verbosity quiet >&2

# The mock upstream of the tests with the one package that it needs.
cp ../tests/e2e/mock.mjs ../tests/e2e/dialects.mjs scale-out.mjs nginx.conf "$work"
echo '{ "type": "module" }' > "$work/package.json"
version=$(node -p "require('../tests/e2e/package.json').dependencies.ws")
npm install --prefix "$work" --no-save --prefer-offline --no-audit --no-fund --loglevel=error "ws@$version" >&2

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
  -keyout "$work/tls.key" -out "$work/tls.crt" 2> /dev/null

cd "$work"
node scale-out.mjs
