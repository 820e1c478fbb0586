"""The network: fully convolutional, 32 rows in, one column out for every 8, and pooling by learnt attention."""
import torch
from torch import nn

from classes import CLASSES


def conv(i, o, k, s=1, groups=1, act=True):
    k = (k, k) if isinstance(k, int) else k
    layers = [nn.Conv2d(i, o, k, s, ((k[0] - 1) // 2, (k[1] - 1) // 2), groups=groups, bias=False), nn.BatchNorm2d(o)]
    return nn.Sequential(*layers, *([nn.ReLU(inplace=True)] if act else []))


class Residual(nn.Module):
    def __init__(self, c, k):
        super().__init__()
        self.depth = nn.Conv2d(c, c, k, 1, ((k[0] - 1) // 2, (k[1] - 1) // 2), groups=c, bias=False)
        self.point = conv(c, c, 1, act=False)

    def forward(self, x):
        return torch.relu(x + self.point(self.depth(x)))


class Dense(nn.Module):
    """A residual block of one full convolution; it starts as the identity, so that it can be put into a trained network."""

    def __init__(self, c):
        super().__init__()
        self.conv = conv(c, c, 3, act=False)
        nn.init.zeros_(self.conv[1].weight)

    def forward(self, x):
        return torch.relu(x + self.conv(x))


class ScriptNet(nn.Module):
    def __init__(self, c1=16, c2=32, c3=80, c4=136):
        super().__init__()
        layers = [
            # 16 rows, W/2. The input is normalised, so no BatchNorm: at this size it costs as much as the convolution.
            nn.Sequential(nn.Conv2d(1, c1, 5, 2, 2), nn.ReLU(inplace=True)),
            conv(c1, c2, 3, 2),  # 8 rows, W/4
            Residual(c2, (3, 3)),
            Residual(c2, (3, 3)),
            conv(c2, c3, 3, 2),  # 4 rows, W/8
            Residual(c3, (3, 5)),
            Residual(c3, (3, 5)),
            Residual(c3, (3, 5)),
            # The four rows become one, each channel with weights of its own.
            nn.Conv2d(c3, c3, (4, 3), 1, (0, 1), groups=c3, bias=False),
            conv(c3, c4, 1),
            Residual(c4, (1, 9)),
            Residual(c4, (1, 9)),
        ]
        self.body = nn.Sequential(*layers)
        self.body.insert(4, Dense(c2))
        n = len(CLASSES)
        self.columns = nn.Conv2d(c4, n, 1)
        self.attention = nn.Conv2d(c4, 1, 1)
        self.orientation = nn.Conv2d(c4, 4, 1)
        self.polarity = nn.Conv2d(c4, 2, 1)

    def forward(self, x):
        """x [N, 1, 32, W] -> columns [N, C, W/8], attention [N, W/8], script [N, C], orientation [N, 4], polarity [N, 2]."""
        h = self.body(x)
        columns = self.columns(h).squeeze(2)
        attention = torch.softmax(self.attention(h).squeeze(2), 2)  # [N, 1, T]
        pool = lambda t: (t * attention).sum(2)
        return columns, attention.squeeze(1), pool(columns), pool(self.orientation(h).squeeze(2)), pool(self.polarity(h).squeeze(2))


def normalise(images: torch.Tensor) -> torch.Tensor:
    """uint8 [N, 1, 32, W] -> (mean - p) / max(standard deviation, 8), over each crop: dark on light is positive."""
    x = images.float()
    mean, std = x.mean((1, 2, 3), keepdim=True), x.std((1, 2, 3), keepdim=True, unbiased=False)
    return (mean - x) / std.clamp_min(8.0)

