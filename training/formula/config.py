"""Sizes. `FULL` is meant for a GPU, `TINY` for a test of every step, and of the loader in Rust, within minutes."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Config:
    height_px: int
    width_px: int
    channels: tuple
    width: int
    n_layers: int
    n_heads: int
    max_tokens: int
    batch: int
    learning_rate: float


# 4.6 million weights with 172 tokens.
FULL = Config(96, 768, (32, 64, 128, 256), 256, 4, 8, 160, 64, 4e-4)
TINY = Config(48, 256, (8, 12, 16, 32), 40, 1, 4, 80, 16, 2e-3)
BY_NAME = {"full": FULL, "tiny": TINY}
