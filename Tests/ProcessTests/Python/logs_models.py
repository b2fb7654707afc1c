"""Logs and registers models of several kinds with the official client; prints their names, one a line.

Given a folder, writes what each model answers in Python there: NAME.npz with the inputs and ONNX Runtime's or scikit-learn's answers.
"""

import sys
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy
import pandas
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import GradientBoostingRegressor, HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

random = numpy.random.default_rng(7)


def log(name, model, frame, reference=None):
    with mlflow.start_run(run_name=name):
        if reference is not None:
            reference.to_csv("/tmp/reference.csv", index=False)
            mlflow.log_artifact("/tmp/reference.csv")
        mlflow.sklearn.log_model(
            model, name="model", input_example=frame.head(5), registered_model_name=name, serialization_format="cloudpickle"
        )
    print(name, flush=True)


def main(kinds):
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    if "forest" in kinds:
        log("forest", RandomForestClassifier(20, random_state=0).fit(X, y), X, X)
    if "boosting" in kinds:
        frame, target = load_diabetes(return_X_y=True, as_frame=True)
        log("boosting", GradientBoostingRegressor(random_state=0).fit(frame, target), frame)
    if "pipeline" in kinds:
        rows = 600
        mixed = pandas.DataFrame(
            {"temperature": random.normal(60, 5, rows), "hours": random.integers(0, 1000, rows), "material": random.choice(["a", "b"], rows)}
        )
        label = ((mixed.temperature > 61) & (mixed.material == "a")).astype(int)
        steps = make_column_transformer((StandardScaler(), ["temperature", "hours"]), (OneHotEncoder(), ["material"]))
        log("pipeline", make_pipeline(steps, RandomForestClassifier(20, random_state=0)).fit(mixed, label), mixed, mixed)
    if "network" in kinds:
        log("network", make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=300, random_state=0)).fit(X, y), X)
    if "histogram" in kinds:
        log("histogram", HistGradientBoostingClassifier(max_iter=5).fit(X, y), X)


if __name__ == "__main__":
    mlflow.set_experiment("preparation")
    main(sys.argv[1:])
