"""How residents write what identifies them: a pattern for each rule, and what its value must be besides. On the copy that `personal_data` makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from analysis.text.identifiers import is_card, is_computer_address, is_date, is_identity_number, is_mrz


@dataclass(frozen=True)
class Rule:
    """What the group `v` of the pattern holds is personal if `check` agrees."""

    name: str
    kind: str
    pattern: re.Pattern[str]
    check: Callable[[str], bool] = bool


def _digits(text: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", text)


def _any(words: str) -> str:
    """An alternative of words that are written one after the other, the longest first."""
    return "|".join(sorted((word.replace("~", r"\s?") for word in words.split()), key=len, reverse=True))


_GAP = r"[\s:=\-/|()\"'“”「」#№，,、]{0,3}"
_LATIN_LINKS = _any("number no num id is was me at card permit nummer ist numéro est número es")
_OTHER_LINKS = _any(
    "no[.] nr[.] n° nº 搜 加 聊 编号 編號 号码 號碼 号 號 码 账号 帐号 賬號 帳號 是 为 為 就是 的 证 證 卡 身份证 번호가 번호는 번호 아이디는 아이디가 아이디 는 은 이 가 카드 증"
    " 番号は 番号が 番号 の は が アカウント カード 証 номер мой это رقمي رقم هو"
)
_LINK = rf"{_GAP}(?:(?:(?:{_LATIN_LINKS})(?![a-z])|{_OTHER_LINKS}){_GAP}){{0,4}}"
"""What stands between the word that says what comes and the value itself. It is short, so that a value far off is not meant."""


def _rule(name: str, kind: str, pattern: str, check: Callable[[str], bool] = bool) -> Rule:
    return Rule(name, kind, re.compile(pattern, re.IGNORECASE), check)


# Messengers

_APPS = _any(
    "微信 薇信 威信 v信 wechat we~chat weixin 위챗 웨이신 ウィーチャット вичат 카카오톡 카톡 kakao~talk kakao カカオトーク カカオ telegram 电报 텔레그램 テレグラム"
    " телеграм телеграмм телега whatsapp 왓츠앱 ワッツアップ вотсап ватсап instagram insta 인스타그램 인스타 インスタ 小红书 小紅書 抖音 微博 weibo"
)
_SHORT_APPS = r"(?<![a-z0-9])(?:(?:wx|vx|tg|ig|ins|qq)(?![a-z])|[wv]x(?=[a-z]+[a-z\-]*[\d_]))"
"""Two letters are glued to what follows only in Chinese text: wxlin_2024."""
_LINE = r"(?:(?-i:\bLINE|(?<=[^\x00-\x7f])LINE)|ライン|라인)"
_HANDLE = r"(?P<v>(?:@|(?!v\d+\.)(?=[a-z0-9_.\-]*[\d_]))[a-z][a-z0-9_.\-]{2,28}[a-z0-9_])(?![a-z0-9_@])"
_STRONG = rf"(?:\s?(?:id|号码|号|號|账号|帐号|帳號|아이디[는가]?|のid|アカウント)\s?(?:是|为|is|は|が|는|은)?{_GAP}|\s?[:=]\s?)"
_PLAIN = r"(?P<v>@?[a-z][a-z_.\-]{4,18}[a-z])(?![a-z0-9_@\-]|\.[a-z0-9]|\s+[a-z])"
"""A name of letters alone is only taken after "ID" or a colon, and where no sentence goes on: "WeChat: payment fails"."""
_NO_HANDLES = frozenset(["wechat", "weixin", "group", "please", "online", "mobile", "account", "number", "payment", "public", "official", "mini"])

# Addresses

_N = r"(?:\d{1,4}|[一二三四五六七八九十]{1,3}|(?<![a-z])[a-z])"
_ROOM = r"(?:\d{3,4}|[零〇一二三四五六七八九]{3,4})(?:室|号房|號房|房间|房|号|號)?(?![\d零〇一二三四五六七八九年月元块个個多米户戶人点點%平路会會活办辦教诊診])"
_BUILDING, _UNIT, _BREAK = rf"{_N}(?:号楼|號樓|栋|棟|幢|座|号院|號院)", rf"{_N}(?:单元|單元|门|門)", r"[\s,，、\-·]{0,2}"
_FLOOR = rf"(?:{_N}(?:层|層|楼|樓){_BREAK})?"
_EN_N = r"\s*(?:no\.?\s*|number\s*|#\s*)?(?:[a-z]?-?\d{1,4}(?-i:[A-Za-z])?|(?-i:[A-Z]))(?![a-z0-9])"
_EN_PART = rf"(?:building|bldg\.?|tower|block|unit|entrance|room|rm\.?|apartment|apt\.?|flat|suite|floor){_EN_N}"
_EN_BREAK = r"[\s,\-/]{1,3}(?:(?:of|in)\s)?"
_EN_HOME = r"(?:apartment|apt\.?|flat|appartement|wohnung|departamento|квартира|кв\.)"
_EN_UNITS = r"(?!\s*(?:-|to\b|yuan|rmb|cny|%|percent|fee|bed|room|people|m2|m²|sq|square|unit|house|per|minute|hour|day|year|м2|м²|кв|qm))"

# Numbers with spaces: no digit before, none after

_START, _END = r"(?<!\d)", r"(?!\d)"
_SITES = _any(
    r"weibo[.]com weibo[.]cn xiaohongshu[.]com xhslink[.]com douyin[.]com bilibili[.]com zhihu[.]com instagram[.]com facebook[.]com"
    r" twitter[.]com x[.]com tiktok[.]com linkedin[.]com vk[.]com t[.]me wa[.]me line[.]me github[.]com youtube[.]com threads[.]net"
    r" u[.]wechat[.]com qm[.]qq[.]com open[.]kakao[.]com blog[.]naver[.]com ok[.]ru"
)
_PROVINCE_SIGNS = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"


def _is_document(value: str) -> bool:
    number = _digits(value)
    return sum(map(str.isdigit, number)) >= 5 and not is_date(number)


def _is_plate(value: str) -> bool:
    return any(map(str.isdigit, value[2:]))


def _is_mrz_text(value: str) -> bool:
    return is_mrz(value.rsplit(maxsplit=1)[-1])


RULES = (
    _rule("mrz", "passport", r"(?<![a-z0-9<])(?P<v>(?:[PV][a-z<][a-z<]{34,42}\s+)?(?=[a-z0-9<]*<)[a-z0-9<]{30,44})(?![a-z0-9<])", _is_mrz_text),
    _rule(
        "passport",
        "passport",
        rf"(?:{_any('护照 護照 여권 旅券 パスポート passports? паспорта? паспорт passeport reisepass pasaporte جواز~السفر جواز~سفر جواز')}){_LINK}"
        r"(?P<v>[a-z]{0,2} ?\d{6,9}|[a-z]\d{3}[a-z]\d{4}|[a-z0-9]{6,9})(?![a-z0-9])",
        _is_document,
    ),
    _rule("russian_passport", "passport", rf"паспорт[а-я]{{0,3}}{_LINK}(?P<v>\d\d ?\d\d ?\d{{6}}|\d\d ?\d{{7}}){_END}"),
    _rule(
        "permit",
        "permit",
        rf"(?:{_any('回乡证 回鄉證 回乡卡 通行证 通行證 台胞证 台胞證 臺胞證 台胞証 回郷証 通行証 귀향증 대만동포증 통행증')}"
        rf"|home.?return permit|(?:taiwan )?compatriot(?:'?s)? permit|travel permit|mainland travel permit){_LINK}(?P<v>[hm]\d{{8,10}}|\d{{8}})(?![a-z0-9])",
        _is_document,
    ),
    _rule(
        "identity_number",
        "id_number",
        rf"{_START}(?=(?P<v>\d(?:[ -]?\d){{16}}[ -]?[\dx]){_END})",
        lambda value: is_identity_number(_digits(value)),
    ),
    _rule(
        "card_of_2017",
        "id_number",
        rf"(?:永久居留|永居|永住|居留|身份证|身份證|绿卡|綠卡|영주|외국인|permanent residen\w*|residence|\bpr card|green card){_LINK}"
        r"(?P<v>[a-z]{3} ?\d{12})(?![a-z0-9])",
    ),
    _rule(
        "bank_card",
        "card",
        rf"{_START}(?=(?P<v>\d{{13,19}}|\d{{4}}(?:[ -]\d{{4}}){{3}}(?:[ -]\d{{1,3}})?|\d{{6}}[ -]\d{{10,13}}|\d{{4}}[ -]\d{{6}}[ -]\d{{5}}){_END})",
        lambda value: is_card(_digits(value)),
    ),
    _rule("chat_handle", "chat_id", rf"(?:{_APPS}|{_SHORT_APPS}){_LINK}{_HANDLE}"),
    _rule("chat_name", "chat_id", rf"(?:{_APPS}|{_SHORT_APPS}){_STRONG}{_PLAIN}", lambda value: value.lower() not in _NO_HANDLES),
    _rule("wechat_account", "chat_id", r"(?<![a-z0-9])(?P<v>wxid_[a-z0-9]{4,28})(?![a-z0-9])"),
    _rule("line", "chat_id", rf"{_LINE}(?:{_STRONG}|\s?[はが]?\s?(?=@)){_HANDLE}"),
    _rule("line_name", "chat_id", rf"{_LINE}{_STRONG}{_PLAIN}", lambda value: value.lower() not in _NO_HANDLES),
    _rule("qq", "chat_id", rf"(?:(?<![a-z0-9])qq|扣扣|企鹅号)群?{_LINK}(?P<v>[1-9]\d{{4,10}}){_END}"),
    _rule("email", "email", r"(?<![a-z0-9._%+\-])(?P<v>[a-z0-9._%+\-]+(?:@| @ | ?\[at\] ?| ?\(at\) ?)(?:[a-z0-9\-]+\.)+[a-z]{2,})(?![a-z0-9])"),
    _rule(
        "email_in_words",
        "email",
        r"(?<![a-z0-9._%+\-])(?P<v>[a-z0-9._%+\-]+ ?(?: at |\(at\)|\[at\]) ?[a-z0-9\-]+(?: ?(?: dot |\(dot\)|\[dot\]) ?[a-z0-9\-]+)+)(?![a-z0-9])",
    ),
    _rule("site_of_people", "url", rf"(?<![a-z0-9@.\-])(?P<v>(?:https?://)?(?:[a-z0-9\-]+\.)?(?:{_SITES})/[a-z0-9@_][a-z0-9@_./?=&%\-]*(?<![.?&]))"),
    _rule(
        "page_of_a_person",
        "url",
        r"(?P<v>(?:https?://|www\.)[a-z0-9.\-]+/(?:[a-z0-9_/\-]*/)?(?:@|~|u/|users?/|profile/|people/|[?]uid=|[a-z]+[?](?:uid|user|id)=)[a-z0-9_][a-z0-9_./?=&%\-]*(?<![.?&]))",
    ),
    _rule("ipv4", "ip", r"(?<![\d.第])(?<!v)(?<!v )(?<!version )(?<!版本)(?<!版本 )(?<!버전 )(?P<v>\d{1,3}(?:\.\d{1,3}){3})(?![\d.]*\d|\.\w|[条條项項款章节節号版])", is_computer_address),
    _rule("ipv6", "ip", r"(?<![0-9a-z:])(?P<v>(?=[0-9a-f:]*\d)(?:[0-9a-f]{1,4}:{1,2}){3,7}[0-9a-f]{1,4})(?![0-9a-z:])", is_computer_address),
    _rule("plate", "plate", rf"(?P<v>[{_PROVINCE_SIGNS}][a-hj-np-z][ ·.・\-]?(?:[a-hj-np-z0-9]{{6}}|[a-hj-np-z0-9]{{5}}|[a-hj-np-z0-9]{{4}}[学警挂港澳]))(?![a-z0-9])", _is_plate),
    _rule("embassy_plate", "plate", r"(?P<v>[使领][ ·]?\d{3}[ ·]?\d{3})(?![\d人元个個多名户戶万年])"),
    _rule(
        "chinese_home",
        "address",
        rf"(?P<v>(?:{_BUILDING}{_BREAK}){{1,3}}{_UNIT}(?:{_BREAK}{_FLOOR}{_ROOM})?|(?:{_BUILDING}{_BREAK}){{1,3}}{_FLOOR}{_ROOM}|{_UNIT}{_BREAK}{_FLOOR}{_ROOM})",
    ),
    _rule("room_of_a_home", "address", rf"(?:住|家在|我家|地址|门牌|房号){_GAP}(?:在|是)?{_GAP}(?P<v>\d{{3,4}}(?:室|号房|房)|\d{{1,3}}-\d{{1,2}}-\d{{3,4}}|\d{{1,3}}-\d{{3,4}}(?=室|$|[,，。]))"),
    _rule("numbers_of_a_home", "address", rf"(?:小区|小區|家园|花园|公寓|社区|[苑园里区]){_GAP}(?P<v>\d{{1,3}}-\d{{1,2}}-\d{{3,4}}){_END}"),
    _rule("english_home", "address", rf"\b(?P<v>{_EN_PART}(?:{_EN_BREAK}{_EN_PART}){{1,4}}(?:{_EN_BREAK}#?\d{{3,4}}{_END})?|(?:building|bldg\.?|tower|block|unit){_EN_N}[\s,\-/]{{1,3}}#?(?!(?:19|20)\d\d)\d{{3,4}}(?![\d:]|\.\d){_EN_UNITS})"),
    _rule("english_flat", "address", rf"\b(?P<v>{_EN_HOME}\s*(?:no\.?\s*|#\s*|№\s*)?(?:\d{{1,3}}-\d{{1,2}}-\d{{3,4}}|\d{{2,4}}[a-z]?|\d[a-z])(?![a-z0-9])){_EN_UNITS}"),
    _rule("english_room", "address", rf"(?:live in|living in|live at|my address is|address:)\s+(?P<v>(?:room|unit|suite){_EN_N})"),
    _rule("korean_home", "address", r"(?<![\da-z])(?P<v>(?:\d{1,4}|[a-z])동\s?(?:\d{1,2}(?:층|단원|유닛|라인)\s?)?\d{2,4}호)(?!선)"),
    _rule("korean_room", "address", r"(?<!\d)(?P<v>\d{3,4}호)실?(?=에\s?(?:살|거주|사는|삽))"),
    _rule("japanese_home", "address", rf"(?P<v>(?:{_N}(?:号棟|号館|棟){_BREAK}(?:\d{{1,2}}階\s?)?)?(?<!\d)\d{{3,4}}号室)"),
    _rule("japanese_block", "address", r"(?<!\d)(?P<v>\d{1,2}丁目\d{1,3}(?:番地?|-)(?:の?\d{1,3}号?)?(?:\s?\d{3,4}号室?)?|\d{1,4}番地(?:の\d{1,3})?)"),
    _rule("japanese_building", "address", rf"(?P<v>{_N}(?:号棟|号館){_BREAK}\d{{3,4}}(?:号室?)?)(?![\d年円元人])"),
)  # fmt: skip
