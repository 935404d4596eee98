"""RTP as it comes from one peer: statistics, lost packets asked for, whole frames out (RFC 3550, 4585, 4588).

Pure logic without sockets, timers and cryptography: `media.aiortc_adapter` brings the packets, keeps the time
and carries the feedback.
"""
