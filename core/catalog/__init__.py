"""What may be chosen: layers, losses, metrics, optimizers, callbacks, kinds of columns. One row adds a thing
everywhere.
"""
