"""A channel may belong to a partner, who sees its totals."""

STATEMENTS = [
    """ALTER TABLE "channel" ADD COLUMN "partner" BIGINT REFERENCES "account" ("id") ON DELETE SET NULL""",
    """CREATE INDEX "channel_partner" ON "channel" ("partner") WHERE "partner" IS NOT NULL""",
    """CREATE INDEX "audit_event_actor" ON "audit_event" ("actor", "id")""",
]
