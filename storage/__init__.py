"""SQL: sessions and the append-only event log of each."""
