"""Runs the examples and the command line on the same network and picture: indices and scores must be the same, bit for bit."""
import argparse
import json
import os
import shlex
import struct
import subprocess
import sys


def write_bmp(path, width, height):
    """A picture with gradients and edges, 24 bits a pixel, from the bottom up."""
    row = bytearray()
    stride = (width * 3 + 3) // 4 * 4
    for y in range(height - 1, -1, -1):
        line = bytearray()
        for x in range(width):
            line += bytes(((x * 5 + y) % 256, (x * y // 7) % 256, 255 if (x // 16 + y // 16) % 2 else x * 255 // width))
        row += line + bytes(stride - width * 3)
    header = struct.pack("<2sIHHI", b"BM", 54 + len(row), 0, 0, 54) + struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, len(row), 2835, 2835, 0, 0)
    with open(path, "wb") as file:
        file.write(header + row)


def float32(text):
    return struct.pack("<f", float(text))


def output(command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def main():
    parser = argparse.ArgumentParser()
    for option in ("cli", "work", "c", "cpp", "python", "library"):
        parser.add_argument("--" + option, required=True)
    options = parser.parse_args()
    cli = shlex.split(options.cli)
    picture, model = os.path.join(options.work, "picture.bmp"), os.path.join(options.work, "mobilenetv2.onnx")
    write_bmp(picture, 320, 257)
    subprocess.run([*cli, "zoo", "mobilenetv2", "-o", model], check=True)

    report = json.loads(output([*cli, "run", model, "--image", picture, "--preset", "imagenet", "--top", "5", "--json", "-"]))
    expected = [(entry["index"], float32(entry["score"])) for entry in report["top"]]
    commands = {
        "C": [options.c, model, picture],
        "C++": [options.cpp, model, picture],
        "Python": [sys.executable, options.python, options.library, model, picture],
    }
    for name, command in commands.items():
        got = [(int(index), float32(score)) for index, score in (line.split() for line in output(command).splitlines())]
        if got != expected:
            sys.exit(f"{name} prints {got}\nand the command line {expected}")
        print(f"{name}: the same {len(got)} classes and scores as the command line")


main()
