# shellcheck shell=bash
# The parts of ./test: programs, build, lanes, counting. Sourced; expects $root.
: "${root:?}"

results=$root/TestResults
passed=0 failed=0 skipped=0
broken=() # what to read first at the end

# Every process started from here carries this mark, so that whatever outlives its test can be found and ended.
export PORTAL_TEST_RUN=$$-$RANDOM

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
  for name in "${CHROMIUM_BIN:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && CHROMIUM_BIN=$(command -v "$name"); then
      export CHROMIUM_BIN
      return 0
    fi
  done
  return 1
}

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
  local -A package=([postgres]=postgresql [chromium]=chromium [shellcheck]=shellcheck [faketime]=faketime [registry]=docker-registry [redis]=redis-server [clickhouse]=clickhouse-server)
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
    return 0
  fi
  grep -E '(error|warning) [A-Z]+[0-9]+' "$results/build.log" | sort -u | head -40 || tail -40 "$results/build.log"
  count 0 1 "the build (TestResults/build.log)"
  return 1
}

run_lane() {
  local before=$((passed + failed))
  say "" "== $1"
  case $1 in
    unit) lint && run_project Provisioning.Tests && run_project Data.Tests ;;
    lint) lint ;;
    provisioning) run_project Provisioning.Tests ;;
    data) run_project Data.Tests ;;
    components) run_project Portal.Components.Tests ;;
    api) run_project Portal.Tests ;;
    cluster) run_project Sandbox.Tests && run_project Cluster.Tests &&
      # Six minutes on two idle cores. It waits for processes that are killed and started again, so a slow machine needs room.
      TEST_TIMEOUT=${TEST_TIMEOUT:-25m} run_project Crash.Tests ;;
    sandbox) run_project Sandbox.Tests ;;
    e2e) TEST_TIMEOUT=${TEST_TIMEOUT:-25m} run_project Portal.E2E ;;
    crash) PORTAL_CRASH=long TEST_TIMEOUT=${TEST_TIMEOUT:-90m} run_project Crash.Tests ;;
  esac
  [ $((passed + failed)) -gt "$before" ] || count 0 1 "lane $1: nothing ran"
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
  check "scripts pass shellcheck" shellcheck -x run test .ci/run tools/fetch tools/fetch-emulators tools/control-plane tools/*.sh
  check "tools lock file has hashes and no addresses" lock_file_is_clean
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
  ! grep -n '"resolved"' tools/package-lock.json tools/emulators/package-lock.json &&
    grep -q '"integrity": "sha512-' tools/package-lock.json && grep -q '"integrity": "sha512-' tools/emulators/package-lock.json
}

# xunit writes the counts into the assembly element: total="3" passed="2" failed="1" skipped="0" errors="0".
attribute() { grep -o "<assembly [^>]*" "$1" | grep -o " $2=\"[0-9]*\"" | tr -dc '0-9\n' | awk '{ n += $1 } END { print n + 0 }'; }

run_project() {
  local name=$1 report=$results/$1.xml rc=0
  say "-- $name"
  in_group timeout --kill-after=20 "${TEST_TIMEOUT:-12m}" \
    "$root/tests/$name/bin/Release/net10.0/Portkey.Portal.$name" \
    -noColor -noLogo -longRunning 120 -result-xml "$report" </dev/null || rc=$?
  end_leftovers "$name"
  if ! [ -s "$report" ]; then
    say "$name ended with $rc and wrote no report$([ "$rc" != 124 ] || echo ": it ran longer than ${TEST_TIMEOUT:-12m}")"
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
  if [ "$(attribute "$report" total)" = 0 ]; then say "$name has no tests"; fi
}

# /proc/PID/environ holds what a program was started with, so this script itself carries no mark.
end_leftovers() {
  local pid command pids
  mapfile -t pids < <(grep -lzs "^PORTAL_TEST_RUN=$PORTAL_TEST_RUN$" /proc/[0-9]*/environ | cut -d/ -f3)
  for pid in "${pids[@]}"; do
    # Some were only just ending, such as the grep above.
    command=$(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | cut -c1-100) || continue
    [ -n "$command" ] || continue
    say "left running by $1, ended now: $pid $command"
    kill -KILL "$pid" 2>/dev/null || true
  done
}

end_all() {
  trap '' INT TERM HUP
  end_group
  end_leftovers "./test"
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
  for what in "${broken[@]}"; do say "failed: $what"; done
  [ "$skipped" = 0 ] || say "$skipped skipped"
  printf '%s passed, %s failed\n' "$passed" "$failed"
  [ "$failed" = 0 ] && [ "$passed" -gt 0 ] && exit 0
  exit 1
}
