"""How sure, how risky, and who may see it. Rules only: nothing here searches, writes or sends."""
