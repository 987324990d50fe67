//! The only place that knows there are two databases.
