//! Raw transactions taken apart: inputs, outputs, txid, size (BIP 144 serialisation).
