"""Writes golden.json: inputs and the answers of scipy and scikit-learn, which the tests of Statistics must reproduce.

Run with the repository's virtual environment:  .venv/bin/python Tests/StatisticsTests/Golden/generate.py
Made with scipy 1.17.1, scikit-learn 1.9.1, numpy 2.4.6.
"""

import fractions
import json
import math
import pathlib

import numpy as np
from scipy import special, stats
from scipy.spatial import distance
from sklearn import metrics

rng = np.random.default_rng(20260101)


def psi(reference, current):
    """The plain definition; an empty bin counts as half an observation, one empty on both sides is left out."""
    r, c = np.asarray(reference, float), np.asarray(current, float)
    keep = (r > 0) | (c > 0)
    p = np.maximum(r[keep], 0.5) / r.sum()
    q = np.maximum(c[keep], 0.5) / c.sum()
    return float(np.sum((q - p) * np.log(q / p)))


def gamma_cases():
    cases = []
    for a in [0.5, 1, 1.5, 2, 4.5, 5, 10, 49.5, 100, 499.5, 2000]:
        for ratio in [0.001, 0.1, 0.5, 0.9, 1.0, 1.01, 1.1, 1.5, 2, 4]:
            x = a * ratio
            cases.append({"a": a, "x": x, "q": float(special.gammaincc(a, x))})
    return cases


def sample_cases():
    cases = []
    shapes = [
        (rng.normal(0, 1, 50), rng.normal(0, 1, 60)),
        (rng.normal(0, 1, 200), rng.normal(1, 1, 150)),
        (rng.exponential(2, 300), rng.gamma(2, 1, 300)),
        (rng.integers(0, 6, 120).astype(float), rng.integers(0, 7, 90).astype(float)),
        (np.array([1.0]), np.array([1.0])),
        (np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0])),
    ]
    for a, b in shapes:
        a, b = np.round(a, 6), np.round(b, 6)
        d = float(stats.ks_2samp(a, b, method="asymp").statistic)
        en = len(a) * len(b) / (len(a) + len(b))
        cases.append({
            "a": a.tolist(), "b": b.tolist(), "ks": d, "ks_p": float(special.kolmogorov(np.sqrt(en) * d)),
            "wasserstein": float(stats.wasserstein_distance(a, b)),
        })
    return cases


def count_cases():
    tables = [
        ([10, 20, 30, 40], [12, 18, 33, 37]), ([100, 100, 100], [200, 50, 50]), ([5, 0, 7], [0, 9, 3]),
        ([500, 300, 200, 0], [50, 30, 20, 0]), ([1, 1], [1, 1]), ([1000, 1], [900, 101]), ([0, 10], [10, 0]),
        (rng.multinomial(5000, np.ones(20) / 20).tolist(), rng.multinomial(700, np.ones(20) / 20).tolist()),
    ]
    cases = []
    for a, b in tables:
        table = np.array([a, b])
        table = table[:, table.sum(axis=0) > 0]
        chi = stats.chi2_contingency(table, correction=False)
        cases.append({
            "a": a, "b": b, "chi2": float(chi.statistic), "chi2_p": float(chi.pvalue), "psi": psi(a, b),
            "js": float(distance.jensenshannon(a, b)),
        })
    return cases


def classification_cases():
    cases = []
    for classes, n in [(2, 40), (2, 500), (3, 200), (5, 1000)]:
        truth = rng.integers(0, classes, n)
        wrong = rng.random(n) < 0.3
        prediction = np.where(wrong, rng.integers(0, classes, n), truth)
        average = "binary" if classes == 2 else "macro"
        p, r, f, _ = metrics.precision_recall_fscore_support(truth, prediction, average=average, zero_division=0)
        cases.append({
            "truth": [str(v) for v in truth], "prediction": [str(v) for v in prediction],
            "positive": "1" if classes == 2 else None,
            "accuracy": float(metrics.accuracy_score(truth, prediction)), "precision": float(p), "recall": float(r),
            "f1": float(f),
        })
    return cases


def roc_cases():
    cases = []
    for n, decimals in [(30, 6), (400, 6), (400, 1), (50, 0)]:
        truth = rng.random(n) < 0.4
        score = np.round(truth * 0.3 + rng.normal(0.4, 0.3, n), decimals)
        cases.append({
            "positive": truth.tolist(), "score": score.tolist(), "auc": float(metrics.roc_auc_score(truth, score)),
        })
    return cases


def regression_cases():
    cases = []
    for n, offset in [(5, 0), (300, 0), (300, 1e6)]:
        truth = np.round(rng.normal(offset, 3, n), 6)
        prediction = np.round(truth + rng.normal(0.2, 1, n), 6)
        cases.append({
            "truth": truth.tolist(), "prediction": prediction.tolist(),
            "rmse": float(np.sqrt(metrics.mean_squared_error(truth, prediction))),
            "mae": float(metrics.mean_absolute_error(truth, prediction)), "r2": float(metrics.r2_score(truth, prediction)),
        })
    return cases


def moment_cases():
    cases = []
    for values in [rng.normal(0, 1, 100), rng.normal(1e9, 1, 200), np.array([4.0, 4.0, 4.0])]:
        cases.append({"values": values.tolist(), "mean": float(values.mean()), "variance": float(values.var(ddof=1))})
    return cases


def range_cases():
    """Window values beyond the extremes of a reference: K of n in the two outer of m + 1 gaps, counted exactly."""
    cases = []
    for n, m in [(50, 200), (200, 200), (1000, 200), (200, 5000), (3000, 100)]:
        ways = [(j + 1) * math.comb(n - j + m - 2, m - 2) for j in range(n + 1)]
        assert sum(ways) == math.comb(n + m, m)
        for k in [1, 2, 5, 11, 30]:
            p = fractions.Fraction(sum(ways[k:]), math.comb(n + m, m))
            cases.append({"n": n, "m": m, "k": k, "p": float(p)})
    return cases


golden = {
    "range": range_cases(),
    "gamma": gamma_cases(),
    "kolmogorov": [{"x": float(x), "p": float(special.kolmogorov(x))} for x in np.linspace(0.02, 4, 80)],
    "samples": sample_cases(),
    "counts": count_cases(),
    "classification": classification_cases(),
    "roc": roc_cases(),
    "regression": regression_cases(),
    "moments": moment_cases(),
}
path = pathlib.Path(__file__).with_name("golden.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(f"wrote {path} ({path.stat().st_size} bytes)")
