"""Invented networks of 1,000 to 1,000,000 services, for measuring: same seed, same network.

Everything is learnt from the demo network (fixtures/reseau.xlsx): words, proportions, which fields go together. Proper
names are put together anew, so that the vocabulary of the index grows as a real one does.
"""
