"""One typed call to a language model, and texts to vectors. Nothing here knows what a ticket is."""
