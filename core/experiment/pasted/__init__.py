"""A stack that comes back from Python source, a model's configuration or a `.keras` file; read as data, never run."""
