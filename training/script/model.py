"""The network: the trunk of a text recogniser, and a head of our own with one column out for every 8 and pooling by learnt attention."""
import torch
from torch import nn

from classes import CLASSES
from trunk import CHANNELS, ROWS, Trunk

WIDTH = 160


def conv(i, o, k, s=1, p=0):
    return nn.Sequential(nn.Conv2d(i, o, k, s, p, bias=False), nn.BatchNorm2d(o))


class Residual(nn.Module):
    """Sees 4 columns to either side, each channel by itself, then mixes the channels."""

    def __init__(self, c, k=9):
        super().__init__()
        self.depth = nn.Conv2d(c, c, (1, k), 1, (0, k // 2), groups=c, bias=False)
        self.point = conv(c, c, 1)

    def forward(self, x):
        return torch.relu(x + self.point(self.depth(x)))


class Head(nn.Module):
    """[N, 96, 2, W/4] -> columns [N, C, W/8], attention [N, W/8], script [N, C], orientation [N, 4], polarity [N, 2]."""

    def __init__(self):
        super().__init__()
        n = len(CLASSES)
        self.body = nn.Sequential(conv(CHANNELS, WIDTH, (ROWS, 4), (1, 2), (0, 1)), nn.ReLU(), Residual(WIDTH), Residual(WIDTH), Residual(WIDTH))
        self.columns = nn.Conv2d(WIDTH, n, 1)
        self.attention = nn.Conv2d(WIDTH, 1, 1)
        self.orientation = nn.Conv2d(WIDTH, 4, 1)
        self.polarity = nn.Conv2d(WIDTH, 2, 1)

    def forward(self, x):
        h = self.body(x)
        columns = self.columns(h).squeeze(2)
        attention = torch.softmax(self.attention(h).squeeze(2), 2)  # [N, 1, T]
        pool = lambda t: (t * attention).sum(2)
        return columns, attention.squeeze(1), pool(columns), pool(self.orientation(h).squeeze(2)), pool(self.polarity(h).squeeze(2))


class ScriptNet(nn.Module):
    """[N, 1, 32, W] of `normalise` -> what the head says."""

    def __init__(self, trunk):
        super().__init__()
        self.trunk, self.head = Trunk(trunk), Head()

    def forward(self, x):
        return self.head(self.trunk(x))


def normalise(images: torch.Tensor) -> torch.Tensor:
    """uint8 [N, 1, 32, W] -> (mean - p) / max(standard deviation, 8), over each crop: dark on light is positive."""
    x = images.float()
    mean, std = x.mean((1, 2, 3), keepdim=True), x.std((1, 2, 3), keepdim=True, unbiased=False)
    return (mean - x) / std.clamp_min(8.0)
