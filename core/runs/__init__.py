"""What happened: trainings handed to a worker, watched while they run, and kept as MLflow runs."""
