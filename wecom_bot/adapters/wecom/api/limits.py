"""WeCom's own numbers: sizes in bytes of UTF-8, counts, and how long things live."""

from datetime import timedelta

from wecom_bot.adapters.sharing import Most

TEXT = 2048  # content of a text, in both channels (pages 90236, 94677); a longer one is cut by WeCom

MENU_HEAD = 1024  # head_content of a msgmenu (page 94677)
MENU_ITEMS = 10
MENU_ITEM_ID = 128
MENU_ITEM_TEXT = 128

URL = 2048
LINK_TITLE, LINK_DESCRIPTION = 128, 512  # of a link and a textcard
MINIPROGRAM_TITLE = 64  # in 微信客服 (page 94677)
NOTICE_TITLE = 36  # title and description of a miniprogram_notice: twelve Chinese characters (page 90236)

KF_REPLIES = 5  # messages that an account may send for each message of a customer (page 94677)
KF_PARTS = KF_REPLIES - 1  # of a reply: the last one is for the notice that a servicer comes
PARTS = 5  # of a reply of an app, which has no such limit: more, and nobody reads them
KF_PAGE = 1000  # items that kf/sync_msg gives at most (page 94670)
KF_ACCOUNTS = 100  # accounts that kf/account/list gives at most (page 94661)
CONTACTS = 100  # customers that kf/customer/batchget is asked for at once

PICTURE = 10 * 1024 * 1024  # bytes of an image (page 90253)
MEDIA_LEAST = 6  # bytes of any file: more than five
MEDIA_LIFE = timedelta(days=3)

DUPLICATE_CHECK = timedelta(hours=4)  # how far back message/send can look for an identical request (page 90236)

TOKEN_LIFE = timedelta(hours=2)  # what gettoken says when it does not say (page 91039)

# One corp may call one API 10 000 times a minute and 150 000 times an hour (page 90312). We take nine tenths: other
# programs of the corp call it, too, and what we count as the last of a minute may arrive as the first of the next.
CALLS = (Most(9_000, timedelta(minutes=1)), Most(135_000, timedelta(hours=1)))
BLOCK = timedelta(seconds=60)  # how long an API is closed after its limit for a minute (page 90312)
LONGEST_BLOCK = timedelta(minutes=60)  # and after its limit for an hour
CROWD = timedelta(seconds=1)  # how long to leave an API alone that was called too often at once: up to twice as long,
LONGEST_CROWD = timedelta(seconds=30)  # and longer each time it comes again, so that ever fewer come back at once

# What a member gets from an app beyond 30 messages a minute or 1000 an hour, WeCom drops without a word (page 90236).
# We count when we send and WeCom when it arrives: the spans are longer by what a message may be on its way.
MEMBER = (Most(30, timedelta(seconds=70)), Most(1_000, timedelta(minutes=61)))
