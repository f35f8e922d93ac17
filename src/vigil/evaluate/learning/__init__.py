"""How much was learned from raw tickets: in the order of time, learning from each when it ends, helping in the next."""
