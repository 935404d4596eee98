"""Other systems, one module per system behind one interface."""
