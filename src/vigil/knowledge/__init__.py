"""The knowledge base: documents in, entries and revisions kept, a question in, an answer with its evidence out, or nothing."""
