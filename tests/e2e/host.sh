# Sourced by the scripts beside it. `start_host NAME=VALUE...` starts HostApp in Development on a free port, without its demo upstream, with these
# settings and none of the user's own, and puts its address into $url. What is in $started, and the folder $scratch, are gone when the script ends.
scratch=$(mktemp -d)
started=()
stop() {
  [ ${#started[@]} -eq 0 ] || { kill "${started[@]}" && wait "${started[@]}"; } 2>/dev/null || true
  rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

start_host() {
  # Without its servers, which would outlive this script.
  dotnet build ../../samples/HostApp --configuration Release --output "$scratch/host" --disable-build-servers --nologo --verbosity quiet
  local log=$scratch/host.log
  touch "$log"
  (cd "$scratch/host" && exec env XDG_CONFIG_HOME="$scratch" ASPNETCORE_ENVIRONMENT=Development DemoUpstream__Url= "$@" dotnet HostApp.dll --urls http://127.0.0.1:0) >"$log" 2>&1 &
  started+=($!)
  url=
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
}
