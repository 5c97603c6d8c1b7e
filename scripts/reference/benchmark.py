"""Times eager PyTorch on SGD-Net on the CPU, the peer of bench/, next to the ceiling of the same machine; prints JSON.

Prediction: one image, running statistics, no gradients. Training: forward, backward and fused Adam on a batch. Both in the two memory
layouts that PyTorch has; `--precision bfloat16` by its autocast, `--compiled` by torch.compile. The dynamic convolution: unfold and
sum, as released. Each figure is the least of the repeats after one call to warm up; the first training step is left out because it
allocates the gradients and moments. Only on a quiet machine: as soon as another process takes a core, OpenMP's threads wait for each
other at every operator, and the figures grow tenfold.

Usage: python scripts/reference/benchmark.py [--network compact] [--threads 2] [--repeats 10] [--size 256] [--batch 4]
           [--precision bfloat16] [--compiled] [--only train] [--layout channels_last]
One layout and one task a process, if the peak memory is to be theirs.
"""

import argparse
import json
import platform
import resource
import time

import torch
from sgd_net import SgdNet, sgd_net_loss
from torch.nn import functional as F

NETWORKS = {
    "paper": {},
    "compact": {
        "encoder": {"stem": (16, 16, 32), "blocks": (1, 2, 3, 2), "planes": (8, 24, 48, 88), "base_width": 64},
        **{"structure": 32, "ratio": 2, "width": 32},
    },
}
LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def least_seconds(call, repeats):
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def autocast(options):
    return torch.autocast("cpu", torch.bfloat16, enabled=options.precision == "bfloat16")


def made(network, options):
    return torch.compile(network) if options.compiled else network


def predict_seconds(options, layout):
    network = SgdNet(**NETWORKS[options.network]).eval().to(memory_format=layout)
    run = made(network, options)
    x = torch.randn(1, 3, options.size, options.size).to(memory_format=layout)
    with torch.no_grad(), autocast(options):
        return least_seconds(lambda: run(x), options.repeats)


def train_seconds(options, layout):
    size, batch = options.size, options.batch
    network = SgdNet(**NETWORKS[options.network]).train().to(memory_format=layout)
    run = made(network, options)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)
    x = torch.randn(batch, 3, size, size).to(memory_format=layout)
    mask = torch.zeros(batch, 1, size, size)
    mask[..., size // 4 : size // 2, size // 4 : size // 2] = 1

    def step():
        optimizer.zero_grad()
        with autocast(options):
            outputs = run(x)
        # The loss in float32, as autocast recommends.
        sgd_net_loss({name: y.float() for name, y in outputs.items()}, mask)["total"].backward()
        optimizer.step()

    return least_seconds(step, options.repeats)


def unfold_and_sum(x, kernels):
    """The dynamic convolution as released: neighbourhoods unfolded, weighted, summed. x [N, C, H, W], kernels [N, heads, 49, H, W]."""
    n, c, height, width = x.shape
    heads, taps = kernels.shape[1:3]
    windows = F.unfold(x, 7, padding=3).view(n, heads, c // heads, taps, height, width)
    return (windows * kernels.unsqueeze(2)).sum(3).view(x.shape)


def dynamic_seconds(options):
    """Forward, and forward with both gradients, on the maps of `paper` at 256 x 256: the cases of `npm run bench -- dynamicConv`."""
    seconds = {}
    for channels, side in ((256, 64), (512, 32), (1024, 16)):
        for batch in (1, 2):
            x = torch.randn(batch, channels, side, side, requires_grad=True)
            kernels = torch.softmax(torch.randn(batch, 2, 49, side, side), 2).requires_grad_()
            dy = torch.randn_like(x)

            def forward():
                with torch.no_grad():
                    unfold_and_sum(x, kernels)

            def both():
                unfold_and_sum(x, kernels).backward(dy)

            name = f"{channels} channels at {side} x {side}, batch {batch}"
            seconds[name] = {w.__name__: least_seconds(w, options.repeats) for w in (forward, both)}
    return seconds


def matmul_gflops(repeats, n=1024):
    """Multiplications and additions of an n^3 matrix product, 10^9 a second: what the machine can do at best."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    return 2 * n**3 / least_seconds(lambda: a @ b, 10 * repeats) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    for name, default in (("threads", 2), ("repeats", 10), ("size", 256), ("batch", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--network", choices=NETWORKS, default="paper")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--compiled", action="store_true")
    parser.add_argument("--only", choices=["predict", "train", "dynamic"])
    parser.add_argument("--layout", choices=LAYOUTS)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    repeats = options.repeats
    layouts = {name: v for name, v in LAYOUTS.items() if options.layout in (None, name)}
    before = matmul_gflops(repeats)
    wanted = lambda task: layouts if options.only in (None, task) else {}
    predict = {name: predict_seconds(options, v) for name, v in wanted("predict").items()}
    train = {name: train_seconds(options, v) for name, v in wanted("train").items()}
    result = {
        "torch": torch.__version__,
        "machine": platform.processor() or platform.machine(),
        **vars(options),
        "predictSeconds": predict,
        "trainStepSeconds": train,
        "dynamicConvSeconds": dynamic_seconds(options) if options.only in (None, "dynamic") else {},
        # Before and after: if they differ much, the machine was not quiet.
        "matmulGflops": [before, matmul_gflops(repeats)],
        "peakMemoryMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    rounded = json.loads(json.dumps(result), parse_float=lambda v: float(f"{float(v):.4g}"))
    print(json.dumps(rounded, indent=2))


if __name__ == "__main__":
    main()
