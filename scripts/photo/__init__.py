"""Pictures and figures of photos brought to speak."""
