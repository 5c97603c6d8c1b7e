"""Times eager PyTorch on SGD-Net on the CPU, the peer of bench/, next to the ceiling of the same machine; prints JSON.

Prediction: one 256 x 256 image, running statistics, no gradients. Training: forward, backward and fused Adam on four. Both in the
two memory layouts that PyTorch has. Each figure is the least of the repeats after one call to warm up; the first training step is
left out because it allocates the gradients and moments. Only on a quiet machine: as soon as another process takes a core, OpenMP's
threads wait for each other at every operator, and the figures grow tenfold.

Usage: python scripts/reference/benchmark.py [--threads 2] [--repeats 10] [--size 256] [--batch 4]
"""

import argparse
import json
import platform
import resource
import time

import torch
from sgd_net import SgdNet, sgd_net_loss

LAYOUTS = {"contiguous": torch.contiguous_format, "channels_last": torch.channels_last}


def least_seconds(call, repeats):
    call()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def predict_seconds(size, repeats, layout):
    network = SgdNet().eval().to(memory_format=layout)
    x = torch.randn(1, 3, size, size).to(memory_format=layout)
    with torch.no_grad():
        return least_seconds(lambda: network(x), repeats)


def train_seconds(size, batch, repeats, layout):
    network = SgdNet().train().to(memory_format=layout)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-4, fused=True)
    x = torch.randn(batch, 3, size, size).to(memory_format=layout)
    mask = torch.zeros(batch, 1, size, size)
    mask[..., size // 4 : size // 2, size // 4 : size // 2] = 1

    def step():
        optimizer.zero_grad()
        sgd_net_loss(network(x), mask)["total"].backward()
        optimizer.step()

    return least_seconds(step, repeats)


def matmul_gflops(repeats, n=1024):
    """Multiplications and additions of an n^3 matrix product, 10^9 a second: what the machine can do at best."""
    a, b = torch.randn(n, n), torch.randn(n, n)
    return 2 * n**3 / least_seconds(lambda: a @ b, 10 * repeats) / 1e9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    for name, default in (("threads", 2), ("repeats", 10), ("size", 256), ("batch", 4)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(1)
    size, repeats = options.size, options.repeats
    before = matmul_gflops(repeats)
    predict = {name: predict_seconds(size, repeats, v) for name, v in LAYOUTS.items()}
    train = {name: train_seconds(size, options.batch, repeats, v) for name, v in LAYOUTS.items()}
    result = {
        "torch": torch.__version__,
        "machine": platform.processor() or platform.machine(),
        **vars(options),
        "predictSeconds": predict,
        "trainStepSeconds": train,
        # Before and after: if they differ much, the machine was not quiet.
        "matmulGflops": [before, matmul_gflops(repeats)],
        "peakMemoryMb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }
    rounded = json.loads(json.dumps(result), parse_float=lambda v: float(f"{float(v):.4g}"))
    print(json.dumps(rounded, indent=2))


if __name__ == "__main__":
    main()
