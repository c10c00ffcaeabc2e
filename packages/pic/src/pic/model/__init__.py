"""What a record is made of: events, the state they fold into, and the configuration. No input, no output."""
