"""Trains a failure model and registers it, with the unmodified MLflow client and scikit-learn.

    python train.py --model pump-failure --kind forest --plants A,B,C

Logged with the run: the data set, the metrics on a named holdout, the training rows with the model's own predictions as
reference.csv (what Martlet compares live traffic with), and the commit of this code.
"""

import argparse
import os
import subprocess
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")

import mlflow
from mlflow.models import infer_signature
from sklearn.compose import make_column_transformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score, precision_score, recall_score, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import simulator

TRAINING_ROWS = 6000
HOLDOUT_ROWS = 3000
CATEGORIES = ["material", "sensor_series"]
HOLDOUT = "holdout"


def estimator(kind):
    """The pilot is the first thing that one would try; the regression is good enough; the forest is better."""
    if kind == "pilot":
        tree = DecisionTreeClassifier(max_depth=2, random_state=0)
    elif kind == "regression":
        tree = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))
    else:
        tree = RandomForestClassifier(n_estimators=60, max_depth=10, min_samples_leaf=5, random_state=0, n_jobs=2)
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore"), CATEGORIES), remainder="passthrough", verbose_feature_names_out=False
    )
    return make_pipeline(columns, tree)


def in_fahrenheit(frame):
    """The mistake of the bad candidate: somebody's export had the temperature in Fahrenheit."""
    return frame.assign(temperature_c=frame.temperature_c * 9 / 5 + 32)


def commit():
    """The commit of this code; empty outside a repository."""
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        # Retraining runs as another user than the one who owns the repository, which it only reads.
        words = ["git", "-c", "safe.directory=*", "-C", here, "rev-parse", "HEAD"]
        found = subprocess.run(words, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return found.stdout.strip() if found.returncode == 0 else ""


def history(plants, seed):
    """Training rows and holdout rows out of the plants' own records."""
    return simulator.mix(plants, TRAINING_ROWS, seed), simulator.mix(plants, HOLDOUT_ROWS, seed + 1)


def train(name, kind, training, holdout, source, seed, description, card):
    """Trains, logs and registers one version; returns its number and its metrics. `source` says where the rows come from."""
    X, y = training[simulator.FEATURES], training[simulator.LABEL]
    if kind == "pilot":
        X, y = X.head(400), y.head(400)
    model = estimator(kind).fit(X, y)

    tested, truth = holdout[simulator.FEATURES], holdout[simulator.LABEL]
    predicted, scores = model.predict(tested), model.predict_proba(tested)[:, 1]
    metrics = {
        "accuracy": accuracy_score(truth, predicted),
        "precision": precision_score(truth, predicted, zero_division=0),
        "recall": recall_score(truth, predicted),
        "f1": f1_score(truth, predicted),
        "roc_auc": roc_auc_score(truth, scores),
    }

    mlflow.set_experiment("predictive-maintenance")
    with mlflow.start_run(run_name=f"{kind} on {source}") as run:
        if code := commit():
            mlflow.set_tag("mlflow.source.git.commit", code)
        mlflow.log_params({"kind": kind, "source": source, "seed": seed, "training_rows": len(X)})
        mlflow.log_input(mlflow.data.from_pandas(X.assign(label=y), source=source, targets="label", name="training"), "training")
        evaluation = mlflow.data.from_pandas(holdout, source=source, targets="label", name=HOLDOUT)
        mlflow.log_input(evaluation, "evaluation")
        mlflow.log_metrics(metrics, dataset=evaluation)
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "reference.csv")
            X.assign(label=y, prediction=model.predict(X)).to_csv(path, index=False)
            mlflow.log_artifact(path)
        logged = mlflow.sklearn.log_model(
            model,
            name="model",
            signature=infer_signature(X, model.predict(X.head(5))),
            input_example=X.head(5),
            serialization_format="cloudpickle",
            # Named, so that the client need not start a process to find out.
            pip_requirements=["scikit-learn", "pandas"],
        )
        client = mlflow.MlflowClient()
        try:
            client.create_registered_model(name)
        except mlflow.MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        tags = {"model_card": card} if card else None
        version = client.create_model_version(
            name, source=logged.model_uri, run_id=run.info.run_id, description=description or None, tags=tags, model_id=logged.model_id
        )
    return int(version.version), metrics


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--model", default="pump-failure", help="registered model")
    options.add_argument("--kind", choices=["pilot", "regression", "forest"], default="forest")
    options.add_argument("--plants", default="A,B,C", help="plants whose rows are trained on")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--description", default="")
    options.add_argument("--card", default="", help="the version's tag model_card")
    options.add_argument("--unit-error", action="store_true", help="train on Fahrenheit, as the bad candidate does")
    chosen = options.parse_args()
    training, holdout = history(chosen.plants.split(","), chosen.seed)
    if chosen.unit_error:
        training, holdout = in_fahrenheit(training), in_fahrenheit(holdout)
    source = f"the records of plants {chosen.plants}"
    version, metrics = train(
        chosen.model, chosen.kind, training, holdout, source, chosen.seed, chosen.description, chosen.card
    )
    print(f"{chosen.model} version {version}: " + ", ".join(f"{name} {value:.3f}" for name, value in metrics.items()))


if __name__ == "__main__":
    main()
