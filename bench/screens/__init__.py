"""Every page and step in a real browser, one file for each room; pictures and the accessibility check use it."""
