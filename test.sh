#!/usr/bin/env bash
# Runs every test suite in Release, then every OpenCL kernel through Oclgrind, then publishes the command line with NativeAOT and runs a network with it,
# then builds the C interface for this machine and runs its tests.
# On Debian and Ubuntu, as root or with sudo, first installs the packages that this needs and that are missing.
# The last line of the output is "N passed, N failed, N skipped"; the exit status is 0 when nothing failed.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 TESTINGPLATFORM_TELEMETRY_OPTOUT=1

passed=0 failed=0 skipped=0
results=artifacts/test-results

# Compiled kernels stay from suite to suite and from run to run, beside no one else's; measurements of this machine likewise.
export POCL_CACHE_DIR=${POCL_CACHE_DIR:-$PWD/artifacts/pocl-cache} HYBRIDCONV_CACHE=${HYBRIDCONV_CACHE:-$PWD/artifacts/cache}

finish() {
    echo
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
    exit
}

fail() { echo "FAILED: $*" >&2; failed=$((failed + 1)); }
skip() { echo "SKIPPED: $*" >&2; skipped=$((skipped + 1)); }

# gcc and zlib link what NativeAOT compiles, and g++ builds the C interface for C++; PoCL is an OpenCL device on any processor, Oclgrind one that watches kernels; clang and CMake check their sources;
# Python and pkg-config try the C interface.
install_packages() {
    command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || return 0
    local package missing=() sudo=()
    for package in gcc g++ libc6-dev zlib1g-dev ocl-icd-libopencl1 pocl-opencl-icd clinfo oclgrind clang-14 libclang-common-14-dev cmake make python3 pkg-config; do
        [ "$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null)" = "ii " ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0

    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
            sudo=(sudo)
        else
            echo "Missing: ${missing[*]}. To install them: sudo apt-get install -y --no-install-recommends ${missing[*]}" >&2
            return 0
        fi
    fi
    echo "Installing ${missing[*]}"
    "${sudo[@]}" apt-get update -q >/dev/null
    add() { "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" >/dev/null; }
    add "${missing[@]}" && return 0
    # Not every release has every package: as many as there are.
    for package in "${missing[@]}"; do
        add "$package" || echo "apt-get could not install $package; what needs it is skipped" >&2
    done
}

# Adds the counts of one suite. A suite that leaves no result file, or fails without a failed test, has crashed: one failure.
run_suite() {
    local project=$1 name=$2 file="$results/$2.trx" status before=$failed counter
    rm -f "$file"
    dotnet test --project "$project" -c Release --no-build --results-directory "$results" --report-xunit-trx --report-xunit-trx-filename "$name.trx" </dev/null
    status=$?
    if [ ! -s "$file" ]; then
        fail "$name ended with status $status and left no results"
        return
    fi
    local counters
    counters=$(grep -o '<Counters [^>]*>' "$file" | tail -n 1)
    count() { counter=$(sed -n "s/.* $1=\"\([0-9]*\)\".*/\1/p" <<<"$counters"); echo "${counter:-0}"; }
    passed=$((passed + $(count passed)))
    failed=$((failed + $(count failed) + $(count error) + $(count timeout) + $(count aborted)))
    skipped=$((skipped + $(count notExecuted)))
    if [ "$status" -ne 0 ] && [ "$failed" -eq "$before" ]; then
        fail "$name ended with status $status although no test failed"
    fi
}

# The interpreter's report on every kernel must be empty.
run_oclgrind() {
    if ! command -v oclgrind >/dev/null; then
        skip "kernels through Oclgrind: it is not installed"
    elif tests/oclgrind.sh; then
        passed=$((passed + 1))
    else
        fail "kernels through Oclgrind"
    fi
}

# The published executable must need no runtime; it runs a small network that the command line builds in code.
run_native_executable() {
    local rid out="artifacts/aot" log="artifacts/aot.log"
    if ! command -v gcc >/dev/null && ! command -v clang >/dev/null; then
        skip "NativeAOT executable: no C compiler to link it with"
        return
    fi
    case $(uname -sm) in
        "Linux x86_64") rid=linux-x64 ;;
        "Linux aarch64") rid=linux-arm64 ;;
        "Darwin x86_64") rid=osx-x64 ;;
        "Darwin arm64") rid=osx-arm64 ;;
        *) skip "NativeAOT executable: $(uname -sm) is not a known system"; return ;;
    esac
    echo
    echo "Publishing the command line with NativeAOT for $rid"
    rm -rf "$out"
    if ! dotnet publish src/HybridConv.Cli -c Release -r "$rid" -p:PublishAot=true -o "$out" -v q >"$log" 2>&1; then
        cat "$log"
        fail "NativeAOT publish"
    elif env -u DOTNET_ROOT "$out/HybridConv.Cli" devices && env -u DOTNET_ROOT "$out/HybridConv.Cli" bench squeezenet1.1 --runs 3; then
        passed=$((passed + 1))
    else
        fail "NativeAOT executable ended with status $?"
    fi
}

# The C interface for the best level of instruction sets of this machine; every test of it counts.
run_c_interface() {
    local build=artifacts/native/test log="artifacts/native.log" summary
    if ! command -v cmake >/dev/null || ! command -v cc >/dev/null || ! command -v c++ >/dev/null; then
        skip "C interface: there is no CMake or no compiler for C and C++"
        return
    fi
    echo
    echo "Building the C interface"
    if ! { cmake --preset release -B "$build" -DHYBRIDCONV_LEVELS=best && cmake --build "$build"; } >"$log" 2>&1; then
        cat "$log"
        fail "C interface: it does not build"
        return
    fi
    ctest --test-dir "$build" --output-on-failure --no-tests=error | tee "$log"
    summary=$(grep -o '[0-9]* tests failed out of [0-9]*' "$log")
    if [[ $summary =~ ^([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+)$ ]]; then
        passed=$((passed + BASH_REMATCH[2] - BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[1]))
    else
        fail "C interface: its tests did not reach their end"
    fi
}

if ! dotnet --list-sdks 2>/dev/null | grep -q '^10\.'; then
    fail "the .NET 10 SDK is needed (https://dotnet.microsoft.com/download)"
    finish
fi
install_packages
mkdir -p "$POCL_CACHE_DIR" "$results"
if command -v clinfo >/dev/null; then clinfo -l; fi

if ! dotnet build HybridConv.sln -c Release -v q; then
    fail "the solution does not build"
    finish
fi
for project in tests/*/*.csproj; do
    grep -q 'PackageReference Include="xunit.v3"' "$project" || continue
    run_suite "$project" "$(basename "$project" .csproj)"
done
run_oclgrind
run_native_executable
run_c_interface
finish
