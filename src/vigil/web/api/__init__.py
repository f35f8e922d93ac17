"""The REST API under /api/v1: one module a group of routes, their JSON in `schemas`. What the verbs do is behind the services."""
