# shellcheck shell=bash
# Shared by ./run, ./test and tools/fetch. Sourced, never run; expects $root.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
export MSBUILDDISABLENODEREUSE=1

say() { printf '%s\n' "$*" >&2; }

# die WHAT CURE: every failure names what to do about it.
die() {
  say "error: $1"
  [ -z "${2:-}" ] || say "  cure: $2"
  exit "${3:-1}"
}

need_dotnet() {
  command -v dotnet >/dev/null ||
    die "the .NET SDK was not found (no 'dotnet' on PATH)" \
      "install the .NET 10 SDK, see https://dotnet.microsoft.com/download, and put it on PATH"
  # Asked outside the repository: inside, global.json would turn an old SDK into a long error.
  local found newest
  found=$(cd / && dotnet --list-sdks 2>/dev/null) || found=
  newest=$(cut -d. -f1 <<<"$found" | sort -n | tail -1)
  [ "${newest:-0}" -ge 10 ] 2>/dev/null ||
    die "the .NET 10 SDK is needed; found: ${found:-no SDK, only a runtime}" \
      "install the .NET 10 SDK, see https://dotnet.microsoft.com/download"
}

need_npm() {
  local tool
  for tool in node npm; do
    command -v "$tool" >/dev/null ||
      die "$tool was not found; Helm and the gateway come by npm" \
        "install Node.js 20 or newer with npm (Debian: apt-get install npm)"
  done
}

# in_group COMMAND...: runs it in a process group of its own and ends what it leaves behind
# (dotnet build starts a compiler server that would outlive it).
in_group_pid=
in_group() {
  local rc=0
  setsid "$@" &
  in_group_pid=$!
  wait "$in_group_pid" || rc=$?
  end_group
  return "$rc"
}

end_group() {
  [ -n "$in_group_pid" ] || return 0
  kill -TERM -- "-$in_group_pid" 2>/dev/null || true
  in_group_pid=
}
