"""What is true: tf.keras. The only package that imports TensorFlow."""
