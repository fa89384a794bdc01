#!/usr/bin/env python3
"""Times an ONNX network in PyTorch, float32 with TF32 off, on a CUDA device: the peer of HybridConv's OpenCL target on NVIDIA cards.

    measure.py MODEL.onnx [--batch N] [--runs N] [--input IN.npy --expected OUT.npy] [--json FILE]

The network is run node by node, as torch.nn.functional calls on the file's own weights, in both memory formats with cudnn's own search for the fastest
algorithms. The better one counts. Times are of whole runs: the copy of the input from pinned memory, the network, the copy of the output back. With --input and
--expected (outputs of `hybridconv run --out`), first checks that both compute the same.
"""
import argparse
import json
import statistics
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


class Network:
    def __init__(self, path, memory_format):
        graph = onnx.load(path).graph
        missing = sorted({n.op_type for n in graph.node} - OPS.keys())
        if missing:
            raise SystemExit(f"no translation for {', '.join(missing)}")
        self.values = {}
        for tensor in graph.initializer:
            value = torch.from_numpy(numpy_helper.to_array(tensor).copy())
            if value.is_floating_point():
                value = value.cuda()
                if value.dim() == 4:
                    value = value.contiguous(memory_format=memory_format)
                elif value.numel() == 1 and value.dim() == 0:
                    value = value.item()
            self.values[tensor.name] = value
        self.nodes = [(OPS[n.op_type], {a.name: onnx.helper.get_attribute_value(a) for a in n.attribute}, list(n.input), n.output[0]) for n in graph.node]
        inputs = [i for i in graph.input if i.name not in self.values]
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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--batch", type=int, default=1)
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--input")
    parser.add_argument("--expected")
    parser.add_argument("--json")
    options = parser.parse_args()

    torch.backends.cuda.matmul.allow_tf32 = False
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True
    rows = []
    with torch.inference_mode():
        for name, memory_format in (("nchw", torch.contiguous_format), ("nhwc", torch.channels_last)):
            network = Network(options.model, memory_format)
            host = torch.rand([options.batch] + network.shape[1:]) * 2 - 1
            if options.input:
                host = torch.from_numpy(np.load(options.input))
            host = host.contiguous(memory_format=memory_format).pin_memory()

            def run():
                return network(host.cuda(non_blocking=True)).cpu()

            result = run()
            largest = None
            if options.expected:
                expected = torch.from_numpy(np.load(options.expected))
                largest = (result - expected).abs().max().item()
                if not largest <= 1e-3 * expected.abs().max().item():
                    raise SystemExit(f"{name}: the largest difference is {largest}, of outputs up to {expected.abs().max().item()}")
            for _ in range(5):
                run()
            times = []
            for _ in range(options.runs):
                start = time.perf_counter()
                run()
                times.append(1e3 * (time.perf_counter() - start))
            rows.append({"layout": name, "batch": host.shape[0], "medianMs": round(statistics.median(times), 3), "minMs": round(min(times), 3), "maxAbsDiff": largest})
    report = {"peer": f"torch {torch.__version__}", "device": torch.cuda.get_device_name(), "model": options.model, "rows": rows}
    print(json.dumps(report, indent=1))
    if options.json:
        with open(options.json, "w") as file:
            json.dump(report, file, indent=1)


if __name__ == "__main__":
    main()
