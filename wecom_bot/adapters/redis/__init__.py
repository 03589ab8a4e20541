"""Redis or Valkey: the inbox, the ledger of delivery, and what processes share. No other folder knows a key."""
