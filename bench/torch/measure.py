#!/usr/bin/env python3
"""Measures HybridConv's OpenCL target beside PyTorch on the same NVIDIA card: ONNX networks in float32, TF32 off, copies to and from the card included.

    measure.py --hybridconv COMMAND MODEL.onnx... [--rounds N] [--runs N] --json FILE

PyTorch runs the file's own weights node by node as torch.nn.functional calls, batch normalization folded into convolutions, with cudnn's search for its fastest
algorithms, in both memory formats, each call by call and as a CUDA graph; the fastest counts. HybridConv is its command line in a process of its own: outputs are
compared first, then the two take turns. The report is that of HybridConv.Compare.
"""
import argparse
import json
import math
import os
import shlex
import statistics
import subprocess
import tempfile
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F
from onnx import numpy_helper


def pads_of(attributes, rank):
    pads = attributes.get("pads", [0] * (2 * rank))
    if pads[:rank] != pads[rank:]:
        raise SystemExit(f"pads {pads} are not symmetric")
    return pads[:rank]


def conv(a, x, w, b=None):
    rank = w.dim() - 2
    return F.conv2d(x, w, b, a.get("strides", 1), pads_of(a, rank), a.get("dilations", 1), a.get("group", 1))


def gemm(a, x, w, b=None):
    if a.get("transA") or a.get("alpha", 1.0) != 1.0 or a.get("beta", 1.0) != 1.0:
        raise SystemExit("Gemm with a transposed A, alpha or beta is not supported")
    return F.linear(x, w if a.get("transB") else w.t(), b)


OPS = {
    "Conv": conv,
    "Gemm": gemm,
    "BatchNormalization": lambda a, x, s, b, m, v: F.batch_norm(x, m, v, s, b, False, 0.0, a.get("epsilon", 1e-5)),
    "Relu": lambda a, x: F.relu(x),
    "Clip": lambda a, x, low=None, high=None: torch.clamp(x, low if low is not None else a.get("min"), high if high is not None else a.get("max")),
    "Add": lambda a, x, y: x + y,
    "Mul": lambda a, x, y: x * y,
    "Sigmoid": lambda a, x: torch.sigmoid(x),
    "HardSwish": lambda a, x: F.hardswish(x),
    "HardSigmoid": lambda a, x: F.hardsigmoid(x),
    "Concat": lambda a, *x: torch.cat(x, a["axis"]),
    "MaxPool": lambda a, x: F.max_pool2d(x, a["kernel_shape"], a.get("strides", 1), pads_of(a, 2), 1, bool(a.get("ceil_mode", 0))),
    "AveragePool": lambda a, x: F.avg_pool2d(x, a["kernel_shape"], a.get("strides", 1), pads_of(a, 2), bool(a.get("ceil_mode", 0)), bool(a.get("count_include_pad", 0))),
    "GlobalAveragePool": lambda a, x: x.mean((2, 3), keepdim=True),
    "Flatten": lambda a, x: x.flatten(a.get("axis", 1)),
    "Reshape": lambda a, x, shape: x.reshape([int(d) if d else x.shape[i] for i, d in enumerate(shape.tolist())]),
    "Softmax": lambda a, x: torch.softmax(x, a.get("axis", -1)),
    "Dropout": lambda a, x: x,
    "Identity": lambda a, x: x,
}


def fold_batch_normalization(graph, weights):
    """Multiplies what a BatchNormalization does into the convolution before it, where nothing else reads that convolution."""
    readers = {}
    for node in graph.node:
        for name in node.input:
            readers.setdefault(name, []).append(node)
    producers = {node.output[0]: node for node in graph.node}
    for norm in [n for n in graph.node if n.op_type == "BatchNormalization"]:
        before = producers.get(norm.input[0])
        if before is None or before.op_type != "Conv" or len(readers[norm.input[0]]) != 1:
            continue
        epsilon = next((a.f for a in norm.attribute if a.name == "epsilon"), 1e-5)
        scale, shift, mean, variance = (weights[name].astype(np.float64) for name in norm.input[1:5])
        factor = scale / np.sqrt(variance + epsilon)
        kernel, bias = before.input[1], before.input[2] if len(before.input) > 2 else None
        folded_kernel, folded_bias = f"{norm.output[0]}.kernel", f"{norm.output[0]}.bias"
        weights[folded_kernel] = (weights[kernel] * factor.reshape([-1] + [1] * (weights[kernel].ndim - 1))).astype(np.float32)
        weights[folded_bias] = (((weights[bias] if bias else 0) - mean) * factor + shift).astype(np.float32)
        del before.input[1:]
        before.input.extend([folded_kernel, folded_bias])
        before.output[0] = norm.output[0]
        graph.node.remove(norm)


class Network:
    def __init__(self, path, memory_format):
        graph = onnx.load(path).graph
        weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
        fold_batch_normalization(graph, weights)
        missing = sorted({n.op_type for n in graph.node} - OPS.keys())
        if missing:
            raise SystemExit(f"no translation for {', '.join(missing)}")
        self.values = {}
        for name, array in weights.items():
            value = torch.from_numpy(array.copy())
            if value.is_floating_point():
                value = value.item() if value.dim() == 0 else value.cuda()
            if isinstance(value, torch.Tensor) and value.dim() == 4:
                value = value.contiguous(memory_format=memory_format)
            self.values[name] = value
        self.nodes = [
            (OPS[n.op_type], {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute}, list(n.input), n.output[0]) for n in graph.node
        ]
        inputs = [i for i in graph.input if i.name not in weights]
        if len(inputs) != 1 or len(graph.output) != 1:
            raise SystemExit("networks of one input and one output are supported")
        self.input, self.output = inputs[0].name, graph.output[0].name
        self.shape = [d.dim_value for d in inputs[0].type.tensor_type.shape.dim]

    def __call__(self, x):
        values = dict(self.values)
        values[self.input] = x
        for function, attributes, inputs, output in self.nodes:
            values[output] = function(attributes, *[values[i] if i else None for i in inputs])
        return values[self.output]


class Torch:
    """The network in one memory format, with its input in pinned memory."""

    def __init__(self, path, name, memory_format):
        self.name = name
        start = time.perf_counter()
        self.network = Network(path, memory_format)
        self.host = torch.empty(self.network.shape).contiguous(memory_format=memory_format).pin_memory()
        self.load_ms, self.first_ms = 1e3 * (time.perf_counter() - start), None

    def set_input(self, array):
        self.host.copy_(torch.from_numpy(array))

    def run(self):
        with torch.inference_mode():
            return self.network(self.host.cuda(non_blocking=True)).cpu()

    def first(self):
        start = time.perf_counter()
        result = self.run().numpy()
        self.first_ms = 1e3 * (time.perf_counter() - start)
        return result

    def times(self, runs):
        times = []
        for _ in range(runs):
            start = time.perf_counter()
            self.run()
            times.append(1e3 * (time.perf_counter() - start))
        times.sort()
        return {"runs": runs, "minMs": times[0], "medianMs": statistics.median(times), "p95Ms": times[math.ceil(0.95 * runs) - 1]}


class TorchGraph(Torch):
    """The same as one CUDA graph: nothing is left for Python to do between two kernels."""

    def __init__(self, path, name, memory_format):
        super().__init__(path, f"{name}, CUDA graph", memory_format)
        self.device, self.graph = torch.empty_like(self.host, device="cuda"), torch.cuda.CUDAGraph()
        with torch.inference_mode():
            stream = torch.cuda.Stream()
            with torch.cuda.stream(stream):
                for _ in range(3):
                    self.network(self.device)
            torch.cuda.synchronize()
            with torch.cuda.graph(self.graph, stream=stream):
                self.result = self.network(self.device)

    def run(self):
        with torch.inference_mode():
            self.device.copy_(self.host, non_blocking=True)
            self.graph.replay()
            return self.result.cpu()


class HybridConv:
    """The command line, in processes of its own."""

    def __init__(self, command, model):
        self.command, self.model, self.machine, self.row = shlex.split(command), model, None, None

    def report(self, *arguments):
        done = subprocess.run([*self.command, *arguments, "--json", "-"], stdout=subprocess.PIPE, text=True, check=True)
        return json.loads(done.stdout)

    def outputs(self, name, array):
        with tempfile.TemporaryDirectory() as folder:
            np.save(os.path.join(folder, "in.npy"), array)
            report = self.report("run", self.model, "--target", "opencl", "--input", f"{name}={folder}/in.npy", "--out", folder)
            return np.load(os.path.join(folder, os.path.basename(report["outputs"][0]["file"])))

    def times(self, runs):
        report = self.report("bench", self.model, "--targets", "opencl", "--against", "opencl", "--runs", str(runs))
        self.machine, self.row = report["machine"], report["rows"][0]
        return {"runs": runs, **{key: self.row[key] for key in ("minMs", "medianMs", "p95Ms")}}


def measure(ours, options):
    """One row of the report."""
    formats = (("contiguous", torch.contiguous_format), ("channels_last", torch.channels_last))
    peers = [kind(ours.model, name, memory_format) for kind in (Torch, TorchGraph) for name, memory_format in formats]
    shape = peers[0].network.shape
    row = {"model": os.path.splitext(os.path.basename(ours.model))[0].split("-batch")[0], "batch": shape[0], "agree": True, "maxAbsDiff": 0}
    array = np.random.default_rng(1).uniform(-1, 1, shape).astype(np.float32)
    expected = ours.outputs(peers[0].network.input, array)
    for peer in peers:
        peer.set_input(array)
        difference = float(np.abs(peer.first() - expected).max())
        row["maxAbsDiff"] = max(row["maxAbsDiff"], difference)
        if not difference <= 1e-3 * np.abs(expected).max():
            return {**row, "agree": False, "reason": f"{peer.name}: the largest difference is {difference} of outputs up to {np.abs(expected).max()}"}
        peer.times(10)
    peer = min(peers, key=lambda p: p.times(options.runs)["medianMs"])
    rounds = []
    for number in range(options.rounds):
        times = {}
        for engine in (("ours", ours), ("peer", peer))[:: -1 if number % 2 else 1]:
            times[engine[0]] = engine[1].times(options.runs)
        rounds.append({**times, "ratio": times["peer"]["medianMs"] / times["ours"]["medianMs"]})
    ratios = [r["ratio"] for r in rounds]
    quartiles = statistics.quantiles(ratios, n=4, method="inclusive")
    for engine in ("ours", "peer"):
        row[f"{engine}Ms"] = round(statistics.median(r[engine]["medianMs"] for r in rounds), 4)
        row[f"{engine}MinMs"] = round(min(r[engine]["minMs"] for r in rounds), 4)
    return {
        **row, "ratio": round(statistics.median(ratios), 4), "ratioLow": round(quartiles[0], 4), "ratioHigh": round(quartiles[2], 4),
        "oursFirstMs": ours.row["firstMs"], "peerFirstMs": round(peer.first_ms, 4), "oursLoadMs": ours.row["loadMs"], "peerLoadMs": round(peer.load_ms, 4),
        "peerVariant": peer.name, "rounds": rounds,
    }


def geometric_mean(rows):
    ratios = [r["ratio"] for r in rows if "ratio" in r]
    return round(statistics.geometric_mean(ratios), 4) if ratios else None


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+", metavar="MODEL")
    parser.add_argument("--hybridconv", required=True, help="the command line, for example 'dotnet HybridConv.Cli.dll'")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--json", required=True)
    options = parser.parse_args()

    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    rows, machine = [], {"version": ""}
    for model in options.models:
        ours = HybridConv(options.hybridconv, model)
        try:
            row = measure(ours, options)
        except subprocess.CalledProcessError as error:
            row = {"model": os.path.splitext(os.path.basename(model))[0], "batch": 0, "reason": f"the command line ended with status {error.returncode}"}
        machine = ours.machine or machine
        rows.append(row)
        verdict = row.get("reason") or f"{row['ratio']:.2f} ({row['oursMs']:.3f} ms, {row['peerVariant']} {row['peerMs']:.3f} ms)"
        print(f"{row['model']} batch {row['batch']}: {verdict}", flush=True)

    report = {
        "machine": {**machine, "processor": f"{torch.cuda.get_device_name()} beside {machine.get('processor')}"},
        "peer": f"torch {torch.__version__} on CUDA",
        "peerOptions": {
            "cudnn": str(torch.backends.cudnn.version()), "cudnn.benchmark": "True", "allow_tf32": "False",
            "variants": "the fastest of contiguous and channels_last, call by call and as CUDA graphs", "batch normalization": "folded into convolutions",
        },
        "ours": f"hybridconv {machine['version']}", "oursOptions": {"Target": "opencl", "Precision": "Fast"}, "threads": 1, "processors": None,
        "method": "Outputs are compared first. Then the two take turns, a burst of runs each, the order alternating. Times are of whole runs: the input from pinned "
                  "memory to the card, the network, the output back.",
        "geometricMean": geometric_mean(rows),
        "geometricMeans": [{"batch": b, "geometricMean": geometric_mean([r for r in rows if r["batch"] == b])} for b in sorted({r["batch"] for r in rows})],
        "rows": rows,
    }
    with open(options.json, "w") as file:
        json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
