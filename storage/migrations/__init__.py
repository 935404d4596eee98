"""Schema history, run by `Database.migrate`."""
