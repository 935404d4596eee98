"""Runs what candidates program where it can do no harm: beside the gateway, each case in a sandbox."""
