"""The service over HTTP: a REST API of our own, and routes that clients of OpenAI and D-ID know already."""
