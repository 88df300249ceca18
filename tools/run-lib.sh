# shellcheck shell=bash
# The parts of ./run: checks, build, children. Sourced; expects $root, and $data and $port where named.

: "${root:?}" "${data:=}" "${port:=}"

out=$root/artifacts/run/bin
outputs=("$out/Portal/release" "$out/Sandbox/release")
declare -A child=() # name -> process id

# Who listens is read from /proc: neither ss nor lsof is on every machine.
need_free_port() {
  local hex inode pid=
  hex=$(printf ':%04X' "$1")
  # sl local_address rem_address st ... inode: state 0A is LISTEN.
  inode=$(awk -v p="$hex" '$2 ~ p "$" && $4 == "0A" { print $10; exit }' /proc/net/tcp /proc/net/tcp6 2>/dev/null)
  [ -n "$inode" ] || return 0
  pid=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | head -1 | cut -d/ -f3) || true
  die "port $1 is taken${pid:+ by process $pid ($(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-80))}" \
    "stop that process, or choose another port: ./run --port $(($1 < 65535 ? $1 + 1 : 5080))"
}

open_data() {
  mkdir -p "$1/logs" 2>/dev/null || die "cannot create the data folder $1" \
    "choose a folder that you may write to: ./run --data DIR"
  data=$(cd "$1" && pwd)
  if ! [ -w "$data" ] || ! [ -w "$data/logs" ]; then
    die "the data folder $data is not writable" "choose another: ./run --data DIR, or correct its owner"
  fi
  chmod -R go-rwx "$data" 2>/dev/null || true # what was made before it was private
  exec 9>>"$data/.lock"
  flock -n 9 || die "another ./run uses $data (process $(tail -1 "$data/.lock"))" \
    "stop that one, or choose another folder: ./run --data DIR"
  echo "$$" >"$data/.lock"
}

is_built() {
  # shellcheck disable=SC2154 # of build_portal
  [ "$(cat "$stamp" 2>/dev/null)" = "$now" ] && [ -f "$out/Portal/release/Portkey.Portal.Web.dll" ] && [ -f "$out/Sandbox/release/Portkey.Portal.Sandbox.dll" ]
}

# Builds only when a source changed: asking MSBuild costs seconds, asking the file system milliseconds.
# Analyzers are ./test's business. Output is apart from bin/ and obj/, so that a test run does not disturb.
build_portal() {
  local stamp=$root/artifacts/run/built now
  mkdir -p "$root/artifacts/run"
  now=$(cd "$root" && {
    dotnet --version
    find src tools/Sandbox appsettings*.json Directory.*.props .editorconfig global.json \
      \( -name bin -o -name obj \) -prune -o -type f -printf '%p %T@ %s\n' | sort
  } | sha256sum)
  ! is_built || return 0
  # Another ./run may build now, or compile for its next start; then this one waits, and may find its work done.
  exec 7>"$root/artifacts/run/.lock"
  flock 7
  if ! is_built; then
    say "Building the sandbox and the portal (the first time takes up to a minute)"
    rm -f "$stamp"
    # Neither knows the other, so they are built side by side.
    # shellcheck disable=SC2016 # the inner shell's own
    in_group bash -c 'for what; do dotnet build "$what" -c Release -v quiet -nologo --artifacts-path "$0/artifacts/run" \
      -p:RunAnalyzers=false -p:EnforceCodeStyleInBuild=false -p:TreatWarningsAsErrors=false \
      "-p:SharedCompilationId=portal-run-$PPID" & builds+=($!); done; for build in "${builds[@]}"; do wait "$build" || exit 1; done' \
      "$root" "$root/tools/portal.slnf" "$root/tools/Sandbox/Sandbox.csproj" >"$data/logs/build.log" 2>&1 7>&- 9>&- || {
      grep -E 'error' "$data/logs/build.log" | sort -u | head -20 >&2 || tail -20 "$data/logs/build.log" >&2
      die "the build failed" "see above, and $data/logs/build.log"
    }
    "$root/tools/precompile" --from-cache "${outputs[@]}"
    rm -f "$root/artifacts/run/precompiled"
    echo "$now" >"$stamp"
  fi
  exec 7>&-
}

# What the next start needs less time with is made while nobody waits for it: the first start of all would be a minute later otherwise.
# It goes on at the next ./run where this one ends before it.
precompile_for_next_start() {
  local done=$root/artifacts/run/precompiled
  [ ! -e "$done" ] || return 0
  # shellcheck disable=SC2016 # the inner shell's own
  setsid nice -n 19 bash -c 'flock -n 7 && "$0/tools/precompile" "${@:2}" && : >"$1"' "$root" "$done" "${outputs[@]}" \
    >"$data/logs/precompile.log" 2>&1 </dev/null 7>>"$root/artifacts/run/.lock" 9>&- &
  precompiling=$!
}
precompiling=

# start NAME FOLDER COMMAND...: a process group of its own, so that Ctrl-C reaches only ./run, which stops the
# children in order; and the kernel ends them should ./run be killed outright.
start() {
  local name=$1 folder=$2 log=$data/logs/$1.log
  shift 2
  [ ! -f "$log" ] || mv -f "$log" "$log.1"
  setsid env -C "$folder" setpriv --pdeathsig TERM "$@" >"$log" 2>&1 </dev/null 7>&- 9>&- &
  child[$name]=$!
}

sandbox_ready() { grep -q 'Sandbox ready at' "$data/logs/sandbox.log"; }

portal_ready() {
  local status=
  { exec 3<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null || return 1
  printf 'GET /healthz/ready HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$port" >&3
  read -r -t 5 status <&3 || true
  exec 3<&- 3>&-
  [[ $status == HTTP/1.*\ 200* ]]
}

wait_for() {
  local name=$1 until=$((SECONDS + $2)) ready=$3
  until "$ready"; do
    kill -0 "${child[$name]}" 2>/dev/null || fail "the $name stopped before it was ready" "$name"
    ((SECONDS < until)) || fail "the $name was not ready after $2 seconds" "$name"
    sleep 0.1
  done
}

watch_children() {
  local name
  wait -n "${child[@]}" || true
  for name in "${!child[@]}"; do
    kill -0 "${child[$name]}" 2>/dev/null || fail "the $name stopped by itself" "$name"
  done
}

fail() {
  say "error: $1. The end of $data/logs/$2.log:"
  # A stack trace is longer than the tail, and what matters stands above it.
  { grep -E '^Unhandled exception|Exception: ' "$data/logs/$2.log" | tail -n 3 | cut -c1-400 || true; tail -n 20 "$data/logs/$2.log"; } | sed 's/^/  | /' >&2
  exit 1 # the EXIT trap stops the rest
}

# The portal first: it still talks to the cluster while it drains.
stop_all() {
  local name
  trap '' INT TERM HUP
  trap - EXIT
  end_group
  [ -z "$precompiling" ] || kill -TERM -- "-$precompiling" 2>/dev/null || true
  for name in portal sandbox; do
    if [ -n "${child[$name]:-}" ]; then stop_one "$name" "${child[$name]}"; fi
  done
}

stop_one() {
  local pid=$2 tries=1
  if kill -TERM "$pid" 2>/dev/null; then
    say "Stopping the $1"
    for ((tries = 200; tries > 0; tries--)); do
      kill -0 "$pid" 2>/dev/null || break
      sleep 0.1
    done
  fi
  # The rest of its group too: gone already when it ended well.
  [ "$tries" -gt 0 ] || say "The $1 did not stop in 20 seconds and is killed"
  kill -KILL -- "-$pid" 2>/dev/null || true
  unset "child[$1]"
}

open_browser() {
  if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open >/dev/null; then
    setsid xdg-open "$1" >/dev/null 2>&1 </dev/null 9>&- &
  fi
}
