"""How the ledger's database is reached: engine, schema, migrations, transactions."""
