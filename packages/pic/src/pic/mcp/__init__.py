"""The record for any agent that speaks the Model Context Protocol: `pic mcp`, on stdin and stdout.

By hand and on the standard library: the protocol is lines of JSON, and the official SDK would bring thirty packages to
a tool that has none. It speaks both of the protocol's eras, and the tests hold it against the official client in both.
"""
