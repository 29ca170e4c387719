#!/usr/bin/env bash
# Compares the smallest app with the proxy in it, compiled ahead of time (Native AOT) and as it starts (JIT): bench/aot/run.sh [rounds]
# Native AOT needs a linker: clang or gcc. The upstream is that of bench/wire.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 ASPNETCORE_ENVIRONMENT=Production
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY http_proxy https_proxy all_proxy no_proxy

rounds=${1:-9}
requests=2000
upstream_port=18990
port=18991
work=$(mktemp -d)
started=()
stop() { kill "${started[@]}" 2> /dev/null || true; wait 2> /dev/null || true; rm -rf "$work"; }
trap stop EXIT

publish() { dotnet publish -c Release -v q --nologo -p:DebugType=none -p:StripSymbols=true "$@" >&2; }
publish -r "linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')" -p:PublishAot=true -o "$work/aot"
publish -o "$work/jit"
dotnet build -c Release -v q --nologo ../wire/Headroom.Routing.Wire.csproj >&2
dotnet ../wire/bin/Release/net10.0/Headroom.Routing.Wire.dll upstream "$upstream_port" > /dev/null & started+=($!)

now() { echo "${EPOCHREALTIME/./}"; }
listens() { (: < "/dev/tcp/127.0.0.1/$1") 2> /dev/null; }
median() { sort -n | awk '{ value[NR] = $1 } END { print value[int((NR + 1) / 2)] }'; }

# Sends a request on a connection of its own and waits for the first line of the answer.
ask() {
  exec 3<> "/dev/tcp/127.0.0.1/$port"
  printf 'GET /v1/models HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nX-Headroom-Upstream: http://127.0.0.1:%s/v1\r\n\r\n' "$upstream_port" >&3
  read -r line <&3
  exec 3<&-
  [[ $line == *" 200 "* ]] || { echo "The app answered: $line" >&2; exit 1; }
}

until listens "$upstream_port"; do sleep 0.1; done
echo "| | size, MB | listens after, ms | first answer after, ms | memory after $requests requests, MB |"
echo "|---|--:|--:|--:|--:|"
for kind in aot jit; do
  command=("$work/aot/Headroom.Routing.Aot")
  [ "$kind" = aot ] || command=(dotnet "$work/jit/Headroom.Routing.Aot.dll")
  : > "$work/listen"; : > "$work/answer"; : > "$work/memory"
  for ((round = 0; round < rounds; round++)); do
    start=$(now)
    "${command[@]}" --urls "http://127.0.0.1:$port" --Headroom:AllowedUpstreams:0 "http://127.0.0.1:$upstream_port" > /dev/null & app=$!
    started+=("$app")
    until listens "$port"; do :; done
    echo $((($(now) - start) / 1000)) >> "$work/listen"
    ask
    echo $((($(now) - start) / 1000)) >> "$work/answer"
    for ((i = 1; i < requests; i++)); do ask; done
    awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$app/status" >> "$work/memory"
    kill "$app"
    wait "$app" || true
  done

  # The runtime that the JIT needs besides is not counted.
  size=$(find "$work/$kind" -type f -printf '%s\n' | awk '{ bytes += $1 } END { printf "%.1f", bytes / 1048576 }')
  echo "| $kind | $size | $(median < "$work/listen") | $(median < "$work/answer") | $(median < "$work/memory") |"
done
