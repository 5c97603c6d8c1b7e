"""SGD-Net in PyTorch: the yardstick of the TypeScript network, written from the same specification.

The modules follow src/models one by one; parameter names are those of the released modules (`state_dict`), so that weights pass
between the two. Notation: maps are [N, C, H, W]; `resize` is bilinear with half-pixel centres.
Source: SGDC paper (MIDL 2026); CTO (Lin et al. 2023); Res2Net (Gao et al. 2019), v1b.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F


def resize(x, size):
    """Bilinear, half-pixel centres, no antialias. x: [N, C, h, w] -> [N, C, *size]."""
    return F.interpolate(x, size=tuple(size), mode="bilinear", align_corners=False)


def conv(inputs, outputs, kernel=1, bias=True, stride=1, dilation=1):
    """Convolution that keeps the size at stride 1."""
    padding = dilation * (kernel - 1) // 2
    return nn.Conv2d(inputs, outputs, kernel, stride, padding, dilation, bias=bias)


def plain(inputs, outputs, kernel=1, stride=1):
    """Convolution without bias, as everywhere before a batch norm of the encoder."""
    return conv(inputs, outputs, kernel, bias=False, stride=stride)


class Bottle2neck(nn.Module):
    """Res2Net block: 1 x 1 to four groups of channels, 3 x 3 over three of them, 1 x 1; residual.

    `first` blocks of a stage convolve the groups apart and project the shortcut; in the others each group adds the result of the
    one before to its input. x: [N, inputs, H, W] -> [N, 4 planes, H / stride, W / stride].
    """

    def __init__(self, inputs, planes, stride, first, base_width=26):
        super().__init__()
        self.first = first
        self.width = planes * base_width // 64
        outputs = 4 * planes
        self.conv1, self.bn1 = plain(inputs, 4 * self.width), nn.BatchNorm2d(4 * self.width)
        self.convs = nn.ModuleList(plain(self.width, self.width, 3, stride) for _ in range(3))
        self.bns = nn.ModuleList(nn.BatchNorm2d(self.width) for _ in range(3))
        self.conv3, self.bn3 = plain(4 * self.width, outputs), nn.BatchNorm2d(outputs)
        if first:
            self.pool = nn.AvgPool2d(3, stride, 1)
            shrink = nn.AvgPool2d(stride, stride, ceil_mode=True, count_include_pad=False)
            self.downsample = nn.Sequential(shrink, plain(inputs, outputs), nn.BatchNorm2d(outputs))

    def forward(self, x):
        groups = F.relu(self.bn1(self.conv1(x))).split(self.width, 1)
        results = []
        for group, convolve, norm in zip(groups, self.convs, self.bns):
            inner = group if self.first or not results else results[-1] + group
            results.append(F.relu(norm(convolve(inner))))
        results.append(self.pool(groups[3]) if self.first else groups[3])
        y = self.bn3(self.conv3(torch.cat(results, 1)))
        return F.relu(y + (self.downsample(x) if self.first else x))


class Res2Net(nn.Module):
    """Res2Net-50 v1b 26w 4s without its classifier. [N, 3, H, W] -> maps of 256, 512, 1024, 2048 channels at 1/4 to 1/32."""

    def __init__(self, stem=(32, 32, 64), planes=(64, 128, 256, 512), blocks=(3, 4, 6, 3), base_width=26):
        super().__init__()
        norm = nn.BatchNorm2d
        a, b, inputs = stem
        first = [plain(3, a, 3, 2), norm(a), nn.ReLU()]
        self.conv1 = nn.Sequential(*first, plain(a, b, 3), norm(b), nn.ReLU(), plain(b, inputs, 3))
        self.bn1 = norm(inputs)
        for level, (planes, blocks) in enumerate(zip(planes, blocks), 1):
            stage = [Bottle2neck(inputs, planes, 1 if level == 1 else 2, True, base_width)]
            stage += [Bottle2neck(4 * planes, planes, 1, False, base_width) for _ in range(blocks - 1)]
            setattr(self, f"layer{level}", nn.Sequential(*stage))
            inputs = 4 * planes

    def forward(self, x):
        y = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        maps = []
        for stage in (self.layer1, self.layer2, self.layer3, self.layer4):
            y = stage(y)
            maps.append(y)
        return maps


class StitchAttention(nn.Module):
    """Attention among the stride x stride interleaved sub-images, one stride for each quarter of the channels.

    A sub-image comes back as a contiguous tile, as in the published code. [N, C, H, W] -> the same.
    """

    STRIDES = (16, 8, 4, 2)

    def __init__(self, channels):
        super().__init__()
        self.query_embedding = conv(channels, channels)
        self.key_embedding = conv(channels, channels)
        self.value_embedding = conv(channels, channels)
        after = [nn.BatchNorm2d(channels), nn.LeakyReLU(0.2)]
        self.output_linear = nn.Sequential(conv(channels, channels, 3), *after)

    @staticmethod
    def tokens(x, s):
        """[N, C, H, W] -> [N, s s, C H/s W/s]: token (i, j) holds rows i mod s and columns j mod s."""
        n, c, height, width = x.shape
        grid = x.reshape(n, c, height // s, s, width // s, s).permute(0, 3, 5, 1, 2, 4)
        return grid.reshape(n, s * s, -1)

    @staticmethod
    def tiles(tokens, s, shape):
        """[N, s s, C H/s W/s] -> [N, C, H, W]: token (i, j) becomes tile (i, j)."""
        n, c, height, width = shape
        grid = tokens.reshape(n, s, s, c, height // s, width // s).permute(0, 3, 1, 4, 2, 5)
        return grid.reshape(shape)

    def forward(self, x):
        parts = [e(x).chunk(4, 1) for e in (self.query_embedding, self.key_embedding, self.value_embedding)]
        groups = []
        for s, *group in zip(self.STRIDES, *parts):
            q, k, v = (self.tokens(part, s) for part in group)
            weights = torch.softmax(q @ k.transpose(1, 2) / math.sqrt(q.shape[2]), -1)
            groups.append(self.tiles(weights @ v, s, group[0].shape))
        return self.output_linear(torch.cat(groups, 1))


class FeedForward(nn.Module):
    """Two 3 x 3 convolutions, the first with dilation 2. [N, C, H, W] -> the same."""

    def __init__(self, channels):
        super().__init__()
        layers = []
        for dilation in (2, 1):
            layers += [conv(channels, channels, 3, dilation=dilation), nn.BatchNorm2d(channels), nn.LeakyReLU(0.2)]
        self.conv = nn.Sequential(*layers)

    def forward(self, x):
        return self.conv(x)


class StitchVit(nn.Module):
    """y = x + attention(x); y + feedForward(y). [N, C, H, W] -> the same."""

    def __init__(self, channels):
        super().__init__()
        self.attention = StitchAttention(channels)
        self.feed_forward = FeedForward(channels)

    def forward(self, x):
        y = x + self.attention(x)
        return y + self.feed_forward(y)


class PositionAttention(nn.Module):
    """alpha D softmax(B^T C)^T + X over all pairs of positions, unscaled. [N, C, H, W] -> the same."""

    def __init__(self, channels):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1))
        self.conv_b = conv(channels, channels // 8)
        self.conv_c = conv(channels, channels // 8)
        self.conv_d = conv(channels, channels)

    def forward(self, x):
        b, c, d = (layer(x).flatten(2) for layer in (self.conv_b, self.conv_c, self.conv_d))
        weights = torch.softmax(b.transpose(1, 2) @ c, -1)
        return self.alpha * (d @ weights.transpose(1, 2)).view_as(x) + x


class ChannelAttention(nn.Module):
    """beta softmax(rowmax(E) - E) X + X with E = X X^T over channels. [N, C, H, W] -> the same."""

    def __init__(self):
        super().__init__()
        self.beta = nn.Parameter(torch.zeros(1))

    def forward(self, x):
        flat = x.flatten(2)
        energy = flat @ flat.transpose(1, 2)
        weights = torch.softmax(energy.amax(-1, keepdim=True) - energy, -1)
        return self.beta * (weights @ flat).view_as(x) + x


class DualAttention(nn.Module):
    """Attention among positions plus attention among channels, a quarter of the channels wide. [N, inputs, H, W] -> outputs."""

    def __init__(self, inputs, outputs, dropout):
        super().__init__()
        inner = inputs // 4

        def narrow(channels):
            return nn.Sequential(plain(channels, inner, 3), nn.BatchNorm2d(inner), nn.ReLU())

        self.conv_p1, self.conv_c1 = narrow(inputs), narrow(inputs)
        self.pam, self.cam = PositionAttention(inner), ChannelAttention()
        self.conv_p2, self.conv_c2 = narrow(inner), narrow(inner)
        self.out = nn.Sequential(nn.Dropout(dropout), conv(inner, outputs))

    def forward(self, x):
        positions = self.conv_p2(self.pam(self.conv_p1(x)))
        return self.out(positions + self.conv_c2(self.cam(self.conv_c1(x))))


class ConvBn(nn.Module):
    """BN(Conv x)."""

    def __init__(self, inputs, outputs, kernel=1, bias=False):
        super().__init__()
        self.conv = conv(inputs, outputs, kernel, bias)
        self.bn = nn.BatchNorm2d(outputs)

    def forward(self, x):
        return self.bn(self.conv(x))


class Refine(nn.Module):
    """ReLU(x + BN(Conv1(ReLU(BN(Conv3(ReLU(BN(Conv1 x)))))))), a quarter as wide inside. [N, C, H, W] -> the same."""

    def __init__(self, channels):
        super().__init__()
        inner = channels // 4
        layers = [plain(channels, inner), nn.BatchNorm2d(inner), nn.ReLU()]
        layers += [plain(inner, inner, 3), nn.BatchNorm2d(inner), nn.ReLU()]
        self.refine = nn.Sequential(*layers, plain(inner, channels), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.refine(x))


class Sge(nn.Module):
    """Guidance extractor (equation 1). deep [N, C4, h, w], shallow [N, C1, H, W] -> edge [N, 1, H, W], guidance [N, 16, H, W].

    Edge logits. The released Sobel layers give every channel the response of the channel sum: that one map is computed here.
    """

    def __init__(self, deep, shallow, width=256, guidance=16):
        super().__init__()
        self.s4_proj, self.s1_proj = ConvBn(deep, width), ConvBn(shallow, width)
        self.refine4, self.refine1 = Refine(width), Refine(width)
        self.fuse = ConvBn(2 * width, width, 3)
        self.out_edge_map, self.out_guidance = plain(width, 1), plain(width, guidance)
        kx = torch.tensor([[1.0, 0, -1], [2, 0, -2], [1, 0, -1]])
        self.register_buffer("sobel", torch.stack([kx, kx.T]).unsqueeze(1), persistent=False)

    def modulate(self, x):
        """s(|grad of the channel sum|) x; the derivative of the length is 0 where the gradient is 0."""
        gx, gy = F.conv2d(x.sum(1, keepdim=True), self.sobel, padding=1).split(1, 1)
        square = gx * gx + gy * gy
        steep = square > 0
        length = torch.where(steep, torch.where(steep, square, 1).sqrt(), 0)
        return torch.sigmoid(length) * x

    def forward(self, deep, shallow):
        deep = self.refine4(self.modulate(F.relu(self.s4_proj(deep))))
        shallow = self.refine1(self.modulate(F.relu(self.s1_proj(shallow))))
        joined = torch.cat([resize(deep, shallow.shape[2:]), shallow], 1)
        fused = F.relu(self.fuse(joined))
        return self.out_edge_map(fused), self.out_guidance(fused)


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each pixel. [N, C, H, W] -> the same."""

    def __init__(self, channels):
        super().__init__(channels, eps=1e-6)

    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class Sgdc(nn.Module):
    """Structure-guided dynamic convolution as released: a softmax kernel for each pixel and head; feed-forward part.

    x [N, C, H, W], guidance [N, 16, h, w] -> [N, C, H, W]. Taps outside the map multiply zeros.
    """

    def __init__(self, channels, guidance=16, heads=2, kernel=7, ratio=4):
        super().__init__()
        self.channels, self.heads, self.kernel = channels, heads, kernel
        self.proj_guidance = conv(guidance, channels)
        self.attn = conv(channels, 2 * channels + heads * kernel**2)
        self.norm1, self.norm2 = ChannelNorm(channels), ChannelNorm(channels)
        self.dwconv = nn.Conv2d(channels, channels, 3, padding=1, groups=channels)
        self.mlp = nn.Sequential(conv(channels, channels * ratio), nn.GELU(), conv(channels * ratio, channels))
        self.ls1 = nn.Parameter(torch.full([channels], 1e-6))
        self.ls2 = nn.Parameter(torch.full([channels], 1e-6))

    def dynamic(self, x, logits):
        """D[c] = sum over taps t of K[head(c), t] X[c, t], K = softmax of the logits [N, heads kernel^2, H, W].

        One multiply-add a tap over the shifted map: unfolding the neighbourhoods, as released, takes several times as long.
        """
        n, c, height, width = x.shape
        kernels = torch.softmax(logits.reshape(n, self.heads, 1, -1, height, width), 3)
        padded = F.pad(x, [self.kernel // 2] * 4).unflatten(1, (self.heads, c // self.heads))
        y = torch.zeros_like(padded[..., :height, :width])
        for tap in range(self.kernel**2):
            i, j = divmod(tap, self.kernel)
            y.addcmul_(padded[..., i : i + height, j : j + width], kernels[:, :, :, tap])
        return y.reshape(x.shape)

    def forward(self, x, guidance):
        guided = x + self.proj_guidance(resize(guidance, x.shape[2:]))
        sizes = [self.channels, self.channels, self.heads * self.kernel**2]
        local_gate, dynamic_gate, logits = self.attn(guided).split(sizes, 1)
        local = self.dwconv(x * torch.sigmoid(local_gate))
        dynamic = self.dynamic(self.norm1(x), logits) * torch.sigmoid(dynamic_gate)
        y = x + self.ls1[:, None, None] * (local + dynamic)
        return y + self.ls2[:, None, None] * self.mlp(self.norm2(y))


class ReverseAttention(nn.Module):
    """Decoder stage: A + U + P, U the deeper map resized. skip [N, C, H, W], deeper [N, C, h, w] -> [N, C, H, W]."""

    def __init__(self, c):
        super().__init__()
        layers = [conv(2 * c, c, 3), nn.BatchNorm2d(c), nn.PReLU(), conv(c, c, 3), nn.BatchNorm2d(c), nn.PReLU()]
        self.predict3 = nn.Sequential(*layers, conv(c, 1))
        self.ra2_conv2, self.ra2_conv3, self.ra2_conv4 = ConvBn(c, c, 3), ConvBn(c, c, 3), ConvBn(c, 1, 3)

    def forward(self, skip, deeper):
        u = resize(deeper, skip.shape[2:])
        a = (1 - torch.sigmoid(u)) * skip
        a = self.ra2_conv4(F.relu(self.ra2_conv3(F.relu(self.ra2_conv2(a)))))
        return a + u + self.predict3(torch.cat([skip, u], 1))


class SgdNet(nn.Module):
    """SGD-Net. x [N, 3, H, W], sides multiples of 32, at least 64 -> logits o1, o2, o3 [N, classes, H, W], edge [N, 1, H, W]."""

    def __init__(self, classes=1, dropout=0.1, width=64, encoder=None, structure=256, ratio=4):
        super().__init__()
        encoder = encoder or {}
        *channels, deep = [4 * planes for planes in encoder.get("planes", (64, 128, 256, 512))]
        shallow = channels[0]
        self.resnet = Res2Net(**encoder)
        self.multi_trans = nn.ModuleDict({"t": StitchVit(shallow)})
        self.head = DualAttention(shallow + deep, deep, dropout)
        self.sge = Sge(deep, shallow, structure)
        for level, c in enumerate(channels, 1):
            setattr(self, f"sgdc{level}", Sgdc(c, ratio=ratio))
            setattr(self, f"dm{level}", ReverseAttention(width))
            setattr(self, f"predictor{level}", conv(width, classes))
        for level, c in enumerate([*channels, deep], 1):
            setattr(self, f"reduce{level}", ConvBn(c, width, bias=True))

    def forward(self, x):
        x1, x2, x3, x4 = self.resnet(x)

        # Context, then structure.
        far = resize(self.multi_trans["t"](x1), x4.shape[2:])
        context = self.head(torch.cat([far, x4], 1))
        edge, guidance = self.sge(x4, x1)

        # Refined maps, decoded coarse to fine.
        y = F.relu(self.reduce4(context))
        outputs = {"edge": resize(edge, x.shape[2:])}
        for level, features in ((3, x3), (2, x2), (1, x1)):
            refined = getattr(self, f"sgdc{level}")(features, guidance)
            reduced = F.relu(getattr(self, f"reduce{level}")(refined))
            y = getattr(self, f"dm{level}")(reduced, y)
            outputs[f"o{level}"] = resize(getattr(self, f"predictor{level}")(y), x.shape[2:])
        return outputs


def soft_dice_loss(p, target):
    """1 - (2 sum(p t) + 1) / (sum p + sum t + 1) for each image and class, then the mean. [N, K, H, W] -> []."""
    overlap, total = (p * target).sum((2, 3)), (p + target).sum((2, 3))
    return (1 - (2 * overlap + 1) / (total + 1)).mean()


def boundary_target(mask):
    """Dilation minus erosion, 3 x 3; the frame is no boundary; of several classes the union. [N, K, H, W] -> [N, 1, H, W]."""
    edges = F.max_pool2d(mask, 3, 1, 1) + F.max_pool2d(-mask, 3, 1, 1)
    return edges.amax(1, keepdim=True)


def sgd_net_loss(outputs, mask, weight=3):
    """Equation 5: seg(o1) + seg(o2) + seg(o3) + weight edge. Returns the terms by name; `total` is differentiated."""
    terms = {}
    for level in (1, 2, 3):
        logits = outputs[f"o{level}"]
        entropy = F.binary_cross_entropy_with_logits(logits, mask)
        terms[f"seg{level}"] = entropy + soft_dice_loss(torch.sigmoid(logits), mask)
    terms["edge"] = soft_dice_loss(torch.sigmoid(outputs["edge"]), boundary_target(mask))
    segmentation = terms["seg1"] + terms["seg2"] + terms["seg3"]
    return {**terms, "total": segmentation + weight * terms["edge"]}
