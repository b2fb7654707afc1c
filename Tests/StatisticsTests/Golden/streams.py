"""Samples and streams that Python and Swift draw alike, so that golden files hold their recipes and not their values.

SplitMix64 in the form z_i = mix(seed + i * gamma): only integer arithmetic, one division by a power of two, sums and products, so that
both languages get the same doubles to the last bit. Tests/StatisticsTests/Recipe.swift is the other half.
"""

import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def uniforms(seed, count):
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.arange(1, count + 1, dtype=np.uint64) * GAMMA
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(11)).astype(np.float64) * 2.0**-53


def draw(shape, seed, n):
    if shape == "normal":
        u = uniforms(seed, 12 * n).reshape(n, 12)
        total = u[:, 0].copy()
        for k in range(1, 12):
            total = total + u[:, k]
        return total - 6.0
    u = uniforms(seed, 2 * n).reshape(n, 2)
    first, second = u[:, 0], u[:, 1]
    if shape == "uniform":
        return first
    if shape == "skewed":
        return first * first * first
    if shape == "heavy":
        return (first - 0.5) / (0.01 + second)
    if shape == "discrete":
        return np.floor(first * 6.0)
    if shape == "zeros":
        return np.where(first < 0.3, 0.0, second)
    if shape == "constant":
        return np.zeros(n)
    raise ValueError(shape)


def sample(recipe):
    values = draw(recipe["shape"], recipe["seed"], recipe["n"]) * recipe.get("scale", 1.0) + recipe.get("shift", 0.0)
    every = recipe.get("nan", 0)
    if every:
        values[::every] = np.nan
    return values


def stream(recipe):
    """Pieces one after another; kind "bits" gives 1 with the piece's rate, else the shape shifted by the piece's mean."""
    parts = []
    for index, (n, level) in enumerate(recipe["pieces"]):
        seed = recipe["seed"] + 1000 * index
        if recipe["kind"] == "bits":
            parts.append((uniforms(seed, n) < level).astype(float))
        else:
            parts.append(draw(recipe["kind"], seed, n) + level)
    return np.concatenate(parts)
