"""What happened: trainings handed to a worker, watched while they run, and kept as MLflow runs."""

import os

# MLflow tells its makers how it is used, over the internet, where this is not set before it is imported.
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
