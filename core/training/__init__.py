"""tf.keras: one training from a prepared table to its outcome."""
