# shellcheck shell=bash
# The parts of ./test: programs, build, lanes, counting. Sourced; expects $root.
: "${root:?}"

results=$root/TestResults
passed=0 failed=0 skipped=0
broken=() # what to read first at the end

# Every process started from here carries this mark, so that whatever outlives its test can be found and ended.
export PORTAL_TEST_RUN=$$-$RANDOM

# No process of the tests lives long enough to gain from profiles, from compiling a second time what is called often, or from pages of
# code that are never writable and executable at once. Measured on a test that kills portals: 51 s of CPU with the last two, 36 without.
# Nor from a garbage collector with a heap and threads for each core: a start of the portal takes a tenth less without.
export DOTNET_TieredPGO=0 DOTNET_TC_CallCounting=0 DOTNET_EnableWriteXorExecute=0 DOTNET_gcServer=0 DOTNET_gcConcurrent=0

# Seconds at which all programs were there, and at which the build was done.
prepared=0 built=0

find_postgres() {
  local bin
  for bin in "${POSTGRES_BIN:-}" /usr/lib/postgresql/*/bin "$(dirname "$(command -v initdb || echo /none/initdb)")"; do
    if [ -n "$bin" ] && [ -x "$bin/initdb" ]; then
      POSTGRES_BIN=$bin
      export POSTGRES_BIN
      return 0
    fi
  done
  return 1
}

find_chromium() {
  local name
  for name in "${CHROMIUM_BIN:-}" chromium-headless-shell chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && CHROMIUM_BIN=$(command -v "$name"); then
      export CHROMIUM_BIN
      return 0
    fi
  done
  return 1
}

# The one without windows is the same engine for less of the processor, where the distribution has it.
chromium_package() { if apt-cache show chromium-headless-shell >/dev/null 2>&1; then echo chromium-headless-shell; else echo chromium; fi; }

find_faketime() { compgen -G "/usr/lib/*/faketime/libfaketimeMT.so.1" >/dev/null; }

find_redis() { [ -x "${REDIS_BIN:-}" ] || command -v redis-server >/dev/null; }

find_clickhouse() { [ -x "${CLICKHOUSE_BIN:-}" ] || command -v clickhouse-server >/dev/null || [ -x /usr/sbin/clickhouse-server ]; }

find_registry() { [ -x "${REGISTRY_BIN:-}" ] || command -v docker-registry >/dev/null; }

find_shellcheck() { command -v shellcheck >/dev/null; }

# need_programs LANE...: asks only for what the lanes use.
need_programs() {
  local lane program
  local -A need=()
  for lane in "$@"; do
    case $lane in
      unit) need[shellcheck]=1 need[postgres]=1 need[registry]=1 need[redis]=1 need[clickhouse]=1 ;;
      lint) need[shellcheck]=1 ;;
      cluster | crash) need[postgres]=1 need[faketime]=1 ;;
      e2e) need[chromium]=1 need[postgres]=1 need[registry]=1 ;;
      provisioning) need[postgres]=1 need[registry]=1 need[redis]=1 need[clickhouse]=1 ;;
      data | api) need[postgres]=1 ;;
    esac
  done
  local -A package=([postgres]=postgresql [chromium]=$(chromium_package) [shellcheck]=shellcheck [faketime]=faketime [registry]=docker-registry [redis]=redis-server [clickhouse]=clickhouse-server)
  local missing=()
  for program in "${!need[@]}"; do
    "find_$program" || missing+=("${package[$program]}")
  done
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
  for program in "${!need[@]}"; do
    "find_$program" || die "the tests need ${package[$program]}, which was not found" \
      "install it (Debian: apt-get install ${package[$program]}), or name it, see ./test --help"
  done
}

install_packages() {
  local as=()
  command -v apt-get >/dev/null || return 0
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || return 0
    as=(sudo -n)
  fi
  say "Installing $* with apt-get"
  # Only PostgreSQL's programs are wanted: no server of the system's own, created or started.
  "${as[@]}" mkdir -p /etc/postgresql-common/createcluster.d
  echo 'create_main_cluster = false' |
    "${as[@]}" tee /etc/postgresql-common/createcluster.d/portkey-portal.conf >/dev/null
  local get=("${as[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq)
  "${get[@]}" install -y --no-install-recommends "$@" >&2 || {
    "${get[@]}" update >&2 && "${get[@]}" install -y --no-install-recommends "$@" >&2
  } || say "apt-get could not install $*"
}

# need_cluster LANE...: a real API server for the lanes that use one: the one that was named, kind where Docker answers, else built here.
# Never inside a test's own time limit: building takes minutes.
need_cluster() {
  local lane wanted=
  for lane in "$@"; do case $lane in cluster | crash) wanted=yes ;; esac; done
  [ -n "$wanted" ] || return 0
  if [ -n "${KUBECONFIG_FOR_TESTS:-}" ]; then
    "$KUBECTL_BIN" --kubeconfig "$KUBECONFIG_FOR_TESTS" --request-timeout=10s get --raw /readyz >/dev/null ||
      die "the cluster of KUBECONFIG_FOR_TESTS ($KUBECONFIG_FOR_TESTS) does not answer" "name a kubeconfig of a cluster administrator, or unset it"
    say "Kubernetes for tests: KUBECONFIG_FOR_TESTS"
  elif command -v kind >/dev/null && docker info >/dev/null 2>&1; then
    start_kind
  else
    say "Kubernetes for tests: etcd and kube-apiserver (tools/control-plane)"
    wanted=$("$root/tools/control-plane") || exit 1
    eval "$wanted"
    export ETCD_BIN KUBE_APISERVER_BIN KUBE_CONTROLLER_MANAGER_BIN
  fi
}

# need_emulators LANE...: outside a test's own time limit, for the first time takes a while.
need_emulators() {
  local lane wanted=
  for lane in "$@"; do case $lane in unit | provisioning) wanted=yes ;; esac; done
  [ -n "$wanted" ] || return 0
  wanted=$("$root/tools/fetch-emulators") || exit 1
  eval "$wanted"
  export AZURITE_BLOB_JS S3RVER_JS
}

# need_clients LANE...: what the lane that walks with generated clients generates them with; outside a test's own time limit.
need_clients() {
  local lane wanted=
  for lane in "$@"; do case $lane in e2e) wanted=yes ;; esac; done
  [ -n "$wanted" ] || return 0
  wanted=$("$root/tools/fetch-clients") || exit 1
  eval "$wanted"
  export CLIENT_TOOLS_DIR
}

kind_cluster=
start_kind() {
  say "Kubernetes for tests: a cluster of kind"
  kind_cluster=portkey-portal-tests-$$
  KUBECONFIG_FOR_TESTS=$(mktemp)
  export KUBECONFIG_FOR_TESTS
  kind create cluster --name "$kind_cluster" --kubeconfig "$KUBECONFIG_FOR_TESTS" --wait 120s >&2 ||
    die "kind could not make a cluster" "see above; or stop Docker, and the tests build an API server of their own"
}

end_kind() {
  [ -n "$kind_cluster" ] || return 0
  kind delete cluster --name "$kind_cluster" >&2 || true
  rm -f "$KUBECONFIG_FOR_TESTS"
  kind_cluster=
}

build_solution() {
  say "Building the solution (Release, warnings are errors)"
  if in_group dotnet build "$root/Portkey.Portal.sln" -c Release -v quiet -nologo \
    -p:RestoreLockedMode=true "-p:SharedCompilationId=portal-test-$$" >"$results/build.log" 2>&1; then
    # Many tests start the portal and the sandbox as processes, and each start would compile the same again.
    say "Compiling portal, sandbox and tests ahead of time"
    in_group "$root/tools/precompile" "$root/src/Portal/bin/Release/net10.0" "$root/tools/Sandbox/bin/Release/net10.0" \
      "$root"/tests/*/bin/Release/net10.0
    return 0
  fi
  grep -E '(error|warning) [A-Z]+[0-9]+' "$results/build.log" | sort -u | head -40 || tail -40 "$results/build.log"
  count 0 1 "the build (TestResults/build.log)"
  return 1
}

# projects_of LANE: its test projects.
projects_of() {
  case $1 in
    unit) echo Provisioning.Tests Data.Tests ;;
    provisioning) echo Provisioning.Tests ;;
    data) echo Data.Tests ;;
    components) echo Portal.Components.Tests ;;
    api) echo Portal.Tests ;;
    cluster) echo Sandbox.Tests Cluster.Tests Crash.Tests ;;
    sandbox) echo Sandbox.Tests ;;
    e2e) echo Portal.E2E ;;
    crash) echo Crash.Tests ;;
  esac
}

# run_lanes LANE...: the lint, and every project of the lanes once, $streams of them side by side: most of their time goes to waiting for
# pods and processes. What takes longest goes first, so that nothing long is left for the end; a project that is alone prints as it goes.
run_lanes() {
  local lane project with_lint=
  local -A wanted=()
  local queue=()
  for lane in "$@"; do
    case $lane in unit | lint) with_lint=yes ;; esac
    for project in $(projects_of "$lane"); do wanted[$project]=yes; done
    [ "$lane" != crash ] || export PORTAL_CRASH=long
  done
  for project in Portal.E2E Crash.Tests Cluster.Tests Provisioning.Tests Portal.Tests Data.Tests Sandbox.Tests Portal.Components.Tests; do
    [ -z "${wanted[$project]:-}" ] || queue+=("$project")
  done
  if [ ${#queue[@]} = 1 ]; then streams=0; fi
  while start_some && [ ${#running[@]} -gt 0 ]; do
    if [ -n "$with_lint" ]; then with_lint= && lint; fi
    finish_one
  done
  [ -z "$with_lint" ] || lint
}

# How many projects at once. Two keep two cores busy, for each runs tests side by side; more only makes everything wait for everything.
streams=${TEST_STREAMS:-2}
declare -A running=() # process id -> project

# start_some: from the queue of run_lanes, as long as there is room.
start_some() {
  local project later=()
  for project in "${queue[@]}"; do
    if { [ ${#running[@]} -ge "$streams" ] && [ ${#running[@]} -gt 0 ]; } || must_wait "$project"; then
      later+=("$project")
    else
      start_project "$project"
    fi
  done
  queue=("${later[@]}")
}

# A cluster that was given is one, and both fill it; where the tests build their own, each has one.
must_wait() {
  [ -n "${KUBECONFIG_FOR_TESTS:-}" ] || return 1
  case "$1 ${running[*]}" in *Cluster.Tests*Crash.Tests* | *Crash.Tests*Cluster.Tests*) ;; *) return 1 ;; esac
}

# count PASSED FAILED WHAT
count() {
  passed=$((passed + $1))
  failed=$((failed + $2))
  [ "$2" = 0 ] || broken+=("$3")
}

# check NAME COMMAND...: one lint counts as one test.
check() {
  local name=$1
  said=
  shift
  if said=$("$@" 2>&1); then
    say "ok      $name"
    count 1 0 "$name"
  else
    say "FAILED  $name" "$said"
    count 0 1 "$name"
  fi
}

lint() {
  local chart values
  check "scripts pass shellcheck" shellcheck -x run test .ci/run tools/fetch tools/fetch-emulators tools/fetch-clients tools/control-plane \
    tools/precompile tools/coverage tools/dependencies tools/*.sh
  check "tools lock file has hashes and no addresses" lock_file_is_clean
  check "sources are formatted (dotnet format whitespace)" dotnet format whitespace "$root" --folder --verify-no-changes \
    --exclude artifacts TestResults src/Data.Sqlite/Migrations src/Data.PostgreSql/Migrations src/Data.Sqlite/CompiledModel src/Data.PostgreSql/CompiledModel
  check "base images are named by digest" base_images_have_digests
  check "a known vulnerability of a package fails CI" node tools/audit-check.mjs "$results/audit"
  case $said in advisories:*) say "$said" ;; esac
  for chart in infra/charts/*/; do
    [ -f "$chart/Chart.yaml" ] || continue
    check "helm lint --strict $chart" "$HELM_BIN" lint --strict --quiet "$chart"
    for values in "$chart"ci/*.yaml; do
      [ ! -f "$values" ] || check "helm template $values" "$HELM_BIN" template check "$chart" -f "$values"
    done
  done
}

# Every FROM but those that name an earlier stage.
base_images_have_digests() {
  local file from stages bad=0
  while IFS= read -r file; do
    stages=" "
    while read -r _ from _ stage; do
      case $stages in *" $from "*) ;; *)
        [[ $from =~ @sha256:[0-9a-f]{64}$ ]] || { echo "$file: FROM $from has no digest"; bad=1; } ;;
      esac
      stages+="$stage "
    done < <(grep -iE '^FROM[[:space:]]' "$file")
    [ "$stages" != " " ] || { echo "$file: no FROM was found"; bad=1; }
  done < <(git ls-files 'Dockerfile' '*/Dockerfile' '*.Dockerfile')
  return $bad
}

lock_file_is_clean() {
  local file
  for file in tools/package-lock.json tools/*/package-lock.json; do
    ! grep -n '"resolved"' "$file" && grep -q '"integrity": "sha512-' "$file" || return 1
  done
}

# xunit writes the counts into the assembly element: total="3" passed="2" failed="1" skipped="0" errors="0".
attribute() { grep -o "<assembly [^>]*" "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }

limit_of() {
  case $1${PORTAL_CRASH:+ $PORTAL_CRASH} in "Crash.Tests long") echo "${TEST_TIMEOUT:-90m}" ;; *) echo "${TEST_TIMEOUT:-45m}" ;; esac
}

# start_project NAME: in a process group of its own, with a mark of its own, and its output in a file until it is done.
start_project() {
  local output=$results/$1.log
  [ "$streams" != 0 ] || output=/dev/stdout
  say "-- $1 started"
  # shellcheck disable=SC2016 # the inner shell's own
  setsid env PORTAL_TEST_RUN="$PORTAL_TEST_RUN.$1" bash -c 'TIMEFORMAT="%R %U %S"; times=$1; shift; { time "$@" 2>&3; } 3>&2 2>"$times"' time "$results/$1.time" \
    timeout --foreground --kill-after=20 "$(limit_of "$1")" "$root/tests/$1/bin/Release/net10.0/Portkey.Portal.${1#Portal.}" \
    -noColor -noLogo -longRunning 120 -result-xml "$results/$1.xml" </dev/null >"$output" 2>&1 &
  running[$!]=$1
}

# finish_one: waits until one of those that run is done, and counts it.
finish_one() {
  local pid name rc=0
  wait -n -p pid "${!running[@]}" || rc=$?
  name=${running[$pid]}
  unset "running[$pid]"
  kill -TERM -- "-$pid" 2>/dev/null || true
  say "" "== $name"
  [ ! -f "$results/$name.log" ] || cat "$results/$name.log"
  end_leftovers "$name" "$PORTAL_TEST_RUN.$name"
  count_project "$name" "$results/$name.xml" "$rc"
  [ ! -s "$results/$name.xml" ] || node "$root/tools/slowest-tests.mjs" "$results/$name.xml" "$results/$name.time"
}

# count_project NAME REPORT EXIT-CODE
count_project() {
  local name=$1 report=$2 rc=$3
  if ! [ -s "$report" ]; then
    say "$name ended with $rc and wrote no report$([ "$rc" != 124 ] || echo ": it ran longer than $(limit_of "$name")")"
    count 0 1 "$name: no report, exit code $rc"
    return 0
  fi
  local bad=$(($(attribute "$report" failed) + $(attribute "$report" errors)))
  local skips
  skips=$(attribute "$report" skipped)
  # A skip on a developer's machine is said; in CI it is a failure, or a missing program would pass unseen.
  if [ "${CI:-}" = true ]; then bad=$((bad + skips)); fi
  skipped=$((skipped + skips))
  count "$(attribute "$report" passed)" "$bad" "$name"
  # A failure outside the tests themselves (a crash while ending, say) shows only in the exit code.
  if [ "$rc" != 0 ] && [ "$bad" = 0 ]; then count 0 1 "$name: exit code $rc"; fi
  # A lane that ran nothing has not passed.
  if [ "$(attribute "$report" total)" = 0 ]; then count 0 1 "$name: it has no tests"; fi
}

# end_leftovers WHO MARK: /proc/PID/environ holds what a program was started with, so this script itself carries no mark.
end_leftovers() {
  local pid command pids
  mapfile -t pids < <(grep -lzsE "^PORTAL_TEST_RUN=$2$" /proc/[0-9]*/environ | cut -d/ -f3)
  for pid in "${pids[@]}"; do
    # Some were only just ending, such as the grep above.
    command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | cut -c1-100) || continue
    [ -n "$command" ] || continue
    say "left running by $1, ended now: $pid $command"
    kill -KILL "$pid" 2>/dev/null || true
  done
}

end_projects() {
  local pid
  for pid in "${!running[@]}"; do kill -TERM -- "-$pid" 2>/dev/null || true; done
}

end_all() {
  trap '' INT TERM HUP
  end_group
  end_projects
  end_leftovers "./test" "$PORTAL_TEST_RUN(\..*)?"
  end_kind
}

interrupted() {
  say "Interrupted"
  count 0 1 "interrupted"
  summary
}

summary() {
  local what
  trap - EXIT
  end_all
  say ""
  for what in "${broken[@]}"; do
    say "failed: $what"
    [ ! -s "$results/$what.xml" ] || node "$root/tools/failed-tests.mjs" "$results/$what.xml" || true
  done
  [ "$skipped" = 0 ] || say "$skipped skipped"
  # What is fetched, installed and compiled once is not there to be waited for again.
  say "$SECONDS s: programs $prepared s, build $((built - prepared)) s, tests $((SECONDS - built)) s"
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ] && exit 0
  exit 1
}
