"""Chatterbox by Resemble AI."""
