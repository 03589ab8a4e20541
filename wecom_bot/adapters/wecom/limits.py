"""WeCom's own numbers: sizes in bytes of UTF-8, counts, and how long things live."""

from datetime import timedelta

TEXT = 2048  # content of a text, in both channels (pages 90236, 94677); a longer one is cut by WeCom

MENU_HEAD = 1024  # head_content of a msgmenu (page 94677)
MENU_ITEMS = 10
MENU_ITEM_ID = 128
MENU_ITEM_TEXT = 128

KF_REPLIES = 5  # messages that an account may send for each message of a customer (page 94677)
KF_PAGE = 1000  # items that kf/sync_msg gives at most (page 94670)

DUPLICATE_CHECK = timedelta(hours=4)  # how far back message/send can look for an identical request (page 90236)

TOKEN_LIFE = timedelta(hours=2)  # what gettoken says when it does not say (page 91039)
BLOCK = timedelta(seconds=60)  # how long an API is closed after its limit for a minute (page 90312)
