"""How well tickets are followed, beside what people say who read them."""
