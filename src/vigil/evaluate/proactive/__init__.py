"""How much of what people looked up in the knowledge base would have been offered to their customers before."""
