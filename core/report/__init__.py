"""A result as one HTML file: a template, a style sheet, scripts, and the function that puts them together."""
