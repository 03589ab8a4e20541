-- prefix. When this tenant wants to be looked at next, in milliseconds; -1 for not at all.
return next_due()
