"""Domain-free helpers: working calendar, text, the embedded database."""
