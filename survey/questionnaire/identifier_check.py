"""Questions that ask who somebody is: refused unless they say why and for how long (S04, PIPL Art. 6, 17, 19).

It reads the words of questions that take a free answer. A question can ask for a name in words that are not here; the list
is a reminder to its author, not a proof.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from survey.questionnaire.expression_check import FormProblem
from survey.questionnaire.form import Form, Question

_KINDS: dict[str, str] = {
    "a name": r"姓名|您的名字|贵姓|你叫什么|full name|your name|(?:first|last|family) name|성함|이름을|이름은|성명|お名前|氏名"
    r"|ваше имя|фамили|фио|votre nom|prénom|nom de famille|ihr(?:en)? name|nachname|vorname|su nombre|apellido|اسمك|الاسم الكامل",
    "a phone number": r"电话号码|电话号|手机号|手機|聯絡電話|联系电话|phone number|telephone|mobile number|전화번호|휴대폰 번호|電話番号"
    r"|номер телефона|numéro de téléphone|telefonnummer|handynummer|número de teléfono|رقم (?:ال)?هاتف|رقم (?:ال)?جوال",
    "an e-mail address": r"电子邮箱|邮箱|電子郵件|e-?mail|이메일|メールアドレス|электронн\w+ почт|courriel|correo electrónico|البريد الإلكتروني",
    "an account of a messenger": r"微信号|微信號|wechat id|your wechat|kakaotalk id|카카오톡 (?:아이디|id)|위챗 (?:아이디|id)|line id|qq号|whatsapp number|telegram",
    "a document number": r"护照号|護照號|身份证号|身份證號|居留(?:许可|證)号|passport number|id number|identity (?:card|number)|여권 ?번호|외국인등록번호"
    r"|パスポート番号|旅券番号|在留カード番号|номер паспорта|numéro de passeport|(?:reise)?passnummer|ausweisnummer|número de pasaporte|رقم (?:ال)?جواز|رقم (?:ال)?هوية",
    "an address": r"门牌|房号|房間號|详细地址|詳細地址|楼号|flat number|apartment number|room number|house number|home address|street address|동.{0,2}호수|상세 ?주소|자택 ?주소"
    r"|部屋番号|ご住所|номер квартиры|ваш адрес|домашн\w+ адрес|numéro d['’]appartement|votre adresse|wohnungsnummer|ihre (?:wohn)?adresse|número de (?:piso|apartamento)|su dirección|رقم (?:ال)?شقة|عنوان (?:ال)?(?:سكن|منزل)",
    "a date of birth": r"出生日期|生日|date of birth|your birthday|생년월일|生年月日|дата рождения|date de naissance|geburtsdatum|fecha de nacimiento|تاريخ (?:ال)?ميلاد",
}  # fmt: skip
_PATTERNS = {kind: re.compile(words, re.IGNORECASE) for kind, words in _KINDS.items()}
_FREE = frozenset({"short_text", "long_text", "integer", "date"})


def check_identifiers(form: Form) -> Iterator[FormProblem]:
    for section in form.sections:
        for question in section.questions:
            here = f"sections.{section.id}.{question.id}"
            declared = question.purpose is not None and question.kept_until is not None
            kind = identifier_in(question)
            if kind and not declared:
                yield FormProblem(
                    here,
                    f"This asks for {kind}, which tells who somebody is. Leave it out; or say why it is needed (purpose) and for "
                    "how long it is kept (kept_until). Both are shown below the question.",
                )
            if (question.purpose is None) != (question.kept_until is None):
                yield FormProblem(here, "purpose and kept_until belong together: one of them is missing.")


def identifier_in(question: Question) -> str | None:
    """Return what a question seems to ask for that identifies somebody, or None."""
    if question.type not in _FREE:
        return None
    words = " ".join([*question.label.values(), *(question.hint or {}).values()])
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.search(words)), None)
