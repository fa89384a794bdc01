"""Measures calls through C beside the command line (the same engine under the JIT) and ONNX Runtime's C library, in alternating rounds of whole processes.

    cmake --preset release -DONNXRUNTIME=FOLDER && cmake --build --preset release
    python3 native/bench/bench.py --build artifacts/native/release --json bench/results/MACHINE/native-c.json
"""
import argparse
import glob
import json
import os
import statistics
import subprocess
import time

NETWORKS = ("mobilenetv2", "resnet50")
RUNS = {"mobilenetv2": 200, "resnet50": 30}


def ask(command):
    start = time.monotonic()
    answer = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    return answer, (time.monotonic() - start) * 1000


def quartiles(values):
    ordered = sorted(values)
    return [ordered[len(ordered) // 4], statistics.median(ordered), ordered[(3 * len(ordered)) // 4]]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", required=True)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", required=True)
    options = parser.parse_args()
    native = os.path.join(options.build, "native")
    cli = ["dotnet", "src/HybridConv.Cli/bin/Release/net10.0/HybridConv.Cli.dll"]
    peer = os.path.join(native, "bench", "bench-onnxruntime")

    machine = json.loads(subprocess.run([*cli, "doctor", "--json", "-"], stdout=subprocess.PIPE, text=True).stdout)["machine"]
    libraries = {os.path.basename(path): os.path.getsize(path) for path in sorted(glob.glob(os.path.join(native, "lib", "*"))) if not os.path.islink(path)}
    rows = []
    for network in NETWORKS:
        model = os.path.join(native, network + ".onnx")
        subprocess.run([*cli, "zoo", network, "-o", model], check=True, stdout=subprocess.DEVNULL)
        for threads in (1, 2):
            runs = str(RUNS[network])
            times = {"c": [], "managed": [], "onnxruntime": []}
            for _ in range(options.rounds):
                answer, process = ask([os.path.join(native, "bench", "bench-hybridconv"), model, str(threads), runs])
                times["c"].append(answer | {"processMs": process})
                answer, process = ask([*cli, "bench", model, "--target", "cpu", "--against", "cpu", "--threads", str(threads), "--runs", runs, "--json", "-"])
                times["managed"].append({key: answer["rows"][0][key] for key in ("loadMs", "firstMs", "minMs", "medianMs")})
                if os.path.exists(peer):
                    answer, process = ask([peer, model, str(threads), runs])
                    times["onnxruntime"].append(answer | {"processMs": process})
            row = {"model": network, "threads": threads}
            for engine, measured in times.items():
                if measured:
                    row[engine] = {key: round(statistics.median(m[key] for m in measured), 3) for key in ("loadMs", "firstMs", "minMs", "medianMs")}
            row["managedByC"] = [round(q, 3) for q in quartiles([m["medianMs"] / c["medianMs"] for m, c in zip(times["managed"], times["c"])])]
            if times["onnxruntime"]:
                row["onnxruntimeByC"] = [round(q, 3) for q in quartiles([p["medianMs"] / c["medianMs"] for p, c in zip(times["onnxruntime"], times["c"])])]
            rows.append(row)
            print(row, flush=True)
    with open(options.json, "w") as file:
        json.dump({"machine": machine, "rounds": options.rounds, "libraries": libraries, "rows": rows}, file, indent=2)
        file.write("\n")


main()
