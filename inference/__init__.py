"""The Ray Serve application: one deployment per model family, typed messages, and the gateway's client."""
