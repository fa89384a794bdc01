#!/usr/bin/env bash
# Runs every OpenCL kernel on small cases through Oclgrind, an interpreter that reports reads and writes outside of buffers, data races, diverging barriers and misuse of
# the API; its report must be empty. Not asked for: OCLGRIND_UNINITIALIZED, which (in 21.10) ends at the instruction freeze, that its own compiler emits, and takes lane 11
# of a shuffle for undefined; on other devices the suite fills all memory with NaN first. Wants the suites built in Release.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

runtime=$(find /usr/lib /usr/local/lib -name 'liboclgrind-rt-icd.so' 2>/dev/null | head -n 1)
if [ -z "$runtime" ]; then
    echo "Oclgrind is not installed" >&2
    exit 2
fi

work=artifacts/oclgrind
rm -rf "$work"
mkdir -p "$work/vendors"
echo "$runtime" >"$work/vendors/oclgrind.icd"
report=$PWD/$work/report.txt

OCL_ICD_VENDORS="$PWD/$work/vendors" OCLGRIND_LOG="$report" OCLGRIND_DATA_RACES=1 OCLGRIND_CHECK_API=1 \
    dotnet run --project tests/HybridConv.Conformance -c Release --no-build -- \
    -noLogo -noColor -class HybridConv.Conformance.InterpreterTests -explicit only -parallelMode none </dev/null || exit 1

if [ -s "$report" ]; then
    head -n 100 "$report"
    echo "Oclgrind reported $(wc -l <"$report") lines: $report" >&2
    exit 1
fi
