"""Faces in pictures: found, meshed, measured and cut out. Runs beside the packets: no torch in here."""
