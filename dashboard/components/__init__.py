"""Components of our own: a folder each, with its script and styles in files."""
