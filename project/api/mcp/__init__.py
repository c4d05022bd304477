"""The Model Context Protocol, for assistants: `POST /mcp`, stateless. Each tool is one request of
the API, made here: who may what, once and in which words is decided there."""
