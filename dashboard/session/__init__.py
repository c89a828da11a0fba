"""A visitor's own state, each module with its own session keys."""
