//! Bitcoin Core and its derivates over JSON-RPC.
