"""What a search varies: the space of settings around an experiment, read from the catalog's rows, and who proposes the
next trial."""
