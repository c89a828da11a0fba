"""What is seen. Imports what the page needs of core, never core.model, core.inspect or core.training: this process has
no TensorFlow.
"""
