"""The retraining command of the policy: trains on the old records and on the new data set, and registers the version like any other.

Martlet starts it as a confined child. MARTLET_DATASET names the new data set in its working folder: a CSV with a column a feature
and `label`, out of recorded predictions whose labels have come. MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, a key for this one
model that ends with the command, are all that it needs to log and register.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import pandas

import simulator
import train

# Of the new rows this share is kept for the evaluation.
HOLDOUT_SHARE = 0.3
# Fewer labelled rows teach nothing.
ROWS_AT_LEAST = 500
SEED = 11


def main():
    model, path = os.environ["MARTLET_MODEL"], os.environ["MARTLET_DATASET"]
    rows = int(os.environ["MARTLET_DATASET_ROWS"])
    if rows < ROWS_AT_LEAST:
        sys.exit(f"Only {rows} labelled rows have come; {ROWS_AT_LEAST} are needed.")
    new = pandas.read_csv(path).dropna().sample(frac=1, random_state=SEED)
    cut = int(len(new) * HOLDOUT_SHARE)
    training, holdout = train.history(["A", "B", "C"], SEED)
    # As many of the old rows as there are new ones: what the pumps read today is what matters.
    training = pandas.concat([training.head(len(new)), new.iloc[cut:]]).reset_index(drop=True)
    holdout = pandas.concat([holdout.head(cut), new.iloc[:cut]]).reset_index(drop=True)
    source = f"the records of plants A,B,C and {len(new)} new rows ({os.environ['MARTLET_DATASET_DIGEST'][:12]})"
    version, metrics = train.train(
        model,
        "forest",
        training,
        holdout,
        source,
        SEED,
        description=f"Retrained on {source}. Started by {os.environ['MARTLET_TRIGGER']}: {os.environ['MARTLET_REASON']}",
        card="Random forest on seven readings of a pump, both sensor series. Not for pumps above 500 kW.",
    )
    series = new[simulator.FEATURES[-1]].value_counts().to_dict()
    print(f"new rows by sensor series: {series}")
    print(f"registered {model} version {version}: " + ", ".join(f"{name} {value:.3f}" for name, value in metrics.items()))


if __name__ == "__main__":
    main()
