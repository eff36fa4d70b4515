"""A PostgreSQL backend that tells each transaction its scope."""
