"""The language: comparing texts, personal data in them, plain words for a chat window, and what a message says."""
