"""The domain: events, the state of a session, scores and the report. No I/O of its own."""
