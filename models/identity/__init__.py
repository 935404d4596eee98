"""Is this the person on the ID photo? Alignment, embedding, the gates of a photo and of an ID card.

Alignment, photo and card load no torch; the embedder does.
"""
