"""Vigil's HTTP doors: the REST API and the webhooks' way in. What is behind them comes in from outside, as `services.Services`."""
