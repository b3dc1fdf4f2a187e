"""Makes rope.json beside this file: cos and sin of YaRN and of linear scaling, in double, written from the paper (arXiv 2309.00071) and
from what ggml's parameters mean: attention factor, extrapolation, both betas.

    python3 rope.py
"""
import json
import math
import pathlib


def angles(d, theta, position, s=1.0, length=1, attention=1.0, extrapolation=1.0, fast=32.0, slow=1.0):
    def dimension(turns):
        return d * math.log(length / (turns * 2 * math.pi)) / (2 * math.log(theta))

    low, high = max(0, math.floor(dimension(fast))), min(d - 1, math.ceil(dimension(slow)))
    values = []
    for i in range(d // 2):
        plain = theta ** (-2 * i / d)
        ramp = min(1.0, max(0.0, (i - low) / max(0.001, high - low)))
        share = (1 - ramp) * extrapolation
        frequency = plain / s * (1 - share) + plain * share
        size = attention * (1 + 0.1 * math.log(s) if extrapolation else 1)
        values.append([math.cos(position * frequency) * size, math.sin(position * frequency) * size])
    return values


CASES = [
    {"d": 64, "theta": 1e6, "position": 5000, "s": 4.0, "length": 32768},
    {"d": 64, "theta": 1e6, "position": 5000, "s": 4.0, "length": 512, "attention": 2.0},
    {"d": 128, "theta": 1e4, "position": 123456, "s": 8.0, "length": 4096, "attention": 0.7, "extrapolation": 0.5},
    {"d": 64, "theta": 1e6, "position": 777, "s": 2.5, "length": 2048, "fast": 16.0, "slow": 2.0},
    {"d": 64, "theta": 1e6, "position": 5000, "s": 4.0, "length": 32768, "extrapolation": 0.0},
    {"d": 64, "theta": 1e6, "position": 5000, "s": 4.0, "length": 32768, "extrapolation": 0.0, "attention": 1.5},
]
path = pathlib.Path(__file__).resolve().parent / "rope.json"
path.write_text(json.dumps([{**case, "expected": angles(**case)} for case in CASES], indent=None) + "\n", encoding="utf-8")
