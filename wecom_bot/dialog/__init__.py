"""The mind: what to say to a customer, stage by stage, with no word of how it is sent."""
