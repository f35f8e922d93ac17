"""How well the gate hears what wants an answer: recorded channels and tickets with labels, training, scores."""
