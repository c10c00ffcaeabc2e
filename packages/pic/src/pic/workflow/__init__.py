"""What the commands do: plain values in, events and documents out. No parsing and no printing."""
