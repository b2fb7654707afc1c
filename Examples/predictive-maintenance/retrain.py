"""The retraining command of the policy: trains on all plants and registers the new version like any other.

Martlet starts it as a confined child with MLFLOW_TRACKING_URI, a short-lived narrow key and the model's name in its environment.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import train

MODEL = os.environ.get("MARTLET_MODEL", "pump-failure")
REASON = os.environ.get("MARTLET_RETRAINING_REASON", "by hand")


def main():
    version, metrics = train.train(
        MODEL,
        "forest",
        ["A", "B", "C", "D"],
        seed=11,
        description=f"Retrained on plants A to D ({REASON}).",
        card="Random forest on seven readings of a pump, both sensor series. Not for pumps above 500 kW.",
    )
    print(f"registered {MODEL} version {version}: recall {metrics['recall']:.3f}, accuracy {metrics['accuracy']:.3f}")


if __name__ == "__main__":
    main()
