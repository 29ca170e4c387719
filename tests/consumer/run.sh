#!/usr/bin/env bash
# What somebody who adds the packages meets: packs them, makes new projects outside the repository by the words of the packages' READMEs,
# publishes them (trimmed and with Native AOT too), runs them and sends them requests. Linux; Native AOT needs a linker and zlib.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
repository=$PWD
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
unset HTTP_PROXY HTTPS_PROXY ALL_PROXY http_proxy https_proxy all_proxy

# No package of this version is in any cache or registry.
version=0.0.0-consumer.$(date +%s).$$
work=$(mktemp -d)
cache=$(dotnet nuget locals global-packages --list | sed 's/^[^:]*: *//')
started=()
stop() {
  status=$?
  kill "${started[@]}" 2> /dev/null || true
  wait
  rm -rf "$work" "$cache"/headroom.*/"$version"
  find "$cache" -maxdepth 1 -name 'headroom.*' -empty -delete
  exit "$status"
}
trap stop EXIT

fail() { echo "$*" >&2; exit 1; }

# Says what comes next, and how long the last thing took.
step() { echo "[$SECONDS s] $*"; }

# The Nth block of a language in the README of a package.
block() { awk -v fence="\`\`\`$2" -v n="$3" '/^```$/ { if (on) exit } on; $0 == fence && ++i == n { on = 1 }' "$cache/$1/$version/README.md"; }

# The ids of the packages that a package asks for, and the versions if those are exact.
dependencies() { sed -nE 's/.*<dependency id="([^"]*)" version="(\[[^"]*\])?.*/\1 \2/p' "$cache/$1/$version/$1.nuspec" | xargs; }

# Waits until a program listens that writes into a file, and prints its address.
address() {
  for _ in {1..300}; do
    if grep -soE -m 1 'http://127\.0\.0\.1:[0-9]+' "$2"; then return; fi
    kill -0 "$1" 2> /dev/null || break
    sleep 0.1
  done
  fail "Nothing listens: $(cat "$2")"
}

# Starts a gateway, sends a request through it to the upstream that it knows as local, and ends it.
ask() {
  : > gateway.log # The child empties it too, but maybe after the first look into it.
  "$@" > gateway.log 2>&1 & local gateway=$!
  started+=("$gateway")
  local url answer
  url=$(address "$gateway" gateway.log)
  answer=$(curl -sS --max-time 30 -H 'X-Headroom-Upstream: local' -d '{}' "$url/v1/chat/completions")
  [ "$answer" = 'POST /v1/chat/completions' ] || fail "$1 answered: $answer"
  kill "$gateway"
  wait "$gateway" || fail "$1 ended with $?: $(cat gateway.log)"
}

settings() { echo --urls http://127.0.0.1:0 --Headroom:Upstreams:local "$upstream/v1"; }

has() { command -v "$1" > /dev/null; }
if ! has clang && ! has gcc || ! has curl || [ ! -e /usr/include/zlib.h ]; then
  [ "$(id -u)" -eq 0 ] && has apt-get || fail 'This needs clang or gcc, curl, and the headers of zlib (zlib1g-dev).'
  step 'Installing clang, curl and zlib1g-dev'
  apt-get update -qq > /dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends clang curl zlib1g-dev > /dev/null
fi

# NU1603: see Directory.Build.props.
strict=(--nologo --verbosity quiet -warnaserror -warnnotaserror:NU1603)

step 'Packing'
dotnet pack "${strict[@]}" --output "$work/packages" -p:MinVerSkip=true -p:Version="$version"

cd "$work"
cp "$repository/global.json" "$repository/tests/consumer/upstream.cs" .
cat > nuget.config << XML
<configuration>
  <packageSources>
    <add key="packed" value="packages" />
  </packageSources>
</configuration>
XML

step 'Making projects'
new() { dotnet new "$1" --output "$2" --no-restore > /dev/null; }
add() { dotnet add "$1" package "$2" --version "$3" --no-restore > /dev/null; }
new web web
add web Headroom.Routing.AspNetCore "$version"
new console console
add console Headroom.Routing "$version"
new mstest tests
add tests Headroom.Routing.Testing "$version"
add tests Microsoft.AspNetCore.Mvc.Testing 10.0.15
add tests RichardSzalay.MockHttp 6.0.0
dotnet add tests reference web > /dev/null
dotnet new sln --name consumer > /dev/null
dotnet sln add web console tests > /dev/null
dotnet restore --verbosity quiet

block headroom.routing.aspnetcore csharp 1 > web/Program.cs
block headroom.routing.aspnetcore json 1 > web/appsettings.json
block headroom.routing csharp 1 > console/Program.cs
block headroom.routing.testing csharp 1 > tests/SecurityTests.cs
block headroom.routing.testing csharp 2 > tests/RoutingTests.cs
rm tests/Test1.cs

step 'Looking into what the packages ask for'
needs() { [ "$(dependencies "$1")" = "$2" ] || fail "$1 asks for: $(dependencies "$1")"; }
needs headroom.routing 'Microsoft.Extensions.Configuration.Binder Microsoft.Extensions.Http'
needs headroom.routing.aspnetcore "Headroom.Routing [$version] Yarp.ReverseProxy"
needs headroom.routing.testing 'Headroom.Routing.AspNetCore'
# Through a project that has the package only by way of another one, as an app's tests do.
schemas=$(dotnet msbuild tests -getItem:JsonSchemaSegment)
[[ $schemas == *"headroom.routing.aspnetcore/$version/ConfigurationSchema.json"* ]] || fail "Editors get no schema: $schemas"

step 'Building'
dotnet build upstream.cs --nologo --verbosity quiet --output upstream > /dev/null
dotnet upstream/upstream.dll --urls http://127.0.0.1:0 > upstream.log 2>&1 & started+=($!)
upstream=$(address $! upstream.log)
sed -i "s|http://127.0.0.1:9999|$upstream|" console/Program.cs
dotnet build "${strict[@]}"

step 'Running the web app'
ask dotnet web/bin/Debug/net10.0/web.dll --contentRoot "$work/web" $(settings)

step 'Running the console app'
answer=$(dotnet console/bin/Debug/net10.0/console.dll)
[ "$answer" = 'POST /v1/chat/completions' ] || fail "The console app printed: $answer"

step 'Installing the tool and running it'
export XDG_CONFIG_HOME=$work/config
dotnet tool install Headroom.Gateway --version "$version" --tool-path tool --configfile nuget.config --verbosity quiet
headroom=$work/tool/headroom
[[ $("$headroom" --version) == "$version"* ]] || fail "The tool's version is $("$headroom" --version)."
[ "$(dotnet dnx --yes "Headroom.Gateway@$version" --configfile nuget.config clients claude)" = 'export ANTHROPIC_BASE_URL=http://127.0.0.1:8787' ] || fail 'dnx does not run the tool.'
mkdir -p config/headroom stranger
echo '{ "Headroom": { "Upstreams": { "own": "http://127.0.0.1:9" } } }' > config/headroom/appsettings.json
# Somebody else's settings, in the folder where the tool is run.
echo '{ "Headroom": { "Upstreams": { "theirs": "http://127.0.0.1:9" } } }' | tee stranger/appsettings.json > stranger/appsettings.Development.json
"$headroom" config check config/headroom/appsettings.json
for environment in Production Development; do
  astray=(env -C stranger "DOTNET_ENVIRONMENT=$environment" "$headroom")
  configuration=$("${astray[@]}" clients opencode)
  [[ $configuration == *'"X-Headroom-Upstream": "own"'* && $configuration != *theirs* ]] || fail "The tool printed: $configuration"
  ask "${astray[@]}" --port 0 --upstream "local=$upstream/v1" --allow http://127.0.0.1:9 --page
  ! grep -q 'Demo upstream' gateway.log || fail 'The tool runs a demo upstream.'
done
(
  eval "$("$headroom" clients claude --port 9000 --upstream "local=$upstream/v1")"
  [ "$ANTHROPIC_BASE_URL $ANTHROPIC_CUSTOM_HEADERS" = "http://127.0.0.1:9000 X-Headroom-Upstream: $upstream/v1" ]
) || fail 'A shell does not understand what the tool prints.'

step 'Running the tests'
dotnet test tests --no-build --nologo

runtime=linux-$(uname -m | sed 's/x86_64/x64/; s/aarch64/arm64/')
for kind in PublishTrimmed PublishAot; do
  step "$kind"
  dotnet publish web "${strict[@]}" --runtime "$runtime" "-p:$kind=true" -p:TrimmerSingleWarn=false --output "$kind"
  ask "$kind/web" --contentRoot "$work/$kind" $(settings)
done
step "Done. The app with Native AOT has $(($(stat -c %s PublishAot/web) / 1000)) kB."
