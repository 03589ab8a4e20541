"""Article search by Elasticsearch 8: candidates are found there, and ranked here, as the embedded search does.

Imported only where WECOM_BOT_SEARCH_URL is set: the client alone takes tens of megabytes.
"""
