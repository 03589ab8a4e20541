"""Postal addresses: of a region what helps the shop stays, the street and house go."""

import re

_PROVINCES = (
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州"
    "|云南|陕西|甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门"
)
_PROVINCE = r"(?:[省市]|(?:维吾尔|壮族|回族)?自治区|特别行政区)?"
_CITY = r"[一-龥]{2,6}?(?:市|自治州|地区|盟)"
_DISTRICT = r"[一-龥]{1,5}?[区县旗市]"
_HOUSE = "号楼|号院|号|弄|栋|幢|座|单元|层|楼|室|户"
_PLACE = "大学|学院|校区|大厦|小区|公寓|广场|中心|花园|家园|新村|园区|宿舍"
_STREET = (
    r"[一-龥A-Za-z0-9]{1,25}?(?:路|街|道|巷|弄|胡同|村|镇|乡|庄|里|园|苑|城|小区|大厦|广场|段)[东南西北中段]{0,3}"
    rf"[0-9]+(?:{_HOUSE})?(?:[一-龥A-Za-z0-9#\-]{{0,10}}?(?:{_HOUSE}|{_PLACE}|[0-9]{{2,4}}(?![0-9]))|[0-9]+)*"
)

_NUMBERED = "(?=[一-龥A-Za-z]{1,60}+[0-9])"  # looked for first: most text has none, and the rest costs more

WITH_PROVINCE = re.compile(rf"{_NUMBERED}(?P<kept>(?:{_PROVINCES}){_PROVINCE}(?:{_CITY})?{_DISTRICT}?){_STREET}")
WITHOUT_PROVINCE = re.compile(rf"{_NUMBERED}(?P<kept>{_CITY}{_DISTRICT}|{_DISTRICT}){_STREET}")
