"""tf.keras: looks into a network, and never changes a training."""
