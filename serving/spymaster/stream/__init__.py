"""The stream: published surfaces as Arrow over HTTP and a WebSocket."""
