"""The honest comparison: every way of not forgetting at equal learning, beside what is free."""
