"""tf.keras: what is built of an experiment, what feeds it, what scores it, and the model that is exported."""
