"""Writes nannyml.json: NannyML's own answers for the drift measures that it shares with the room.

    python3 -m venv /tmp/nannyml && /tmp/nannyml/bin/pip install -r requirements-nannyml.txt
    NML_DISABLE_USAGE_LOGGING=1 /tmp/nannyml/bin/python generate_nannyml.py

Same form as cases.json.
"""

import json
import pathlib
import warnings

import numpy as np
import pandas as pd
from nannyml.chunk import SizeBasedChunker
from nannyml.drift.univariate.methods import FeatureType, MethodFactory
from nannyml.thresholds import ConstantThreshold

from streams import sample, uniforms

warnings.simplefilter("ignore")


def answer(key, kind, reference, current):
    method = MethodFactory.create(key, kind, chunker=SizeBasedChunker(chunk_size=len(reference)), threshold=ConstantThreshold(upper=0.1))
    method.fit(pd.Series(reference, name="x"))
    return float(method.calculate(pd.Series(current, name="x")))


cases = []
numbers = [("normal", 401, 900, 402, 300, 0), ("skewed", 403, 500, 404, 800, 0.1), ("heavy", 405, 400, 406, 400, 0), ("uniform", 407, 2000, 408, 100, 0.2),
           ("zeros", 409, 700, 410, 700, 0), ("normal", 411, 5000, 412, 2000, 0.5)]
for shape, seed, n, seed2, m, shift in numbers:
    first, second = {"shape": shape, "seed": seed, "n": n}, {"shape": shape, "seed": seed2, "n": m, "shift": shift}
    a, b = sample(first), sample(second)
    answers = {key: answer(key, FeatureType.CONTINUOUS, a, b) for key in ["kolmogorov_smirnov", "wasserstein", "jensen_shannon", "hellinger"]}
    cases.append({"f": "nannyml_numbers", "a": first, "b": second, "o": answers})
for seed, n, m, categories in [(421, 300, 200, 5), (422, 1000, 50, 20), (423, 100, 100, 2), (424, 5000, 5000, 3)]:
    a = np.floor(uniforms(seed, n) ** 2 * categories)
    b = np.floor(uniforms(seed + 50, m) * (categories + (1 if categories > 2 else 0)))
    levels = sorted(set(a) | set(b))
    answers = {key: answer(key, FeatureType.CATEGORICAL, [f"c{v:02.0f}" for v in a], [f"c{v:02.0f}" for v in b])
               for key in ["chi2", "jensen_shannon", "hellinger", "l_infinity"]}
    cases.append({"f": "nannyml_categories", "x": [int((a == v).sum()) for v in levels], "y": [int((b == v).sum()) for v in levels], "o": answers})

path = pathlib.Path(__file__).with_name("nannyml.json")
path.write_text("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(f"wrote {len(cases)} cases")
