"""Every page and step in a real browser, a file a room; pictures and the accessibility check use it."""
