"""The screen: what the page and the headless renderer share, and the renderer."""
