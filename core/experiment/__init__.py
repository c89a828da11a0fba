"""What a person describes: the experiment, what may be chosen in it, advice about it, and the program it stands for. Plain Python."""
