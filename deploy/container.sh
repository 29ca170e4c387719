#!/usr/bin/env bash
# The image of `dotnet publish -t:PublishContainer`, built and run without any registry or container engine but those made here: its base is this machine's .NET
# runtime with the libraries that it needs, served by a registry on loopback, and it runs by chroot as its own user on a read-only file system. Linux as root
# on x64; needs the .NET SDK, node and curl.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy

work=$(mktemp -d)
started=()
stop() {
  kill "${started[@]}" 2> /dev/null || true
  wait
  rm -rf "$work"
}
trap stop EXIT
fail() { echo "$*" >&2; exit 1; }

# The base image: a runtime, what it links to, and the user "app".
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
base=$work/base
mkdir -p "$base"/{etc,tmp,proc,dev,usr/bin,usr/share/dotnet/host,lib,lib64,home/app}
cp "$dotnet/dotnet" "$base/usr/share/dotnet"
cp -r "$dotnet/host/fxr" "$base/usr/share/dotnet/host"
for framework in Microsoft.NETCore.App Microsoft.AspNetCore.App; do
  mkdir -p "$base/usr/share/dotnet/shared/$framework"
  cp -r "$(find "$dotnet/shared/$framework" -maxdepth 1 -name '10.*' | sort -V | tail -n 1)" "$base/usr/share/dotnet/shared/$framework"
done
ln -s ../share/dotnet/dotnet "$base/usr/bin/dotnet"
{
  ldd "$base/usr/share/dotnet/dotnet" "$base"/usr/share/dotnet/shared/*/*/lib*.so | grep -oE '/[^ ]*\.so[^ ]*' | grep -v "^$work" || true
  ldconfig -p | grep -oE '/[^ ]*/lib(ssl|crypto)\.so\.3$' | head -n 2
} | sort -u | while read -r library; do
  mkdir -p "$base$(dirname "$library")"
  cp -L "$library" "$base$library"
done
echo 'app:x:1654:1654::/home/app:/bin/false' > "$base/etc/passwd"
echo 'app:x:1654:' > "$base/etc/group"
tar -C "$base" -cf "$work/layer.tar" .

node container-base.mjs "$work/layer.tar" > "$work/registry.log" & started+=($!)
for _ in {1..100}; do
  registry=$(cat "$work/registry.log")
  [ -n "$registry" ] && break
  sleep 0.1
done

dotnet publish ../samples/HostApp --configuration Release -t:PublishContainer --nologo --verbosity quiet \
  -p:ContainerBaseImage="$registry/base:latest" -p:ContainerArchiveOutputPath="$work/image.tar"

# The image as an engine would read it.
mkdir "$work/image" "$work/root"
tar -xf "$work/image.tar" -C "$work/image"
blob() { echo "$work/image/blobs/${1/://}"; }
field() { node -p "JSON.parse(fs.readFileSync('$1'))$2"; }
manifest=$(blob "$(field "$work/image/index.json" .manifests[0].digest)")
config=$(blob "$(field "$manifest" .config.digest)")
for layer in $(field "$manifest" ".layers.map(layer => layer.digest).join(' ')"); do tar -xf "$(blob "$layer")" -C "$work/root"; done
[ "$(field "$config" .config.User)" = 1654 ] || fail 'The user is not 1654.'
[ "$(field "$config" '.config.ExposedPorts["8787/tcp"]')" != undefined ] || fail 'The port is not 8787.'
[ -z "$(find "$work/root" -name sh -o -name bash)" ] || fail 'There is a shell.'

# Runs the image's program with its variables and those given.
run() {
  local variables entry
  mapfile -t variables < <(field "$config" ".config.Env.join('\n')")
  mapfile -t entry < <(field "$config" ".config.Entrypoint.join('\n')")
  exec unshare --mount -- bash -c '
    root=$1; shift
    mount --bind "$root" "$root" && mount -t proc proc "$root/proc" && mount --bind /dev "$root/dev" && mount -o remount,ro,bind "$root"
    exec "$@"' run "$work/root" env -i "${variables[@]}" DOTNET_EnableDiagnostics=0 "$@" \
    setpriv --no-new-privs "$(PATH="$PATH:/usr/sbin" command -v chroot)" --userspec=1654:1654 "$work/root" "${entry[@]}"
}

if (run) > "$work/refused.log" 2>&1; then fail 'It runs without a token.'; fi
grep -q 'asks nobody who they are' "$work/refused.log" || fail "It did not refuse to run without a token: $(cat "$work/refused.log")"

(run Headroom__Tokens__0=let-me-in ShutdownDelay=00:00:01) > "$work/run.log" 2>&1 & gateway=$!
started+=("$gateway")
for _ in {1..100}; do
  grep -q 'http://' "$work/run.log" && break
  sleep 0.1
done
status() { curl -s -o /dev/null -w '%{http_code}' --max-time 10 "$@"; }
[ "$(status http://127.0.0.1:8787/healthz)" = 200 ] || fail "It is not alive: $(cat "$work/run.log")"
[ "$(status http://127.0.0.1:8787/readyz)" = 200 ] || fail 'It is not ready.'
[ "$(status http://127.0.0.1:8787/v1/models)" = 401 ] || fail 'It asks for no token.'
[ "$(status -H 'X-Headroom-Proxy-Token: let-me-in' http://127.0.0.1:8787/@nobody/)" = 400 ] || fail 'It does not take the token.'
kill "$gateway"
wait "$gateway" || fail "It ended with $?."
! grep -qE '^(warn|fail|crit|Unhandled)' "$work/run.log" || fail "It complains: $(cat "$work/run.log")"
echo 'The image runs as user 1654 on a read-only file system.'
