//! The null backend does nothing.
