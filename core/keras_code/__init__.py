"""The Keras program of an experiment, and the way back from a program, a configuration or a .keras file. Read as data,
never run.
"""
