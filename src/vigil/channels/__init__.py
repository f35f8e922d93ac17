"""Ways in from people and out to them: each folder turns one system's events into arrivals and Vigil's posts into that system's."""
