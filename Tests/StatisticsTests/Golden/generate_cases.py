"""Writes cases.json: inputs or their recipes, and the answers of scipy, scikit-learn, statsmodels and river.

    python3 -m venv /tmp/golden && /tmp/golden/bin/pip install -r requirements.txt
    /tmp/golden/bin/python generate_cases.py

A case is {"f": function, "p": parameters, "a" and "b": recipes (streams.py), "x", "y", …: explicit numbers, "o": answers by name}. NaN and
infinities are written as null.
"""

import json
import math
import pathlib
import warnings

import mpmath
import numpy as np
from river import drift
from river.drift import binary
from scipy import integrate, special, stats
from scipy.spatial import distance
from sklearn import metrics
from statsmodels.stats import multitest, proportion

from streams import sample, stream, uniforms

warnings.simplefilter("ignore")
cases = []


def clean(value):
    if isinstance(value, (list, tuple, np.ndarray)):
        return [clean(v) for v in value]
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def case(function, answers, **inputs):
    cases.append({"f": function, **{k: clean(v) for k, v in inputs.items()}, "o": {k: clean(v) for k, v in answers.items()}})


# Special functions and distributions

for a in [0.5, 1, 3.5, 20, 1000, 1e6]:
    for ratio in [0.01, 0.5, 0.99, 1.0, 1.02, 1.5, 3]:
        x = a * ratio
        case("gamma", {"p": special.gammainc(a, x), "q": special.gammaincc(a, x)}, p=[a, x])
    for p in [1e-12, 1e-4, 0.1, 0.5, 0.9]:
        case("gamma_inverse", {"p": special.gammaincinv(a, p), "q": special.gammainccinv(a, p)}, p=[a, p])
for a, b in [(0.5, 0.5), (1, 3), (2.5, 7), (30, 2), (200, 300), (1e5, 2e5), (0.5, 50)]:
    for x in [1e-6, 0.01, 0.3, 0.5, 0.7, 0.99]:
        case("beta", {"p": special.betainc(a, b, x), "q": special.betaincc(a, b, x)}, p=[a, b, x])
    for p in [1e-10, 0.025, 0.5, 0.975]:
        case("beta_inverse", {"x": special.betaincinv(a, b, p)}, p=[a, b, p])
for x in [-38, -20, -8, -3, -1, 0, 0.5, 2, 6, 15, 37]:
    case("normal", {"cdf": stats.norm.cdf(x), "sf": stats.norm.sf(x)}, p=[x])
for q in [1e-300, 1e-100, 1e-20, 1e-7, 0.025, 0.4, 0.5, 0.9, 0.999]:
    case("normal_inverse", {"ppf": stats.norm.ppf(q), "isf": stats.norm.isf(q)}, p=[q])
for df in [1, 2, 3.7, 30, 1000, 1e7]:
    for t in [-3, 0, 0.5, 2, 8, 40]:
        case("student", {"sf": stats.t.sf(t, df)}, p=[df, t])
    for q in [1e-10, 0.025, 0.4, 0.8]:
        case("student_inverse", {"ppf": stats.t.ppf(q, df)}, p=[df, q])
for df in [1, 4, 49, 1000]:
    for x in [0.1, 1, 5, 60, 500, 1500]:
        case("chi2", {"sf": stats.chi2.sf(x, df), "cdf": stats.chi2.cdf(x, df)}, p=[df, x])
    for q in [1e-9, 0.05, 0.7]:
        case("chi2_inverse", {"ppf": stats.chi2.ppf(q, df), "isf": stats.chi2.isf(q, df)}, p=[df, q])
for d1, d2 in [(1, 1), (3, 40), (100, 7), (500, 500)]:
    for x in [0.01, 0.8, 1, 2.5, 30]:
        case("fisher_f", {"sf": stats.f.sf(x, d1, d2), "cdf": stats.f.cdf(x, d1, d2)}, p=[d1, d2, x])
    for q in [1e-6, 0.05, 0.5, 0.95]:
        case("fisher_f_inverse", {"ppf": stats.f.ppf(q, d1, d2)}, p=[d1, d2, q])
for n, p in [(1, 0.3), (10, 0.5), (100, 0.01), (1000, 0.4), (100_000, 0.001)]:
    for k in sorted({0, int(n * p * 0.5), int(n * p), int(n * p * 1.5) + 1, n}):
        k = min(k, n)
        case("binomial", {"pmf": stats.binom.pmf(k, n, p), "cdf": stats.binom.cdf(k, n, p), "sf": stats.binom.sf(k, n, p),
                          "test": stats.binomtest(k, n, p).pvalue}, p=[n, p, k])
for M, n, N in [(20, 7, 12), (500, 30, 100), (100_000, 400, 2000)]:
    for k in [0, 2, int(n * N / M), int(n * N / M) + 4]:
        case("hypergeometric", {"pmf": stats.hypergeom.pmf(k, M, n, N), "cdf": stats.hypergeom.cdf(k, M, n, N),
                                "sf": stats.hypergeom.sf(k - 1, M, n, N)}, p=[M, n, N, k])
for n in [1, 5, 20, 100, 140, 141, 500, 10_000, 200_000]:
    for z in [0.3, 0.6, 0.9, 1.3, 1.7, 2.5, 4]:
        d = z / math.sqrt(n)
        if d < 1:
            case("kstwo", {"sf": stats.kstwo.sf(d, n)}, p=[n, d])
            if n <= 10_000:
                case("smirnov", {"sf": special.smirnov(n, d)}, p=[n, d])
for order, x in [(0.25, 0.01), (0.25, 0.3), (0.25, 2), (0.25, 40), (0.25, 700), (0, 1), (1, 5)]:
    case("bessel_k", {"kve": special.kve(order, x)}, p=[order, x])


def cvm_limit(x):
    """1 minus the series of Anderson and Darling (Csorgo and Faraway 1996, 1.2), to 60 digits."""
    if x < 0.003:
        return 1.0
    if x > 30:
        return 0.0  # below 1e-64
    with mpmath.workdps(60):
        x = mpmath.mpf(float(x))
        total = mpmath.mpf(0)
        for k in range(400):
            q = (4 * k + 1) ** 2 / (16 * x)
            term = mpmath.gamma(k + mpmath.mpf(1) / 2) / mpmath.gamma(k + 1) / (mpmath.pi**1.5 * mpmath.sqrt(x))
            term *= mpmath.sqrt(4 * k + 1) * mpmath.exp(-q) * mpmath.besselk(mpmath.mpf(1) / 4, q)
            total += term
            if term < mpmath.mpf(10) ** -58:
                break
        return float(max(0, 1 - total))


for x in [0.01, 0.03, 0.1, 0.3, 0.46136, 0.49, 0.51, 0.74346, 1.5, 3, 5, 9]:
    case("cvm_limit", {"sf": cvm_limit(x)}, p=[x])

# Two samples of numbers

def recipe(shape, seed, n, **more):
    return {"shape": shape, "seed": seed, "n": n, **more}


pairs = [
    (recipe("normal", 1, 50), recipe("normal", 2, 60)),
    (recipe("normal", 3, 200), recipe("normal", 4, 150, shift=0.5)),
    (recipe("normal", 5, 5), recipe("normal", 6, 7)),
    (recipe("normal", 7, 2), recipe("normal", 8, 2)),
    (recipe("normal", 9, 8), recipe("uniform", 10, 300)),
    (recipe("uniform", 11, 100), recipe("uniform", 12, 100)),
    (recipe("uniform", 13, 1000), recipe("uniform", 14, 1000, scale=1.2)),
    (recipe("skewed", 15, 400), recipe("skewed", 16, 300, scale=0.8)),
    (recipe("heavy", 17, 500), recipe("heavy", 18, 700)),
    (recipe("heavy", 19, 120), recipe("normal", 20, 90)),
    (recipe("discrete", 21, 120), recipe("discrete", 22, 90)),
    (recipe("discrete", 23, 2000), recipe("discrete", 24, 1500, shift=1)),
    (recipe("zeros", 25, 300), recipe("zeros", 26, 200)),
    (recipe("zeros", 27, 20), recipe("zeros", 28, 20)),
    (recipe("constant", 29, 10, shift=3), recipe("constant", 30, 12, shift=3)),
    (recipe("constant", 31, 10), recipe("constant", 32, 12, shift=1)),
    (recipe("constant", 33, 30, shift=2), recipe("normal", 34, 40)),
    (recipe("normal", 35, 100, nan=7), recipe("normal", 36, 110, nan=3)),
    (recipe("normal", 37, 300, scale=1e100), recipe("normal", 38, 200, scale=1e100, shift=1e99)),
    (recipe("normal", 39, 300, scale=1e-100), recipe("normal", 40, 200, scale=1e-100)),
    (recipe("normal", 41, 300, shift=1e8), recipe("normal", 42, 300, shift=1e8)),
    (recipe("normal", 43, 10_000), recipe("normal", 44, 9_000, shift=0.05)),
    (recipe("uniform", 45, 50_000), recipe("uniform", 46, 20_000)),
    (recipe("discrete", 47, 100_000), recipe("discrete", 48, 5_000)),
    (recipe("skewed", 49, 20_000), recipe("skewed", 50, 100, scale=1.3)),
    (recipe("normal", 51, 15), recipe("normal", 52, 12, shift=1)),
    (recipe("normal", 53, 20), recipe("normal", 54, 20, shift=4)),
    (recipe("uniform", 55, 6), recipe("uniform", 56, 40)),
]


def hodges_lehmann(a, b):
    return float(np.median(np.subtract.outer(a, b)))


for first, second in pairs:
    a, b = sample(first), sample(second)
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    for name, method in [("ks_exact", "exact"), ("ks_finite", "asymp"), ("ks_automatic", "auto")]:
        if name == "ks_exact" and max(len(a), len(b)) > 10_000:
            continue
        if name == "ks_exact" and len(a) != len(b) and len(a) * len(b) > 200_000:
            continue
        r = stats.ks_2samp(a, b, method=method)
        case(name, {"statistic": r.statistic, "p": r.pvalue}, a=first, b=second)
    case("wasserstein", {"distance": stats.wasserstein_distance(a, b),
                         "normalized": stats.wasserstein_distance(a, b) / max(np.std(a), 0.001)}, a=first, b=second)
    case("energy", {"distance": stats.energy_distance(a, b)}, a=first, b=second)
    r = stats.cramervonmises_2samp(a, b, method="asymptotic")
    na, nb, k, total = len(a), len(b), len(a) * len(b), len(a) + len(b)
    variance = (total + 1) * (4 * k * total - 3 * (na**2 + nb**2) - 2 * k) / (45 * total**2 * 4 * k)
    standardized = 1 / 6 + (r.statistic - (1 + 1 / total) / 6) / math.sqrt(45 * variance)
    case("cvm_limiting", {"statistic": r.statistic, "p": cvm_limit(standardized), "p_scipy": r.pvalue}, a=first, b=second)
    if max(len(a), len(b)) <= 15:
        r = stats.cramervonmises_2samp(a, b, method="exact")
        case("cvm_exact", {"statistic": r.statistic, "p": r.pvalue}, a=first, b=second)
    if len(np.unique(np.concatenate([a, b]))) > 1 and len(a) + len(b) > 4:
        r = stats.anderson_ksamp([a, b], variant="midrank")
        case("anderson", {"statistic": r.statistic, "p": r.pvalue}, a=first, b=second)
    ties = len(np.unique(np.concatenate([a, b]))) < len(a) + len(b)
    for alternative in ["two-sided", "less", "greater"]:
        for continuity in [True, False]:
            r = stats.mannwhitneyu(a, b, alternative=alternative, method="asymptotic", use_continuity=continuity)
            case("mwu_normal", {"statistic": r.statistic, "p": r.pvalue}, a=first, b=second,
                 p=[["two-sided", "less", "greater"].index(alternative), int(continuity)])
        if not ties and (min(len(a), len(b)) <= 8 or max(len(a), len(b)) <= 20):
            r = stats.mannwhitneyu(a, b, alternative=alternative, method="exact")
            case("mwu_exact", {"statistic": r.statistic, "p": r.pvalue}, a=first, b=second,
                 p=[["two-sided", "less", "greater"].index(alternative)])
        if np.var(a) + np.var(b) > 0:
            for equal in [True, False]:
                # SciPy squares variances and falls back on one degree of freedom where that overflows: ask it in units of the scale.
                unit = first.get("scale", 1.0)
                r = stats.ttest_ind(a / unit, b / unit, equal_var=equal, alternative=alternative)
                ci = stats.ttest_ind(a / unit, b / unit, equal_var=equal).confidence_interval(0.95)
                case("t_test", {"statistic": r.statistic, "p": r.pvalue, "df": r.df, "low": ci.low * unit, "high": ci.high * unit},
                     a=first, b=second, p=[["two-sided", "less", "greater"].index(alternative), int(equal)])
    if len(a) * len(b) <= 2_000_000:
        case("hodges_lehmann", {"shift": hodges_lehmann(a, b)}, a=first, b=second)

for shape, seed, n in [("normal", 61, 1000), ("skewed", 62, 300), ("heavy", 63, 200), ("discrete", 64, 500), ("uniform", 65, 17), ("normal", 66, 3)]:
    r = recipe(shape, seed, n)
    values = sample(r)
    for rule in ["sturges", "doane", "scott", "fd"]:
        edges = np.histogram_bin_edges(values, rule)
        case("edges", {"count": len(edges) - 1, "first": edges[0], "second": edges[1], "last": edges[-1]}, a=r,
             p=[["sturges", "doane", "scott", "fd"].index(rule)])
    case("quantiles", {str(q): np.quantile(values, q) for q in [0, 0.1, 0.25, 0.5, 0.9, 1]}, a=r)
    counts, _ = np.histogram(values, bins=20, range=(-1, 1.5))
    case("histogram", {str(i): int(c) for i, c in enumerate(counts)}, a=r)

k_samples = [
    [recipe("normal", 71, 40), recipe("normal", 72, 50), recipe("normal", 73, 45, shift=0.2)],
    [recipe("discrete", 74, 100), recipe("discrete", 75, 120), recipe("discrete", 76, 90), recipe("discrete", 77, 80)],
    [recipe("uniform", 78, 30), recipe("uniform", 79, 30), recipe("uniform", 80, 30), recipe("uniform", 81, 30), recipe("uniform", 82, 30, shift=0.3)],
]
for recipes in k_samples:
    r = stats.anderson_ksamp([sample(x) for x in recipes], variant="midrank")
    case("anderson_k", {"statistic": r.statistic, "p": r.pvalue}, samples=recipes)

# Two samples of categories

tables = [
    ([10, 20, 30, 40], [12, 18, 33, 37]), ([100, 100, 100], [200, 50, 50]), ([5, 0, 7], [0, 9, 3]),
    ([500, 300, 200, 0], [50, 30, 20, 1]), ([3, 1], [1, 3]), ([1000, 1], [900, 101]), ([0, 10], [10, 0]),
    ([1, 0, 0, 0, 5], [0, 1, 2, 3, 0]), ([100_000, 50_000, 25_000], [1_000, 520, 230]), ([7], [9]), ([12, 5], [20, 30]),
    ((np.floor(uniforms(5, 50) * 100)).astype(int).tolist(), (np.floor(uniforms(6, 50) * 80)).astype(int).tolist()),
]


def psi_of(x, y, floor):
    x, y = np.asarray(x, float), np.asarray(y, float)
    keep = (x > 0) | (y > 0)
    if floor is None:
        p, q = np.maximum(x[keep], 0.5) / x.sum(), np.maximum(y[keep], 0.5) / y.sum()
    else:
        p, q = x[keep] / x.sum(), y[keep] / y.sum()
        p, q = np.where(p == 0, floor, p), np.where(q == 0, floor, q)
    return float(np.sum((q - p) * np.log(q / p)))


for x, y in tables:
    p, q = np.array(x) / sum(x), np.array(y) / sum(y)
    case("shares", {
        "hellinger": np.sqrt(np.sum((np.sqrt(p) - np.sqrt(q)) ** 2)) / np.sqrt(2), "tv": 0.5 * np.sum(np.abs(p - q)),
        "linf": np.max(np.abs(p - q)), "js": distance.jensenshannon(p, q), "js2": distance.jensenshannon(p, q, base=2),
        "kl": stats.entropy(q, p), "psi": psi_of(x, y, None), "psi_floor": psi_of(x, y, 1e-4)}, x=x, y=y)
    table = np.array([x, y])
    table = table[:, table.sum(axis=0) > 0]
    if table.shape[1] > 1:
        for yates in [False, True]:
            chi = stats.chi2_contingency(table, correction=yates)
            g = stats.chi2_contingency(table, correction=yates, lambda_="log-likelihood")
            case("contingency", {"chi2": chi.statistic, "p": chi.pvalue, "g": g.statistic, "g_p": g.pvalue}, x=x, y=y, p=[int(yates)])
for z in [[[10, 12, 9], [20, 14, 8], [5, 30, 11]], [[3, 3], [4, 9], [8, 1], [0, 7]]]:
    chi, g = stats.chi2_contingency(z, correction=False), stats.chi2_contingency(z, correction=False, lambda_="log-likelihood")
    case("contingency_rows", {"chi2": chi.statistic, "p": chi.pvalue, "g": g.statistic, "g_p": g.pvalue}, rows=z)
for x, y in [([10, 20, 30], [1, 2, 3]), ([5, 5, 5, 5], [1, 1, 1, 2]), ([100, 0, 3], [0.9, 0.05, 0.05])]:
    w = np.array(y) / sum(y) * sum(x)
    r = stats.chisquare(x, w)
    case("goodness", {"chi2": r.statistic, "p": r.pvalue}, x=x, y=y)
for t in [(8, 2, 1, 5), (0, 5, 5, 0), (10, 10, 10, 10), (3, 1000, 9, 990), (100, 900, 140, 860), (0, 3, 0, 4), (1, 0, 0, 1), (7, 12, 0, 5),
          (2000, 98_000, 130, 4870), (2, 3, 6, 4), (15, 3, 4, 22)]:
    a, b, c, d = t
    answers = {name: stats.fisher_exact([[a, b], [c, d]], alternative=name).pvalue for name in ["two-sided", "less", "greater"]}
    answers["odds"] = stats.fisher_exact([[a, b], [c, d]]).statistic
    case("fisher_exact", answers, p=t)
    if a + c > 0 and b + d > 0:
        z, p2 = proportion.proportions_ztest([a, c], [a + b, c + d])
        _, less = proportion.proportions_ztest([a, c], [a + b, c + d], alternative="smaller")
        _, greater = proportion.proportions_ztest([a, c], [a + b, c + d], alternative="larger")
        low, high = proportion.confint_proportions_2indep(a, a + b, c, c + d, method="newcomb")
        case("proportions", {"z": z, "two-sided": p2, "less": less, "greater": greater, "low": low, "high": high}, p=[a, a + b, c, c + d])
for k, n in [(0, 10), (10, 10), (1, 3), (5, 100), (50, 100), (3, 100_000), (99_990, 100_000)]:
    for level in [0.9, 0.95, 0.999]:
        r = stats.binomtest(k, n)
        w, e = r.proportion_ci(level, "wilson"), r.proportion_ci(level, "exact")
        case("proportion_interval", {"wilson_low": w.low, "wilson_high": w.high, "exact_low": e.low, "exact_high": e.high}, p=[k, n, level])

# Detectors

streams = [
    {"kind": "bits", "seed": 101, "pieces": [[3000, 0.1]]},
    {"kind": "bits", "seed": 102, "pieces": [[1000, 0.05], [1000, 0.3]]},
    {"kind": "bits", "seed": 103, "pieces": [[2000, 0.2], [500, 0.5], [2000, 0.1], [1000, 0.6]]},
    {"kind": "bits", "seed": 104, "pieces": [[500, 0], [500, 0.2]]},
    {"kind": "bits", "seed": 105, "pieces": [[100, 1], [900, 0.02]]},
    {"kind": "bits", "seed": 106, "pieces": [[20_000, 0.01], [3000, 0.03]]},
    {"kind": "normal", "seed": 107, "pieces": [[2000, 0], [2000, 1]]},
    {"kind": "normal", "seed": 108, "pieces": [[5000, 0], [1000, -2], [1000, 3], [3000, 3.2]]},
    {"kind": "heavy", "seed": 109, "pieces": [[4000, 0], [4000, 10]]},
    {"kind": "uniform", "seed": 110, "pieces": [[50_000, 0], [1000, 0.1], [30_000, 0.05]]},
    {"kind": "constant", "seed": 111, "pieces": [[1000, 2], [1000, 5]]},
]
detectors = {
    "adwin": lambda: drift.ADWIN(), "adwin_sharp": lambda: drift.ADWIN(delta=0.05, clock=1, max_buckets=3, min_window_length=10, grace_period=50),
    "ddm": lambda: binary.DDM(), "ddm_late": lambda: binary.DDM(warm_start=100, warning_threshold=1.5, drift_threshold=2.5),
    "eddm": lambda: binary.EDDM(), "hddm_a": lambda: binary.HDDMA(), "hddm_a_two": lambda: binary.HDDMA(two_sided_test=True),
    "hddm_w": lambda: binary.HDDMW(), "hddm_w_two": lambda: binary.HDDMW(two_sided_test=True, lambda_val=0.02),
    "page_hinkley": lambda: drift.PageHinkley(), "page_hinkley_up": lambda: drift.PageHinkley(mode="up", threshold=10, delta=0.01),
    "page_hinkley_down": lambda: drift.PageHinkley(mode="down", threshold=20, min_instances=100),
}
for s in streams:
    values = stream(s)
    for name, make in detectors.items():
        unit = s["kind"] in ("bits", "uniform")
        if not unit and not name.startswith(("adwin", "page")):
            continue
        detector, drifts, warnings_seen = make(), [], []
        for i, v in enumerate(values):
            detector.update(float(v) if s["kind"] != "bits" else int(v))
            if detector.drift_detected:
                drifts.append(i)
            elif getattr(detector, "warning_detected", False):
                warnings_seen.append(i)
        answers = {"drifts": drifts, "warnings": len(warnings_seen), "first_warning": warnings_seen[0] if warnings_seen else -1}
        if name.startswith("adwin"):
            answers |= {"width": detector.width, "mean": detector.estimation}
        cases.append({"f": "detector", "name": name, "stream": s, "o": {k: clean(v) for k, v in answers.items() if k != "drifts"}, "x": clean(drifts)})

# Metrics

def delong(truth, score):
    x, y = score[truth == 1], score[truth == 0]
    psi = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    return math.sqrt(np.var(psi.mean(axis=1), ddof=1) / len(x) + np.var(psi.mean(axis=0), ddof=1) / len(y))


def ece(truth, score, bins=10):
    index = np.clip(np.ceil(score * bins).astype(int) - 1, 0, bins - 1)
    return sum(abs(truth[index == b].sum() - score[index == b].sum()) for b in range(bins)) / len(truth)


for seed, n, rate, steps in [(201, 30, 0.5, 0), (202, 500, 0.3, 0), (203, 500, 0.3, 10), (204, 2000, 0.02, 4), (205, 50, 0.5, 1), (206, 5000, 0.5, 0)]:
    u, v = uniforms(seed, n), uniforms(seed + 1000, n)
    truth = (u < rate).astype(int)
    score = (v + 0.4 * truth) / 1.4
    if steps:
        score = np.floor(score * steps) / steps
    case("scores", {
        "auc": metrics.roc_auc_score(truth, score), "se": delong(truth, score), "ap": metrics.average_precision_score(truth, score),
        "log_loss": metrics.log_loss(truth, score, labels=[0, 1]), "brier": metrics.brier_score_loss(truth, score), "ece": ece(truth, score)},
        p=[seed, n, rate, steps])
for seed, n, classes in [(211, 40, 2), (212, 500, 2), (213, 200, 3), (214, 1000, 5), (215, 10, 4), (216, 30, 1)]:
    u, v, w = uniforms(seed, n), uniforms(seed + 1000, n), uniforms(seed + 2000, n)
    truth = np.floor(u * classes).astype(int)
    prediction = np.where(w < 0.3, np.floor(v * (classes + (1 if classes > 3 else 0))).astype(int), truth)
    answers = {"accuracy": metrics.accuracy_score(truth, prediction), "mcc": metrics.matthews_corrcoef(truth, prediction)}
    for average in ["binary", "micro", "macro", "weighted"]:
        if average == "binary" and classes != 2:
            continue
        p, r, f, _ = metrics.precision_recall_fscore_support(truth, prediction, average=average, zero_division=0)
        answers |= {f"{average}_precision": p, f"{average}_recall": r, f"{average}_f1": f}
    case("classes", answers, x=truth, y=prediction)
for first, second in [(recipe("normal", 221, 5), recipe("normal", 222, 5)), (recipe("normal", 223, 300), recipe("normal", 224, 300)),
                      (recipe("normal", 225, 300, shift=1e6), recipe("normal", 226, 300, shift=1e6)),
                      (recipe("discrete", 227, 100), recipe("discrete", 228, 100)), (recipe("heavy", 229, 400), recipe("heavy", 230, 400))]:
    truth, prediction = sample(first), sample(second)
    case("regression", {
        "rmse": math.sqrt(metrics.mean_squared_error(truth, prediction)), "mae": metrics.mean_absolute_error(truth, prediction),
        "r2": metrics.r2_score(truth, prediction), "mape": metrics.mean_absolute_percentage_error(truth, prediction),
        "q10": metrics.mean_pinball_loss(truth, prediction, alpha=0.1), "q50": metrics.mean_pinball_loss(truth, prediction, alpha=0.5)},
        a=first, b=second)

# Multiple testing

for seed, n in [(301, 1), (302, 5), (303, 30), (304, 500)]:
    p = uniforms(seed, n) ** 3
    case("multiple", {
        "bonferroni": multitest.multipletests(p, method="bonferroni")[1], "holm": multitest.multipletests(p, method="holm")[1],
        "bh": multitest.multipletests(p, method="fdr_bh")[1], "by": multitest.multipletests(p, method="fdr_by")[1]}, p=[seed, n])


def lord_levels(p, level, wealth):
    """The definition, term by term."""
    gamma = lambda j: 0.07720838 * math.log(max(j, 2)) / (j * math.exp(math.sqrt(math.log(j)))) if j > 0 else 0.0
    found, levels = [], []
    for t in range(1, len(p) + 1):
        a = wealth * gamma(t) + sum(((level - wealth) if i == 0 else level) * gamma(t - tau) for i, tau in enumerate(found))
        levels.append(a)
        if p[t - 1] <= a:
            found.append(t)
    return levels, found


def saffron_levels(p, level, lam, wealth):
    gamma = lambda j: 0.4374901658 * j**-1.6 if j > 0 else 0.0
    candidate = [x <= lam for x in p]
    found, levels = [], []
    for t in range(1, len(p) + 1):
        a = wealth * gamma(t - sum(candidate[: t - 1]))
        for i, tau in enumerate(found):
            after = sum(candidate[tau : t - 1])
            a += ((1 - lam) * level - (wealth if i == 0 else 0)) * gamma(t - tau - after)
        a = min(lam, a)
        levels.append(a)
        if p[t - 1] <= a:
            found.append(t)
    return levels, found


for seed in [311, 312]:
    p = uniforms(seed, 300)
    p = np.where(uniforms(seed + 50, 300) < 0.15, p * 1e-5, p)
    levels, found = lord_levels(p, 0.05, 0.005)
    case("lord", {"levels": levels[::10], "found": found}, p=[seed])
    levels, found = saffron_levels(p, 0.05, 0.5, 0.0125)
    case("saffron", {"levels": levels[::10], "found": found}, p=[seed])

# Sequential inference

for a, b, s, n, p0 in [(0.5, 0.5, 3, 10, 0.1), (0.5, 0.5, 0, 50, 0.02), (2, 18, 40, 400, 0.08), (1, 1, 5000, 100_000, 0.049), (0.5, 0.5, 7, 7, 0.6)]:
    log_null = special.xlogy(s, p0) + special.xlog1py(n - s, -p0)
    base = special.betaln(a + s, b + n - s) - special.betaln(a, b) - log_null
    case("proportion_e", {
        "two": base, "greater": base + np.log(special.betaincc(a + s, b + n - s, p0) / special.betaincc(a, b, p0)),
        "less": base + np.log(special.betainc(a + s, b + n - s, p0) / special.betainc(a, b, p0))}, p=[a, b, s, n, p0])
for shares, counts in [([0.5, 0.5], [510, 490]), ([0.1, 0.9], [150, 900]), ([0.3, 0.3, 0.4], [2900, 3100, 4000])]:
    alpha = 100 * np.array(shares)
    c = np.array(counts)
    e = special.gammaln(100) - special.gammaln(100 + c.sum()) + np.sum(special.gammaln(alpha + c) - special.gammaln(alpha)) - np.sum(c * np.log(shares))
    case("sample_ratio", {"log_e": e, "p": stats.chisquare(c, np.array(shares) * c.sum()).pvalue}, x=shares, y=counts)
for mean, variance, tau, n, total in [(0, 1, 0.25, 10, 8.0), (2, 9, 1, 500, 1100.0), (0, 0.04, 0.0001, 10_000, 30.0)]:
    # The mixture by numerical integration, not by its closed form.
    peak = n * (total / n - mean) ** 2 / (2 * variance)
    value, _ = integrate.quad(lambda d: math.exp(d * (total - n * mean) / variance - n * d * d / (2 * variance) - peak) * stats.norm.pdf(d, 0, math.sqrt(tau)),
                              -40 * math.sqrt(tau), 40 * math.sqrt(tau), points=[total / n - mean], limit=1000, epsabs=0, epsrel=1e-12)
    case("mixture_sprt", {"log_e": math.log(value) + peak}, p=[mean, variance, tau, n, total])


def group_bounds(times, level, sides, spend):
    """Armitage, McPherson and Rowe's recursion on a fine grid by Simpson's rule."""
    density, grid, before, spent, bounds = None, None, 0.0, 0.0, []
    for t in times:
        target = sides * spend(t, level / sides) - spent
        step = math.sqrt(t - before)
        def exit(z):
            limit = z * math.sqrt(t)
            if density is None:
                return sides * stats.norm.sf(z)
            upper = stats.norm.sf((limit - grid) / step) + (stats.norm.cdf((-limit - grid) / step) if sides == 2 else 0)
            return integrate.simpson(density * upper, x=grid)
        from scipy.optimize import brentq
        z = brentq(lambda z: math.log(exit(z)) - math.log(target), 0.2, 12, xtol=1e-13, rtol=1e-14)
        bounds.append(z)
        limit = z * math.sqrt(t)
        new = np.linspace(-limit if sides == 2 else -9 * math.sqrt(t), limit, 1201)
        if density is None:
            density = stats.norm.pdf(new / step) / step
        else:
            density = np.array([integrate.simpson(density * stats.norm.pdf((w - grid) / step) / step, x=grid) for w in new])
        grid, before, spent = new, t, spent + target
    return bounds


spends = {
    "obf": lambda t, a: 2 * stats.norm.sf(stats.norm.isf(a / 2) / math.sqrt(t)), "pocock": lambda t, a: a * math.log(1 + (math.e - 1) * t),
    "power2": lambda t, a: a * t**2, "hsd-4": lambda t, a: a * (1 - math.exp(4 * t)) / (1 - math.exp(4)),
}
for name, spend in spends.items():
    for times, level, sides in [([0.2, 0.4, 0.6, 0.8, 1.0], 0.05, 2), ([0.3, 0.9, 1.0], 0.025, 1)]:
        cases.append({"f": "group_sequential", "name": name, "p": [level, sides], "x": times, "o": {"bounds": clean(group_bounds(times, level, sides, spend))}})

path = pathlib.Path(__file__).with_name("cases.json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"wrote {len(cases)} cases, {path.stat().st_size} bytes")
