"""The network: convolutions make a grid of features of the picture, a transformer's decoder writes the tokens.

Written out with plain operations, so that the exported file needs few operators. Positions are learnt; the answers share their weights with the embedding.
"""
import torch
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, n_heads):
        super().__init__()
        self.n_heads, self.part = n_heads, width // n_heads
        self.query, self.key, self.value, self.out = (nn.Linear(width, width) for _ in range(4))

    def heads(self, x):
        return x.reshape(1 if x.shape[0] == 1 else x.shape[0], -1, self.n_heads, self.part).transpose(1, 2)

    def forward(self, x, memory, mask=None):
        query, key, value = self.heads(self.query(x)), self.heads(self.key(memory)), self.heads(self.value(memory))
        scores = query @ key.transpose(2, 3) * self.part ** -.5
        if mask is not None:
            scores = scores + mask
        mixed = (torch.softmax(scores, -1) @ value).transpose(1, 2)
        return self.out(mixed.reshape(mixed.shape[0], -1, self.n_heads * self.part))


class Layer(nn.Module):
    def __init__(self, width, n_heads, dropout):
        super().__init__()
        self.own, self.other = Attention(width, n_heads), Attention(width, n_heads)
        self.inner = nn.Sequential(nn.Linear(width, 2 * width), nn.ReLU(), nn.Linear(2 * width, width))
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(3))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, memory, mask):
        own = self.norms[0](x)
        x = x + self.dropout(self.own(own, own, mask))
        x = x + self.dropout(self.other(self.norms[1](x), memory))
        return x + self.dropout(self.inner(self.norms[2](x)))


class Encoder(nn.Module):
    """Picture [n, 1, H, W] to memory [n, H / 16 * W / 16, width]."""

    def __init__(self, config):
        super().__init__()
        layers, before = [], 1
        for channels in config.channels:
            layers += [nn.Conv2d(before, channels, 3, 2, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU(),
                       nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels), nn.ReLU()]
            before = channels
        self.convolutions = nn.Sequential(*layers)
        self.project = nn.Linear(before, config.width)
        self.positions = nn.Parameter(torch.randn(1, config.height_px // 16 * (config.width_px // 16), config.width) * .02)
        self.norm = nn.LayerNorm(config.width)

    def forward(self, picture):
        features = self.convolutions(picture)
        return self.norm(self.project(features.flatten(2).transpose(1, 2)) + self.positions)


class Decoder(nn.Module):
    """Tokens [n, T] as far as they are written and memory to the logits of the next token at each place [n, T, n_tokens]."""

    def __init__(self, config, n_tokens):
        super().__init__()
        self.embedding = nn.Embedding(n_tokens, config.width)
        nn.init.normal_(self.embedding.weight, std=config.width ** -.5)
        self.positions = nn.Parameter(torch.randn(config.max_tokens, config.width) * .02)
        self.layers = nn.ModuleList(Layer(config.width, config.n_heads, .1 if config.n_layers > 1 else 0) for _ in range(config.n_layers))
        self.norm = nn.LayerNorm(config.width)
        mask = torch.full((config.max_tokens, config.max_tokens), -1e4).triu(1)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, tokens, memory):
        n = tokens.shape[1]
        x = self.embedding(tokens) + self.positions[:n]
        mask = self.mask[:n, :n]
        for layer in self.layers:
            x = layer(x, memory, mask)
        return self.norm(x) @ self.embedding.weight.T


class FormulaNet(nn.Module):
    def __init__(self, config, n_tokens):
        super().__init__()
        self.config = config
        self.encoder, self.decoder = Encoder(config), Decoder(config, n_tokens)

    def forward(self, pictures, tokens):
        return self.decoder(tokens, self.encoder(pictures))

    @torch.no_grad()
    def write(self, pictures, start, end):
        """Greedy: the tokens of each picture behind the start, and the probability of each."""
        memory = self.encoder(pictures)
        tokens = torch.full((len(pictures), 1), start, device=pictures.device)
        probabilities = []
        for _ in range(self.config.max_tokens - 1):
            best = torch.softmax(self.decoder(tokens, memory)[:, -1], -1).max(-1)
            probabilities.append(best.values)
            tokens = torch.cat([tokens, best.indices[:, None]], 1)
            if bool((tokens == end).any(1).all()):
                break
        return tokens[:, 1:], torch.stack(probabilities, 1)
