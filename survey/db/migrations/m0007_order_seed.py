"""The seed from which the random order of choices was drawn, with each answer (S43)."""

STATEMENTS = ['ALTER TABLE "response" ADD COLUMN "order_seed" INTEGER']
