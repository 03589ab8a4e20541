"""Why a number cannot be shown."""


class NotShown(Exception):
    """The format is outside of what we can show, or shows nothing but ####; says which, for people."""
