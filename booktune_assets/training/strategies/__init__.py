"""Ways of not forgetting, one file each, all behind the protocol in ``base``."""
