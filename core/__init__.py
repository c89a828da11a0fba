"""Layerdeck without its screen: experiments, tables, learning and runs. Nothing here imports streamlit."""

__version__ = "0.2.0.dev0"  # Its one place: pyproject.toml, the page, the command, runs and programs read it here.
