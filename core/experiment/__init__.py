"""What a person describes: the experiment as one frozen value, and the pure functions that edit and read it. Plain
Python.
"""
