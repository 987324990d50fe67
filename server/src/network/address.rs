//! Addresses of a coin: read, checked, spelled one way; and their scripts.
