"""The console: pages for analysts, and the customer's side of the built-in channel. What is shown and done comes from the desk's verbs."""
