"""The JSON that the API takes and gives, one module a group of routes. Values inside the house are `domain`'s."""
