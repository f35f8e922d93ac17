"""The one truth: tables, migrations and repositories on SQLite or PostgreSQL. When to write what is `runtime`'s to decide."""
