"""U-Net (milesial's) and Attention U-Net (LeeJunHyun's) in eager PyTorch, written anew from their descriptions, to time beside ours.

Prints milliseconds: one prediction without gradients, and one training step (forward, cross-entropy plus soft Dice, backward, fused
AdamW), each the least of the repeats after one call to warm up. With one thread it is CPU time, so that other processes count
little; with several, only on a quiet machine.

Usage: python scripts/reference/u_nets.py [--threads 1] [--repeats 8] [--size 128] [--batch 8]
"""

import argparse
import json
import time

import torch
import torch.nn.functional as F
from sgd_net import soft_dice_loss
from torch import nn


def double(inputs, outputs, bias):
    layers = []
    for c in (inputs, outputs):
        layers += [nn.Conv2d(c, outputs, 3, padding=1, bias=bias), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)]
    return nn.Sequential(*layers)


class UNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        widths = [c, 2 * c, 4 * c, 8 * c, 16 * c]
        self.down = nn.ModuleList([double(a, b, False) for a, b in zip([3, *widths], widths)])
        pairs = list(zip(widths[:0:-1], widths[-2::-1]))
        self.twice = nn.ModuleList([nn.ConvTranspose2d(a, b, 2, 2) for a, b in pairs])
        self.up = nn.ModuleList([double(a, b, False) for a, b in pairs])
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        skips = []
        for i, level in enumerate(self.down):
            x = level(F.max_pool2d(x, 2) if i else x)
            skips.append(x)
        skips.pop()
        for doubled, level in zip(self.twice, self.up):
            x = level(torch.cat([skips.pop(), doubled(x)], 1))
        return self.out(x)


class Gate(nn.Module):
    """As wide inside as its skip, as in our compact size."""

    def __init__(self, c):
        super().__init__()
        unit = lambda a, b: nn.Sequential(nn.Conv2d(a, b, 1), nn.BatchNorm2d(b))
        self.g, self.x, self.psi = unit(c, c), unit(c, c), unit(c, 1)

    def forward(self, g, x):
        return x * torch.sigmoid(self.psi(F.relu(self.g(g) + self.x(x))))


class AttentionUNet(nn.Module):
    def __init__(self, c):
        super().__init__()
        widths = [c, 2 * c, 4 * c, 8 * c, 16 * c]
        self.down = nn.ModuleList([double(a, b, True) for a, b in zip([3, *widths], widths)])
        pairs = list(zip(widths[:0:-1], widths[-2::-1]))
        self.twice = nn.ModuleList(
            [
                nn.Sequential(nn.Upsample(scale_factor=2), nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU())
                for a, b in pairs
            ]
        )
        self.gate = nn.ModuleList([Gate(b) for _, b in pairs])
        self.up = nn.ModuleList([double(a, b, True) for a, b in pairs])
        self.out = nn.Conv2d(c, 1, 1)

    def forward(self, x):
        skips = []
        for i, level in enumerate(self.down):
            x = level(F.max_pool2d(x, 2) if i else x)
            skips.append(x)
        skips.pop()
        for doubled, gate, level in zip(self.twice, self.gate, self.up):
            x = doubled(x)
            x = level(torch.cat([gate(x, skips.pop()), x], 1))
        return self.out(x)


def least_ms(call, repeats):
    clock = time.process_time if torch.get_num_threads() == 1 else time.perf_counter
    call()
    times = []
    for _ in range(repeats):
        start = clock()
        call()
        times.append(clock() - start)
    return 1000 * min(times)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    for name, default in (("threads", 1), ("repeats", 8), ("size", 128), ("batch", 8), ("unet", 10), ("attention", 8)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    size, batch = options.size, options.batch
    result = {"torch": torch.__version__, **vars(options)}
    for name, network in (("unet", UNet(options.unet)), ("attention-unet", AttentionUNet(options.attention))):
        x, one = torch.randn(batch, 3, size, size), torch.randn(1, 3, size, size)
        mask = torch.zeros(batch, 1, size, size)
        mask[..., size // 4 : size // 2, size // 4 : size // 2] = 1
        optimizer = torch.optim.AdamW(network.parameters(), lr=1e-3, fused=True)

        def step():
            optimizer.zero_grad()
            logits = network(x)
            loss = F.binary_cross_entropy_with_logits(logits, mask) + soft_dice_loss(torch.sigmoid(logits), mask)
            loss.backward()
            optimizer.step()

        trained = least_ms(step, options.repeats)
        network.eval()
        with torch.no_grad():
            predicted = least_ms(lambda: network(one), 3 * options.repeats)
        count = sum(p.numel() for p in network.parameters())
        result[name] = {"parameters": count, "trainMs": trained, "predictMs": predicted}
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
