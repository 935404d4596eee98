"""The candidate's own encoded sound and picture to those who watch, without decoding (WHEP)."""
