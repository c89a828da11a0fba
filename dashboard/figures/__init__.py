"""Numbers to figures: Plotly and SVG; no streamlit."""
