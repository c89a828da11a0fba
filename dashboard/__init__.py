"""What is seen. Imports core.experiment, core.tables and core.runs, never core.learning: this process has no TensorFlow."""
