"""A form with every type of question and every kind of condition, in Chinese, English, Korean and Arabic."""

from __future__ import annotations

from survey.questionnaire.form import Choice, Form, MatrixColumn, Notice, Question, Section, Texts


def _(zh: str, en: str, ko: str, ar: str) -> Texts:
    return {"zh-Hans": zh, "en": en, "ko": ko, "ar": ar}


def _choice(value: str, texts: Texts, **more: object) -> Choice:
    return Choice(value=value, label=texts, **more)  # type: ignore[arg-type]


_LOW = _("完全不重要", "not important", "전혀 중요하지 않음", "غير مهم إطلاقًا")
_HIGH = _("非常重要", "very important", "매우 중요함", "مهم جدًا")
_BAD = _("很不满意", "very dissatisfied", "매우 불만족", "غير راضٍ إطلاقًا")
_GOOD = _("很满意", "very satisfied", "매우 만족", "راضٍ جدًا")

PLACES = [
    _choice("library", _("图书馆", "Library", "도서관", "المكتبة"), attributes={"kind": "culture"}),
    _choice("sports_hall", _("体育馆", "Sports hall", "체육관", "القاعة الرياضية"), attributes={"kind": "sport"}),
    _choice("swimming_pool", _("游泳馆", "Swimming pool", "수영장", "المسبح"), attributes={"kind": "sport"}),
    _choice("theatre", _("小剧场", "Small theatre", "소극장", "المسرح الصغير"), attributes={"kind": "culture"}),
]


def every_type() -> Form:
    """Two sections depend on answers; the second has a matrix and a ranking, the third numbers, days and texts."""
    told = _("朝阳区某社区居民委员会", "A residents’ committee in Chaoyang", "차오양구의 한 주민위원회", "لجنة السكان في حي تشاويانغ")
    return Form(
        title=_("试用问卷", "Trial survey", "시험 설문", "استبيان تجريبي"),
        intro=_("每种题型各一道。", "One question of each type.", "문항 유형별로 하나씩 있습니다.", "سؤال واحد من كل نوع."),
        minutes=6,
        languages=["zh-Hans", "en", "ko", "ar"],
        source_language="en",
        notice=Notice(who=told, why=told, kept=told, until=told, rights=told, contact=told),
        closing=_("谢谢您。", "Thank you.", "감사합니다.", "شكرًا لك."),
        sections=[
            Section(
                id="going",
                title=_("您去哪里", "Where you go", "가시는 곳", "الأماكن التي تزورها"),
                questions=[
                    Question(id="hello", type="note", label=_("请按您的情况回答。", "Please answer for yourself.", "본인을 기준으로 답해 주십시오.", "يرجى الإجابة عن نفسك.")),
                    Question(
                        id="kind", type="select_one", required=True,
                        label=_("您更喜欢哪一种？", "Which do you like better?", "어느 쪽을 더 좋아하십니까?", "أيهما تفضّل؟"),
                        choices=[
                            _choice("culture", _("文化", "Culture", "문화", "الثقافة")),
                            _choice("sport", _("运动", "Sport", "운동", "الرياضة")),
                            _choice("neither", _("都不喜欢", "Neither", "둘 다 아님", "لا هذا ولا ذاك")),
                        ],
                    ),
                    Question(
                        id="place", type="select_one", allow_other=True, relevant="${kind} != 'neither'", choice_filter="kind = ${kind}",
                        label=_("您最常去哪里？", "Where do you go most often?", "가장 자주 가시는 곳은 어디입니까?", "ما المكان الذي تزوره غالبًا؟"),
                        choices=PLACES, use="needs",
                    ),
                    Question(
                        id="visits", type="integer", minimum=0, maximum=99, relevant="${place} != ''", allow_dont_know=True,
                        label=_("上个月您去过${place}几次？", "How often did you go there (${place}) last month?", "지난달에 이곳(${place})에 몇 번 가셨습니까?", "كم مرة ذهبت إلى هناك (${place}) في الشهر الماضي؟"),
                    ),
                    Question(
                        id="why_often", type="short_text", relevant="${visits} > 8", required="${visits} > 20",
                        label=_("为什么去得这么频繁？", "Why so often?", "왜 그렇게 자주 가십니까?", "لماذا تذهب كثيرًا؟"),
                        max_length=40,
                    ),
                    Question(
                        id="reasons", type="select_many", allow_other=True, random_order=True, max_choices=3, allow_dont_know=True,
                        label=_("什么最妨碍您？", "What keeps you away?", "무엇이 불편하십니까?", "ما الذي يمنعك؟"),
                        hint=_("最多选三项。", "Choose up to three.", "세 개까지 고르실 수 있습니다.", "اختر ثلاثة على الأكثر."),
                        choices=[
                            _choice("language", _("语言", "The language", "언어", "اللغة")),
                            _choice("distance", _("太远", "Too far", "너무 멂", "المسافة")),
                            _choice("hours", _("开放时间", "Opening hours", "운영 시간", "أوقات العمل")),
                            _choice("price", _("价格", "The price", "가격", "السعر")),
                            _choice("nothing", _("没有什么", "Nothing", "없음", "لا شيء"), is_exclusive=True),
                        ],
                    ),
                ],
            ),
            Section(
                id="judging",
                title=_("您的评价", "Your judgement", "평가", "تقييمك"),
                relevant="${kind} != 'neither'",
                questions=[
                    Question(
                        id="services", type="matrix", allow_dont_know=True,
                        label=_("这些对您有多重要？您满意吗？", "How important are these, and how satisfied are you?", "얼마나 중요하고 얼마나 만족하십니까?", "ما مدى أهميتها، وما مدى رضاك عنها؟"),
                        rows=PLACES[:3],
                        columns=[
                            MatrixColumn(id="importance", label=_("重要程度", "Importance", "중요도", "الأهمية"), minimum=1, maximum=5, low_label=_LOW, high_label=_HIGH),
                            MatrixColumn(id="satisfaction", label=_("满意程度", "Satisfaction", "만족도", "الرضا"), minimum=1, maximum=5, low_label=_BAD, high_label=_GOOD),
                        ],
                    ),
                    Question(
                        id="order", type="ranking", max_choices=3, random_order=True,
                        label=_("请按先后排列最需要改进的三项。", "Which three should be improved first?", "먼저 개선되어야 할 세 가지를 순서대로 골라 주십시오.", "ما الأمور الثلاثة التي ينبغي تحسينها أولًا؟"),
                        choices=PLACES,
                    ),
                    Question(
                        id="staff", type="rating", minimum=1, maximum=5, low_label=_("很差", "poor", "매우 나쁨", "سيئ"), high_label=_("很好", "very good", "매우 좋음", "ممتاز"),
                        label=_("您如何评价工作人员？", "How do you rate the staff?", "직원을 어떻게 평가하십니까?", "كيف تقيّم الموظفين؟"),
                    ),
                    Question(
                        id="at_home", type="scale", minimum=1, maximum=7, low_label=_LOW, high_label=_HIGH,
                        label=_("邻里关系对您重要吗？", "How important are neighbours to you?", "이웃이 얼마나 중요합니까?", "ما مدى أهمية الجيران لك؟"),
                    ),
                ],
            ),
            Section(
                id="telling",
                title=_("其他", "More", "기타", "المزيد"),
                questions=[
                    Question(
                        id="walk", type="decimal", minimum=0, maximum=50,
                        label=_("您愿意走多少公里？", "How many kilometres would you walk?", "몇 킬로미터까지 걸어가실 수 있습니까?", "كم كيلومترًا تقبل أن تمشي؟"),
                    ),
                    Question(
                        id="since", type="date", constraint=". <= today()",
                        constraint_message=_("请填写今天或更早的日期。", "Please give today or an earlier day.", "오늘이나 그 이전 날짜를 적어 주십시오.", "يرجى كتابة تاريخ اليوم أو قبله."),
                        label=_("您从哪天起住在这里？", "Since when have you lived here?", "언제부터 이곳에 사셨습니까?", "منذ متى تسكن هنا؟"),
                    ),
                    Question(
                        id="need", type="long_text", max_length=500, use="needs",
                        label=_("您最需要什么？", "What do you need most?", "가장 필요한 것은 무엇입니까?", "ما أكثر ما تحتاج إليه؟"),
                        hint=_("用任何语言都可以。", "In any language.", "어떤 언어로든 괜찮습니다.", "بأي لغة تريد."),
                    ),
                    Question(
                        id="may_use_health", type="consent", use="sensitive_consent",
                        label=_("可以问一个关于健康的问题吗？", "May we ask about your health?", "건강에 대해 여쭤봐도 되겠습니까?", "هل يمكننا أن نسأل عن صحتك؟"),
                        agree=_("可以，仅用于安排就医服务", "Yes, only to plan medical services", "예, 의료 서비스를 계획하는 데에만 써 주십시오", "نعم، لتخطيط الخدمات الطبية فقط"),
                    ),
                    Question(
                        id="health", type="select_one", is_sensitive=True, relevant="${may_use_health} = 'yes'",
                        label=_("您有慢性病吗？", "Do you have a long-term illness?", "만성 질환이 있으십니까?", "هل لديك مرض مزمن؟"),
                        choices=[_choice("yes", _("有", "Yes", "예", "نعم")), _choice("no", _("没有", "No", "아니요", "لا"))],
                    ),
                    Question(
                        id="may_quote", type="consent", use="quote_consent",
                        label=_("可以引用您的话吗？", "May we quote you?", "쓰신 글을 인용해도 되겠습니까?", "هل يمكننا اقتباس كلامك؟"),
                        agree=_("可以匿名引用", "Yes, without my name", "예, 이름 없이 인용해도 됩니다", "نعم، دون ذكر اسمي"),
                    ),
                ],
            ),
        ],
    )
