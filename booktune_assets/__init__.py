"""booktune: from a shelf of programming books to a fine-tuned model, page by page."""

__version__ = "0.1.0"
