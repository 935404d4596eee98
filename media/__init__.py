"""From RTP packets to model-ready samples on the session's media clock."""
