"""Runs scripts/reference/sgd_net.py on the inputs and parameters of the golden `sgd-net-full`.

`check`: float64 must reproduce every number of the golden. `float32`: how far PyTorch's own float32 is from it, the largest of
five ways to run it; writes test/fixtures/float32/sgd-net-full.json, the yardstick of test/parity/wholeNetworks.test.ts.

Usage: python scripts/reference/golden_run.py check|float32 (needs torch, numpy, safetensors)
"""

import json
import math
import pathlib
import re
import sys

import numpy as np
import torch
from safetensors.torch import load_file
from sgd_net import SgdNet, boundary_target, sgd_net_loss

FIXTURES = pathlib.Path(__file__).parents[2] / "test" / "fixtures"


def uniform(name, count):
    """First `count` numbers in [0, 1) of the mulberry32 stream whose seed is the FNV-1a hash of the name."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 % 2**32
    a = np.uint32(seed) + np.arange(1, count + 1, dtype=np.uint32) * np.uint32(0x6D2B79F5)
    t = (a ^ a >> np.uint32(15)) * (a | np.uint32(1))
    t = (t + (t ^ t >> np.uint32(7)) * (t | np.uint32(61))) ^ t
    return (t ^ t >> np.uint32(14)) / 2**32


def named_value(name, shape):
    """The recipe of the golden: a parameter or buffer, made from its name, rounded to float32 once at the end."""
    u = uniform(name, math.prod(shape))
    if len(shape) >= 2:
        values = (2 * u - 1) * math.sqrt(3 / math.prod(shape[1:]))
    elif math.prod(shape) == 1:
        values = np.full(1, 0.25)
    elif re.search(r"\.(running_var|ls1|ls2|weight)$", name):
        values = 0.75 + 0.5 * u
    else:
        values = (2 * u - 1) * 0.1
    return torch.from_numpy(values.reshape(shape)).float()


def named_input(name, shape):
    """The recipe's inputs, in -1..1, rounded to float32."""
    return torch.from_numpy((2 * uniform(name, math.prod(shape)) - 1).reshape(shape)).float()


def run(dtype, mask, layout=torch.contiguous_format):
    """Prediction, then one training step. Returns outputs, loss terms, gradients, running statistics; all in float64."""
    network = SgdNet(dropout=0).to(dtype=dtype, memory_format=layout)
    state = network.state_dict()
    network.load_state_dict(
        {k: named_value(k, v.shape) if v.is_floating_point() else v for k, v in state.items()}
    )
    x, batch = (
        named_input(f"input.{name}", (n, 3, 128, 128)).to(dtype, memory_format=layout)
        for name, n in (("eval", 1), ("train", 2))
    )
    with torch.no_grad():
        predicted = network.eval()(x)
    outputs = {f"eval.{name}": value.double() for name, value in predicted.items()}
    trained = network.train()(batch)
    loss = sgd_net_loss(trained, mask.to(dtype))
    loss["total"].backward()
    outputs |= {f"train.{name}": trained[name].detach().double() for name in ("o1", "edge")}
    outputs["train.edge_label"] = boundary_target(mask.double())
    gradients = {name: p.grad.double().flatten() for name, p in network.named_parameters()}
    running = {name: b.double() for name, b in network.named_buffers() if "running" in name}
    return outputs, {k: float(v.detach()) for k, v in loss.items()}, gradients, running


def deviations(result, golden, tensors):
    """Distance of a run from the golden: outputs {name: of the largest entry}, loss and running statistics {name: relative},
    gradients {name: [norm, sum, head]} relative to the norm, or to 1e-6 of the largest norm where that is more."""
    outputs, loss, gradients, running = result
    largest = max(g["l2"] for g in golden["grad"].values())
    of_gradients = {}
    for name, expected in golden["grad"].items():
        g = gradients[name]
        scale = max(expected["l2"], 1e-6 * largest)
        head = torch.tensor(expected["head"], dtype=torch.float64)[: len(g)]
        of_gradients[name] = [
            abs(float(g.norm()) - expected["l2"]) / scale,
            abs(float(g.sum()) - expected["sum"]) / (scale * math.sqrt(len(g))),
            float((g[: len(head)] - head).abs().max()) / scale,
        ]

    def relative(actual, expected):
        return float((actual - expected).abs().max() / expected.abs().max())

    return {
        "outputs": {k: relative(v, tensors[k].double()) for k, v in outputs.items()},
        "loss": {k: abs(loss[k] / v - 1) for k, v in golden["loss"].items()},
        "gradients": of_gradients,
        "running": {
            k: relative(running[k].flatten()[: len(v)], torch.tensor(v, dtype=torch.float64))
            for k, v in golden["running"].items()
        },
    }


def check(golden, tensors):
    """float64 against the golden; exits with 1 if anything is off by more than 1e-6."""
    found = deviations(run(torch.float64, tensors["train.mask"]), golden, tensors)
    found["gradients"] = {k: max(v) for k, v in found["gradients"].items()}
    worst = {part: max(values.items(), key=lambda item: item[1]) for part, values in found.items()}
    for part, (name, value) in worst.items():
        print(f"{part}: {len(found[part])} compared, largest deviation {value:.1e} ({name})")
    if max(value for _, value in worst.values()) > 1e-6:
        sys.exit("golden: float64 must reproduce it to 1e-6, got more")


def float32(golden, tensors):
    """The yardstick: the largest deviation of five ways to add up the same sums in float32. More than one, because each is a
    draw: a single run is near the truth in some gradients by chance."""
    runs = []
    plain, last = torch.contiguous_format, torch.channels_last
    ways = [(1, True, plain), (2, True, plain), (2, False, plain), (2, True, last), (2, False, last)]
    for threads, onednn, layout in ways:
        torch.set_num_threads(threads)
        with torch.backends.mkldnn.flags(enabled=onednn):
            result = run(torch.float32, tensors["train.mask"], layout)
        runs.append(deviations(result, golden, tensors))
        norms = sorted(g[0] for g in runs[-1]["gradients"].values())
        print(
            f"threads {threads}, oneDNN {onednn}, {layout}: norm of the gradients off by {norms[-1]:.1e} at most,",
            f"{norms[len(norms) // 2]:.1e} in the median, {sum(n > 1e-3 for n in norms)} by more than 1e-3",
        )

    def digits(value):
        return float(f"{value:.2g}")

    record = {
        "made": {"torch": torch.__version__, "script": "scripts/reference/golden_run.py float32"},
        "outputs": {k: digits(max(r["outputs"][k] for r in runs)) for k in runs[0]["outputs"]},
        "gradients": {
            k: [digits(max(values)) for values in zip(*(r["gradients"][k] for r in runs))]
            for k in runs[0]["gradients"]
        },
    }
    path = FIXTURES / "float32" / "sgd-net-full.json"
    path.parent.mkdir(exist_ok=True)
    lines = [f'  "{k}": {json.dumps(v)}' for k, v in record.items() if k != "gradients"]
    rows = ",\n".join(f'    "{k}": {json.dumps(v)}' for k, v in record["gradients"].items())
    path.write_text("{\n" + ",\n".join([*lines, f'  "gradients": {{\n{rows}\n  }}']) + "\n}\n")


if __name__ == "__main__":
    commands = {"check": check, "float32": float32}
    if len(sys.argv) != 2 or sys.argv[1] not in commands:
        sys.exit("golden_run.py: command must be check or float32, got " + " ".join(sys.argv[1:]))
    goldens = FIXTURES / "goldens"
    commands[sys.argv[1]](
        json.loads((goldens / "sgd-net-full.json").read_text()),
        load_file(goldens / "sgd-net-full.safetensors"),
    )
