"""A small support desk, written for the demo: Larkspur Cloud, a provider that doesn't exist. Its files stand in `desk/`."""
