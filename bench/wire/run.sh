#!/usr/bin/env bash
# Measures the gateway beside other proxies, over loopback alone: bench/wire/run.sh --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
PATH="$PATH:/usr/sbin"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# A proxy of the machine's must not come between.
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy
# Nor settings of the user's own.
export XDG_CONFIG_HOME=$PWD/bin

missing=()
for tool in wrk nginx; do
  command -v "$tool" > /dev/null || missing+=("$tool")
done

if [ ${#missing[@]} -gt 0 ]; then
  if [ "$EUID" -ne 0 ] || ! command -v apt-get > /dev/null; then
    echo "Missing: ${missing[*]}. On Debian: apt-get install ${missing[*]}" >&2
    exit 1
  fi

  # Debian starts nginx as it is installed, unless a policy forbids that.
  if [ ! -e /usr/sbin/policy-rc.d ]; then
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    printf '#!/bin/sh\nexit 101\n' > /usr/sbin/policy-rc.d
    chmod +x /usr/sbin/policy-rc.d
  fi

  apt-get update -q
  apt-get install -q -y --no-install-recommends "${missing[@]}"
  if [ -n "$(trap -p EXIT)" ]; then
    rm -f /usr/sbin/policy-rc.d
  fi
fi

cores=$(nproc --all)
if [ "$cores" -lt 2 ]; then
  echo "Two cores are needed: one for the proxy, one for load and upstream." >&2
  exit 1
fi

dotnet build -c Release -v q --nologo Headroom.Routing.Wire.csproj >&2

# The proxies get core 0, everything else the others.
exec taskset -c "1-$((cores - 1))" dotnet bin/Release/net10.0/Headroom.Routing.Wire.dll "$@"
