"""Layerdeck without its screen: experiments, tables, learning and runs. Nothing here imports streamlit."""
