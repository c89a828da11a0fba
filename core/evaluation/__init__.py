"""How good, how sure and why: of predictions for rows that are not trained on; NumPy, pandas and scikit-learn."""
