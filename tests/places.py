"""Every page and every state of it that a person can meet, and how to get there: for all who look at all of them.

A new page is a new line in PLACES; tests/ways.py says what leads there.
"""

from __future__ import annotations

from typing import NamedTuple

from survey.accounts.service import SIGN_IN_TRIES
from survey.i18n.catalogs import DESK_LANGUAGES
from survey.i18n.languages import languages
from survey.insight.facility_words import Directory
from tests.every_type import every_type
from tests.ways import (
    CANCELLED,
    CLOSED,
    COUNTED,
    DRAFT,
    EMPTY_PLAN,
    EMPTY_REVIEW,
    EVERY,
    INCOMPLETE,
    INDICATOR,
    INVITATIONS,
    INVITED,
    LATE,
    LIBRARY,
    MEETING,
    MISTAKES,
    NOT_INVITED,
    OVER,
    PARTNERS,
    PLAN,
    RETIRED,
    REVIEW,
    SURVEY,
    TICKS,
    TOO_LONG,
    UNCOUNTED,
    WELCOME,
    Path,
    answered_before,
    at,
    batch,
    busy,
    channel,
    corrected,
    drawn,
    every_answer,
    failure,
    meeting,
    meeting_cancelled,
    plan,
    receipt,
    required_answers,
    review,
    reviewed_theme,
    saved,
    sent,
    sent_after_withdrawal,
    statement,
    survey,
    switched,
    texts,
    theme,
    twice,
    undescribed_place,
    wrong_password,
)

INTERFACE = tuple(languages())
EVERY_SPEAKS = tuple(every_type().languages)


class Place(NamedTuple):
    name: str
    route: str
    """The line of tests/contracts/routes.txt without the name; empty for pages that answer in another's place."""
    way: Path
    status: int = 200
    languages: tuple[str, ...] = INTERFACE
    """Those in which the page can be met."""
    is_desk: bool = False
    is_signed_in: bool = False


def residents_places(language: str) -> list[Place]:
    return [place for place in PLACES if not place.is_desk and language in place.languages]


def surveys_places(language: str) -> list[Place]:
    """Pages on which a survey is answered, most of them in other states."""
    return [place for place in residents_places(language) if place.name.startswith(("survey", "resumed", "correction"))]


def whole_surveys(language: str) -> list[Place]:
    """Of those, the states that differ most where all sections stand on one page, as without our modules."""
    chosen = {"survey", "survey, nothing answered", "survey of every type", "correction"}
    return [place for place in surveys_places(language) if place.name in chosen]


def door_places(language: str) -> list[Place]:
    return [place for place in PLACES if place.is_desk and not place.is_signed_in and language in place.languages]


def desk_places(language: str) -> list[Place]:
    return [place for place in PLACES if place.is_signed_in and language in place.languages]


def place_named(name: str) -> Place:
    return next(place for place in PLACES if place.name == name)


def _every(name: str, route: str, way: Path, status: int = 200) -> Place:
    return Place(f"survey of every type{name}", route, way, status, EVERY_SPEAKS)


def _door(name: str, route: str, way: Path, status: int = 200) -> Place:
    return Place(f"door: {name}", route, way, status, tuple(DESK_LANGUAGES), is_desk=True)


def _desk(name: str, route: str, way: Path, status: int = 200) -> Place:
    return Place(f"desk: {name}", route, way, status, tuple(DESK_LANGUAGES), is_desk=True, is_signed_in=True)


_LINKS = {tag: f"/?lang={tag}" for tag in languages()}
_SURVEYS = "/desk/surveys/{slug:str}"
_A_MEETING = [("name_zh-Hans", "邻里见面会"), ("place_zh-Hans", "活动室"), ("day", "2099-01-01"), ("time", "10:00"), ("languages", "zh-Hans")]
VISITS = "facility,start,end,visits,foreign_visits\n"
_A_BATCH = [("name", "12号楼"), ("size", "30"), ("expires_on", "2099-01-01")]

PLACES = [
    # residents: the way in
    Place("home", "GET /", at("/?lang={lang}")),
    Place("home, no survey is open", "GET /", drawn("resident/home.html", "/", surveys=[], language_links=_LINKS)),
    Place("accessibility", "GET /accessibility", at("/accessibility?lang={lang}")),
    Place("chooser", "GET /s/{slug:str}", at(f"/s/{SURVEY}", wish="tlh"), languages=("zh-Hans",)),
    Place("chooser, unknown language", "GET /s/{slug:str}", at(f"/s/{SURVEY}?lang=tlh"), 404),
    Place("short address, unknown", "GET /c/{short:str}", at("/c/000000?lang={lang}"), 404),
    Place("notice", "GET /s/{slug:str}/notice", at(f"/s/{SURVEY}/notice?lang={{lang}}")),
    Place("notice, not opened yet", "GET /s/{slug:str}/notice", at(f"/s/{DRAFT}/notice?lang={{lang}}")),
    Place("invitation", "GET /i", at("/i?lang={lang}")),
    Place("invitation needed", "GET /s/{slug:str}", at(f"/s/{INVITED}?lang={{lang}}"), 403),
    Place("invitation, unknown code", "POST /i", sent("/i", ("_language", "{lang}"), ("code", "0000-0000-0000-0000")), 404),
    *[
        Place(f"invitation, {state}", "GET /i/{code:str}", at(f"/i/{INVITATIONS[state]}?lang={{lang}}"), status)
        for state, status in {"used": 410, "expired": 410, "closed": 410, "early": 404}.items()
    ],
    # residents: the survey
    Place("survey", "GET /s/{slug:str}", at(f"/s/{SURVEY}?lang={{lang}}")),
    Place("survey, answered before", "GET /s/{slug:str}", answered_before),
    Place("survey, by invitation", "GET /i/{code:str}", at(f"/i/{INVITATIONS['good']}?lang={{lang}}")),
    Place("survey, everything answered", "POST /s/{slug:str}", switched(every_answer())),
    Place("survey, nothing answered", "POST /s/{slug:str}", survey(), 422),
    Place("survey, nothing ticked", "POST /s/{slug:str}", survey(*every_answer()[len(TICKS):]), 422),
    Place("survey, too long", "POST /s/{slug:str}", survey(*texts(TOO_LONG)), 422),
    Place("survey, trap", "POST /s/{slug:str}", survey(("_more", "x"), *every_answer()), 422),
    Place("survey, busy", "POST /s/{slug:str}", busy, 429),
    Place("survey, sent with other answers", "POST /s/{slug:str}", twice(other=True), 409),
    Place("survey, sent without an invitation", "POST /s/{slug:str}", survey(*every_answer(), slug=INVITED), 403),
    Place("survey, not open yet", "GET /s/{slug:str}", at(f"/s/{DRAFT}?lang={{lang}}"), 410),
    Place("survey, closed", "GET /s/{slug:str}", at(f"/s/{CLOSED}?lang={{lang}}"), 410),
    Place("survey, closed in the meantime", "POST /s/{slug:str}", survey(*every_answer(), slug=CLOSED), 410),
    Place("survey, withdrawn", "POST /s/{slug:str}", sent_after_withdrawal, 410),
    _every("", "GET /s/{slug:str}", at(f"/s/{EVERY}?lang={{lang}}")),
    _every(", everything answered", "POST /s/{slug:str}", switched(every_answer(every_type()), slug=EVERY)),
    _every(", nothing answered", "POST /s/{slug:str}", survey(slug=EVERY), 422),
    _every(", mistakes", "POST /s/{slug:str}", survey(*MISTAKES, slug=EVERY), 422),
    Place("saved", "POST /s/{slug:str}", saved()),
    Place("resume", "GET /resume", at("/resume?lang={lang}")),
    Place("resume, unknown code", "POST /resume", sent("/resume", ("_language", "{lang}"), ("code", "0000-0000-0000-0000")), 404),
    Place("resumed", "POST /resume", saved(is_opened=True)),
    # residents: after it
    Place("thanks", "POST /s/{slug:str}", survey(*every_answer())),
    Place("thanks, no meetings", "POST /s/{slug:str}", survey(*every_answer(every_type()), slug=EVERY), languages=EVERY_SPEAKS),
    Place("thanks, again", "POST /s/{slug:str}", twice(other=False)),
    Place("receipt", "GET /receipt", at("/receipt?lang={lang}")),
    Place("receipt, own answer", "POST /receipt", receipt()),
    Place("receipt, own answer of every type", "POST /receipt", receipt(slug=EVERY, fields=every_answer(every_type())), languages=EVERY_SPEAKS),
    Place("receipt, own answer, empty", "POST /receipt", receipt(slug=EVERY, fields=[*TICKS, ("kind", "neither")]), languages=EVERY_SPEAKS),
    Place("receipt, own answer, survey closed", "POST /receipt", sent("/receipt", ("_language", "{lang}"), ("code", LATE))),
    Place("receipt, withdraw?", "POST /receipt", receipt("ask")),
    Place("receipt, gone", "POST /receipt", receipt("withdraw")),
    Place("receipt, unknown code", "POST /receipt", receipt("withdraw", ""), 404),
    Place("correction", "POST /receipt", receipt("correct")),
    Place("correction, too long", "POST /receipt", corrected(*texts(TOO_LONG)), 422),
    Place("correction, another came in between", "POST /receipt", corrected(*required_answers(), revision=99), 409),
    Place("receipt, corrected", "POST /receipt", corrected(*required_answers())),
    Place("receipt, correction too late", "POST /receipt", sent("/receipt", ("_language", "{lang}"), ("_code", LATE), ("_revision", "0"), *every_answer()), 410),
    Place("events", "GET /events", at("/events?lang={lang}")),
    Place("events, none", "GET /events", drawn("resident/events.html", "/events", events=[], language_links=_LINKS)),
    Place("events, one cancelled", "GET /events", meeting_cancelled),
    Place("events, coming", "POST /events/{public_id:str}/coming", sent(f"/events/{MEETING}/coming", ("_language", "{lang}"), ("_from", "events"), ("interpreter", "ko"), ("step", "come"))),
    Place("events, not coming", "POST /events/{public_id:str}/coming", sent(f"/events/{MEETING}/coming", ("_language", "{lang}"), ("step", "not"))),
    *[
        Place(f"events, {name}", "POST /events/{public_id:str}/coming", sent(f"/events/{key}/coming", ("_language", "{lang}"), ("step", "come")), 410)
        for name, key in {"cancelled": CANCELLED, "over": OVER}.items()
    ],
    Place("directory", "GET /directory", at("/directory?lang={lang}")),
    Place("directory, none", "GET /directory", drawn("resident/directory.html", "/directory", directory=Directory(described=[], others=[], areas={}, kinds=[], total=0), choice={"area": "", "kind": ""}, is_chosen=False, language_links=_LINKS)),
    Place("directory, nothing fits", "GET /directory", at("/directory?lang={lang}&area=jianwai&kind=library")),
    Place("directory, place", "GET /directory/{public_id:str}", at(f"/directory/{LIBRARY}?lang={{lang}}")),
    Place("directory, place in another language", "GET /directory/{public_id:str}", at(f"/directory/{LIBRARY}?lang={{lang}}&in=ar")),
    Place("directory, place not described", "GET /directory/{public_id:str}", undescribed_place, languages=("ru", "fr", "de", "es", "ar", "zh-Hant")),
    Place("nothing here", "", at("/nothing?lang={lang}"), 404),
    *[Place(f"error {status}", "", failure(status), status) for status in (400, 403, 405, 410, 413, 429, 500)],
    # the desk's door
    _door("sign in", "GET /login", at("/login")),
    _door("sign in, wrong", "POST /login", wrong_password, 422),
    _door("sign in, too often", "POST /login", sent("/login", ("name", "tired"), ("password", "x"), times=SIGN_IN_TRIES + 1), 429),
    _door("welcome", "GET /welcome/{token:str}", at(f"/welcome/{WELCOME}")),
    _door("welcome, differ", "POST /welcome/{token:str}", sent(f"/welcome/{WELCOME}", ("password", "a"), ("again", "b")), 422),
    _door("welcome, used", "GET /welcome/{token:str}", at("/welcome/used"), 404),
    # the desk: surveys
    _desk("surveys", "GET /desk", at("/desk")),
    _desk("survey", f"GET {_SURVEYS}", at(f"/desk/surveys/{SURVEY}")),
    _desk("survey, no answers", f"GET {_SURVEYS}", at(f"/desk/surveys/{DRAFT}")),
    _desk("survey, closed", f"GET {_SURVEYS}", at(f"/desk/surveys/{CLOSED}")),
    _desk("survey, incomplete", f"POST {_SURVEYS}/state", sent(f"/desk/surveys/{INCOMPLETE}/state", ("change", "open")), 409),
    _desk("assist", "GET /desk/assist", at("/desk/assist")),
    _desk("assist, no survey is open", "GET /desk/assist", drawn("desk/assist.html", "/desk/assist", here="assist", rows=[])),
    _desk("assisted", "GET /desk/assist/{slug:str}", at(f"/desk/assist/{SURVEY}?lang={{lang}}")),
    _desk("assisted, closed", "GET /desk/assist/{slug:str}", at(f"/desk/assist/{CLOSED}?lang={{lang}}"), 410),
    _desk("assisted, nothing answered", "POST /desk/assist/{slug:str}", sent(f"/desk/assist/{SURVEY}", ("_language", "{lang}")), 422),
    _desk("assisted, thanks", "POST /desk/assist/{slug:str}", sent(f"/desk/assist/{SURVEY}", ("_language", "{lang}"), *required_answers())),
    # the desk: how a survey reaches people
    _desk("channels", f"GET {_SURVEYS}/channels", at(f"/desk/surveys/{SURVEY}/channels?sort=sent")),
    _desk("channels, none", f"GET {_SURVEYS}/channels", at(f"/desk/surveys/{DRAFT}/channels")),
    _desk("add channel", f"GET {_SURVEYS}/add-channel", at(f"/desk/surveys/{SURVEY}/add-channel")),
    _desk("add channel, mistakes", f"POST {_SURVEYS}/add-channel", sent(f"/desk/surveys/{SURVEY}/add-channel", ("code", "-"), ("kind", "x"), ("area", "x"), ("default_language", "x"), ("place", "长" * 130)), 422),
    _desk("add channel, code taken", f"POST {_SURVEYS}/add-channel", sent(f"/desk/surveys/{SURVEY}/add-channel", ("name", "x"), ("code", "hanguk")), 409),
    _desk("edit channel", f"GET {_SURVEYS}/channels/{{code:str}}/edit", channel("edit")),
    _desk("edit channel, no name", f"POST {_SURVEYS}/channels/{{code:str}}/edit", channel("edit", ("name", "")), 422),
    _desk("posters", f"GET {_SURVEYS}/channels/{{code:str}}/posters", channel("posters")),
    _desk("posters, door hangers", f"GET {_SURVEYS}/channels/{{code:str}}/posters", channel("posters?format=hanger&lang=ko&lang=ar")),
    *[
        _desk(f"print page, {format_}", f"GET {_SURVEYS}/channels/{{code:str}}/poster", channel(f"poster?print=1&format={format_}&lang=en&lang=ar"))
        for format_ in ("poster", "hanger", "cards")
    ],
    _desk("invitations, open survey", f"GET {_SURVEYS}/invitations", at(f"/desk/surveys/{SURVEY}/invitations")),
    _desk("invitations, open draft", f"GET {_SURVEYS}/invitations", at(f"/desk/surveys/{DRAFT}/invitations")),
    _desk("invitations, none", f"GET {_SURVEYS}/invitations", at(f"/desk/surveys/{NOT_INVITED}/invitations")),
    _desk("invitations", f"GET {_SURVEYS}/invitations", at(f"/desk/surveys/{INVITED}/invitations?done=created")),
    _desk("invitations, mistakes", f"POST {_SURVEYS}/invitations", sent(f"/desk/surveys/{INVITED}/invitations", ("name", ""), ("channel", "x"), ("size", "0")), 422),
    _desk("invitations, miscounted", f"POST {_SURVEYS}/invitations/{{public_id:str}}", batch(fields=[("undelivered", "x"), ("declined", "99999")]), 422),
    _desk("invitation cards", f"GET {_SURVEYS}/invitations/{{public_id:str}}/sheet", batch()),
    _desk("invitation cards, two languages", f"GET {_SURVEYS}/invitations/{{public_id:str}}/sheet", batch(more="?in=ar")),
    _desk("response rate", f"GET {_SURVEYS}/response-rate", at(f"/desk/surveys/{INVITED}/response-rate")),
    _desk("response rate, open survey", f"GET {_SURVEYS}/response-rate", at(f"/desk/surveys/{SURVEY}/response-rate")),
    _desk("response rate, no codes", f"GET {_SURVEYS}/response-rate", at(f"/desk/surveys/{NOT_INVITED}/response-rate")),
    # the desk: themes
    _desk("themes", f"GET {_SURVEYS}/themes", at(f"/desk/surveys/{SURVEY}/themes?sort=state")),
    _desk("numbers", f"GET {_SURVEYS}/numbers", at(f"/desk/surveys/{SURVEY}/numbers")),
    _desk("numbers, not counted", f"GET {_SURVEYS}/numbers", at(f"/desk/surveys/{CLOSED}/numbers")),
    _desk("chart", f"GET {_SURVEYS}/numbers/{{kind:str}}", at(f"/desk/surveys/{SURVEY}/numbers/groups")),
    _desk("chart, not drawn", f"GET {_SURVEYS}/numbers/{{kind:str}}", at(f"/desk/surveys/{DRAFT}/numbers/waves")),
    _desk("waves", f"GET {_SURVEYS}/waves", at(f"/desk/surveys/{SURVEY}/waves")),
    _desk("waves, draft", f"GET {_SURVEYS}/waves", at(f"/desk/surveys/{DRAFT}/waves")),
    _desk("waves, start?", f"POST {_SURVEYS}/waves", sent(f"/desk/surveys/{SURVEY}/waves", ("after", "2"), ("minimum", "30"), ("rise", "5"), ("name_zh-Hans", "长" * 60))),
    _desk("waves, mistakes", f"POST {_SURVEYS}/waves", sent(f"/desk/surveys/{SURVEY}/waves", ("after", "2"), ("minimum", "x"), ("channel", "x"), ("name_en", "x" * 61)), 422),
    _desk("waves, somebody was faster", f"POST {_SURVEYS}/waves", sent(f"/desk/surveys/{SURVEY}/waves", ("after", "1"), ("minimum", "30"), ("rise", "5"), ("step", "start")), 409),
    _desk("waves, not taken back", f"POST {_SURVEYS}/waves/undo", sent(f"/desk/surveys/{SURVEY}/waves/undo", ("wave", "2")), 409),
    _desk("themes, not analysed", f"GET {_SURVEYS}/themes", at(f"/desk/surveys/{CLOSED}/themes")),
    _desk("themes, analysis waits", f"GET {_SURVEYS}/themes", at(f"/desk/surveys/{DRAFT}/themes")),
    _desk("themes, analysis failed", f"GET {_SURVEYS}/themes", at(f"/desk/surveys/{INCOMPLETE}/themes")),
    _desk("unsorted", f"GET {_SURVEYS}/unsorted", at(f"/desk/surveys/{SURVEY}/unsorted")),
    _desk("unsorted, none", f"GET {_SURVEYS}/unsorted", at(f"/desk/surveys/{DRAFT}/unsorted")),
    _desk("theme, proposed", "GET /desk/themes/{public_id:str}", theme("proposed")),
    _desk("theme, accepted", "GET /desk/themes/{public_id:str}", theme("accepted", more="?done=accept")),
    _desk("theme, dismissed", "GET /desk/themes/{public_id:str}", theme("dismissed", more="?done=dismiss")),
    _desk("theme, no name", "POST /desk/themes/{public_id:str}", theme("proposed", fields=[("decision", "rename")]), 422),
    _desk("theme, somebody was faster", "POST /desk/themes/{public_id:str}", theme("accepted", fields=[("decision", "dismiss"), ("why", "known"), ("seen", "0")]), 409),
    _desk("theme's statements", "GET /desk/themes/{public_id:str}/statements", theme("accepted", more="/statements")),
    _desk("theme's statements, none ticked", "POST /desk/themes/{public_id:str}/statements", theme("accepted", more="/statements", fields=[("act", "forbid")]), 422),
    _desk("theme, split", "GET /desk/themes/{public_id:str}/split", theme("accepted", more="/split")),
    _desk("theme, split, no names", "POST /desk/themes/{public_id:str}/split", theme("accepted", more="/split", fields=[("part_1_en", "x")]), 422),
    _desk("themes, difference", f"GET {_SURVEYS}/difference", at(f"/desk/surveys/{SURVEY}/difference")),
    _desk("themes, no difference", f"GET {_SURVEYS}/difference", at(f"/desk/surveys/{DRAFT}/difference")),
    _desk("themes, history", f"GET {_SURVEYS}/themes/history", at(f"/desk/surveys/{SURVEY}/themes/history")),
    _desk("themes, without marked answers", f"GET {_SURVEYS}/themes", at(f"/desk/surveys/{SURVEY}/themes?without=flagged")),
    _desk("words", f"GET {_SURVEYS}/words", at(f"/desk/surveys/{SURVEY}/words?added=1")),
    _desk("words, none ticked", f"POST {_SURVEYS}/words", sent(f"/desk/surveys/{SURVEY}/words", ("lang", "{lang}")), 422),
    # the desk: the inbox
    _desk("complaints", "GET /desk/conduct", at("/desk/conduct?lang={lang}")),
    _desk("complaints, none new", "GET /desk/conduct", at("/desk/conduct?state=new&lang={lang}")),
    _desk("inbox", "GET /desk/inbox", at("/desk/inbox")),
    _desk("inbox, survey", f"GET {_SURVEYS}/inbox", at(f"/desk/surveys/{SURVEY}/inbox?state=new")),
    _desk("inbox, nothing fits", f"GET {_SURVEYS}/inbox", at(f"/desk/surveys/{SURVEY}/inbox?q=xyzzy")),
    _desk("inbox, empty", f"GET {_SURVEYS}/inbox", at(f"/desk/surveys/{DRAFT}/inbox")),
    _desk("statement", "GET /desk/statements/{public_id:str}", statement("")),
    _desk("statement, no rendering", "POST /desk/statements/{public_id:str}/rendering", statement("/rendering", ("text", "")), 422),
    _desk("mask", "GET /desk/statements/{public_id:str}/mask", statement("/mask")),
    _desk("mask, not in the text", "POST /desk/statements/{public_id:str}/mask", statement("/mask", ("more", "xyzzy")), 422),
    _desk("renderings", "GET /desk/renderings", at("/desk/renderings?lang=ko")),
    _desk("renderings, none left", "GET /desk/renderings", drawn("desk/renderings.html", "/desk/renderings", here="renderings", statement=None, tongue="", tongues=[], typed="", problem="", done="sent", is_round=False, machine="", names="")),
    # the desk: review by several bodies, and service directories
    _desk("comments on a theme", "GET /desk/themes/{public_id:str}/review", reviewed_theme("review")),
    _desk("comments on a theme, nothing written", "POST /desk/themes/{public_id:str}/review", reviewed_theme("review", ("text", "")), 422),
    _desk("reviews", f"GET {_SURVEYS}/reviews", at(f"/desk/surveys/{SURVEY}/reviews?done=quorum")),
    _desk("reviews, none", f"GET {_SURVEYS}/reviews", at(f"/desk/surveys/{DRAFT}/reviews")),
    _desk("reviews, bad quorum", f"POST {_SURVEYS}/reviews/quorum", sent(f"/desk/surveys/{SURVEY}/reviews/quorum", ("people", "0"), ("share", "half")), 422),
    _desk("new review", f"GET {_SURVEYS}/reviews/new", at(f"/desk/surveys/{SURVEY}/reviews/new")),
    _desk("new review, mistakes", f"POST {_SURVEYS}/reviews/new", sent(f"/desk/surveys/{SURVEY}/reviews/new", ("guests", "李伟")), 422),
    _desk("review", "GET /desk/reviews/{public_id:str}", at(f"/desk/reviews/{REVIEW}?done=closed")),
    _desk("review, no themes", "GET /desk/reviews/{public_id:str}", at(f"/desk/reviews/{EMPTY_REVIEW}")),
    _desk("review, change", "GET /desk/reviews/{public_id:str}/edit", at(f"/desk/reviews/{REVIEW}/edit")),
    _desk("review, change, mistakes", "POST /desk/reviews/{public_id:str}/edit", sent(f"/desk/reviews/{EMPTY_REVIEW}/edit", ("seen", "99"), ("place", "x")), 422),
    _desk("review, not ready", "POST /desk/reviews/{public_id:str}/agenda/{agenda_id:str}", review(1, ("step", "close"), ("act", "accept"), ("revision", "1")), 409),
    _desk("review, motion too long", "POST /desk/reviews/{public_id:str}/agenda/{agenda_id:str}", review(1, ("act", "accept"), ("revision", "1"), ("motion_text", TOO_LONG)), 422),
    _desk("review, motion conflict", "POST /desk/reviews/{public_id:str}/agenda/{agenda_id:str}", review(1, ("act", "accept"), ("revision", "99"), ("motion_text", "x")), 409),
    _desk("review, no choice", "POST /desk/reviews/{public_id:str}/agenda/{agenda_id:str}/vote", review(1, ("words", "x"), vote=True), 422),
    _desk("review, vote too late", "POST /desk/reviews/{public_id:str}/agenda/{agenda_id:str}/vote", review(0, ("choice", "for"), ("motion", "2"), vote=True), 409),
    _desk("review, opened again without a reason", "POST /desk/reviews/{public_id:str}/agenda/{agenda_id:str}", review(0, ("step", "reopen")), 422),
    _desk("review, no theme chosen", "POST /desk/reviews/{public_id:str}/agenda", sent(f"/desk/reviews/{REVIEW}/agenda", ("theme", "x")), 422),
    *[
        _desk(f"directory {name}", f"GET {_SURVEYS}/directory", at(f"/desk/surveys/{SURVEY}/directory?directory={name}&sort=people"))
        for name in ("community_services", "seven_and_five", "hotline_12345")
    ],
    _desk("directory, no themes", f"GET {_SURVEYS}/directory", at(f"/desk/surveys/{DRAFT}/directory")),
    _desk("directory of a theme", "GET /desk/themes/{public_id:str}/directory", reviewed_theme("directory")),
    _desk("directory of a theme, conflict", "POST /desk/themes/{public_id:str}/directory", reviewed_theme("directory", ("directory", "hotline_12345"), ("entries", "question"), ("seen", "0")), 409),
    # the desk: plans and meetings
    _desk("plans", "GET /desk/plans", at("/desk/plans")),
    _desk("plan", "GET /desk/plans/{public_id:str}", plan(PLAN)),
    _desk("plan, empty", "GET /desk/plans/{public_id:str}", plan(EMPTY_PLAN)),
    _desk("plan, saved", "GET /desk/plans/{public_id:str}", plan(PLAN, is_saved=True)),
    _desk("plan, bad date", "POST /desk/plans/{public_id:str}/items/{item_id:str}", plan(PLAN, fields=[("deadline", "x")]), 422),
    _desk("plan, conflict", "POST /desk/plans/{public_id:str}/items/{item_id:str}", plan(PLAN, fields=[("revision", "99")]), 409),
    _desk("new plan", f"GET {_SURVEYS}/plans/new", at(f"/desk/surveys/{SURVEY}/plans/new")),
    _desk("new plan, no title", f"POST {_SURVEYS}/plans/new", sent(f"/desk/surveys/{SURVEY}/plans/new", ("title", "")), 422),
    _desk("new plan, no themes", f"GET {_SURVEYS}/plans/new", at(f"/desk/surveys/{DRAFT}/plans/new")),
    _desk("events", "GET /desk/events", at("/desk/events?sort=coming")),
    _desk("events, none", "GET /desk/events", drawn("desk/events.html", "/desk/events", here="events", ahead=[], past=[], sort="when")),
    _desk("new event", "GET /desk/events/new", at("/desk/events/new")),
    _desk("new event, mistakes", "POST /desk/events/new", sent("/desk/events/new", ("day", "2000-01-01"), ("time", "10:00"), ("name_en", "x" * 130)), 422),
    _desk("event", "GET /desk/events/{public_id:str}", at(f"/desk/events/{MEETING}?done=created")),
    _desk("event, cancelled", "GET /desk/events/{public_id:str}", at(f"/desk/events/{CANCELLED}?done=cancel")),
    _desk("event, over", "GET /desk/events/{public_id:str}", at(f"/desk/events/{OVER}")),
    _desk("event, no name", "POST /desk/events/{public_id:str}", meeting(("name_zh-Hans", "")), 422),
    _desk("event, conflict", "POST /desk/events/{public_id:str}", meeting(("seen", "x")), 409),
    _desk("event, cancel?", "POST /desk/events/{public_id:str}/cancel", sent(f"/desk/events/{MEETING}/cancel", ("step", "ask"))),
    _desk("compare, choose", "GET /desk/surveys/{slug:str}/compare", at(f"/desk/surveys/{SURVEY}/compare?lang={{lang}}")),
    _desk("compare", "GET /desk/surveys/{slug:str}/compare", at(f"/desk/surveys/{SURVEY}/compare?lang={{lang}}&with={COUNTED}")),
    _desk("compare, the same", "GET /desk/surveys/{slug:str}/compare", at(f"/desk/surveys/{SURVEY}/compare?lang={{lang}}&with={SURVEY}"), 422),
    _desk("compare, not counted", "GET /desk/surveys/{slug:str}/compare", at(f"/desk/surveys/{SURVEY}/compare?lang={{lang}}&with={CLOSED}")),
    _desk("indicators", "GET /desk/indicators", at("/desk/indicators?lang={lang}&done=retire")),
    _desk("indicators, none", "GET /desk/indicators", drawn("desk/indicators.html", "/desk/indicators", here="indicators", cards=[], retired=[], most=12, heading="长" * 12, notes=[""], is_full=True, has_survey=False, done="")),
    _desk("new indicator, which survey", "GET /desk/indicators/new", at("/desk/indicators/new?lang={lang}")),
    _desk("new indicator, which question", "GET /desk/indicators/new", at(f"/desk/indicators/new?lang={{lang}}&survey={COUNTED}")),
    _desk("new indicator", "GET /desk/indicators/new", at(f"/desk/indicators/new?lang={{lang}}&survey={COUNTED}&question=belonging")),
    _desk("new indicator, mistakes", "POST /desk/indicators/new", sent("/desk/indicators/new", ("survey", COUNTED), ("question", "belonging"), ("percent", "x"), ("name_en", "x" * 130)), 422),
    _desk("edit indicator", "GET /desk/indicators/{public_id:str}/edit", at(f"/desk/indicators/{INDICATOR}/edit?lang={{lang}}")),
    _desk("edit indicator, conflict", "POST /desk/indicators/{public_id:str}/edit", sent(f"/desk/indicators/{RETIRED}/edit", ("name_zh-Hans", "归属感"), ("name_en", "Belonging"), ("purpose", "x"), ("caveat", "x"), ("answers", "5"), ("seen", "9")), 409),
    _desk("facilities", "GET /desk/facilities", at("/desk/facilities?lang={lang}&sort=visits&done=2-1-0")),
    _desk("facilities, none", "GET /desk/facilities", drawn("desk/facilities.html", "/desk/facilities", here="facilities", lines=[], total=0, page=1, pages=0, sort="name", doubtful=0, counted=0, done="")),
    _desk("new facility", "GET /desk/facilities/new", at("/desk/facilities/new?lang={lang}")),
    _desk("new facility, mistakes", "POST /desk/facilities/new", sent("/desk/facilities/new", ("code", "-"), ("kind", "x"), ("capacity", "x"), ("name_en", "x" * 130)), 422),
    _desk("facility", "GET /desk/facilities/{public_id:str}", at(f"/desk/facilities/{LIBRARY}?lang={{lang}}")),
    _desk("facility, closed, no counts", "GET /desk/facilities/{public_id:str}", at(f"/desk/facilities/{UNCOUNTED}?lang={{lang}}&done=close")),
    _desk("edit facility", "GET /desk/facilities/{public_id:str}/edit", at(f"/desk/facilities/{LIBRARY}/edit?lang={{lang}}")),
    _desk("edit facility, conflict", "POST /desk/facilities/{public_id:str}/edit", sent(f"/desk/facilities/{LIBRARY}/edit", ("name_zh-Hans", "图书室"), ("kind", "library"), ("level", "community"), ("seen", "x")), 409),
    _desk("words of a facility", "GET /desk/facilities/{public_id:str}/words", at(f"/desk/facilities/{LIBRARY}/words?lang={{lang}}&in=ar&done=saved")),
    _desk("words of a facility, none", "GET /desk/facilities/{public_id:str}/words", at(f"/desk/facilities/{UNCOUNTED}/words?lang={{lang}}&in=ko")),
    _desk("words of a facility, too long", "POST /desk/facilities/{public_id:str}/words", sent(f"/desk/facilities/{LIBRARY}/words", ("in", "de"), ("who", TOO_LONG)), 422),
    _desk("words of a facility, conflict", "POST /desk/facilities/{public_id:str}/words", sent(f"/desk/facilities/{LIBRARY}/words", ("in", "ar"), ("name", "مكتبة"), ("seen", "x")), 409),
    _desk("words of a facility, not ready", "POST /desk/facilities/{public_id:str}/shown", sent(f"/desk/facilities/{UNCOUNTED}/shown", ("is_public", "yes")), 422),
    _desk("enter counts", "GET /desk/facilities/counts", at("/desk/facilities/counts?lang={lang}")),
    _desk("enter counts, no table", "POST /desk/facilities/counts", sent("/desk/facilities/counts", ("rows", "x")), 422),
    _desk("counts, good", "POST /desk/facilities/counts", sent("/desk/facilities/counts", ("rows", f"{VISITS}wangjing-library,2020-01-01,2020-01-31,500,4\n"))),
    _desk("counts, mistakes", "POST /desk/facilities/counts", sent("/desk/facilities/counts", ("rows", f"{VISITS}wangjing-library,2020-01-01,2020-01-31,500,4\n{'长' * 99},x,2019-01-01,y,\n")), 422),
    _desk("count, remove?", "POST /desk/facilities/{public_id:str}/remove-count", sent(f"/desk/facilities/{LIBRARY}/remove-count", ("start", "2020-01-01"), ("end", "2020-01-31"))),
    _desk("log", "GET /desk/log", at("/desk/log?lang={lang}")),
    _desk("log, nobody", "GET /desk/log", at("/desk/log?lang={lang}&person=nobody")),
    _desk("partner", "GET /partner", at("/partner?lang={lang}")),
    _desk("partner, no channel", "GET /partner", drawn("desk/partner.html", "/desk/partner", here="partner", rows=[], links={})),
    _desk("partner's posters", "GET /partner/{short:str}/posters", at(f"/partner/{PARTNERS}/posters")),
    _desk("partner's print page", "GET /partner/{short:str}/poster", at(f"/partner/{PARTNERS}/poster?print=1&format=poster&lang=ko")),
    _desk("role", "GET /desk/role", at("/desk/role?lang={lang}")),
    _desk("no font", "", drawn("desk/no_font.html", "/desk/broken", here="surveys", apt_line="apt-get"), 503),
    *[_desk(f"error {status}", "", failure(status, desk=True), status) for status in (400, 403, 404, 405, 409, 413, 422, 429, 500)],
]  # fmt: skip

NOT_PAGES = {
    "GET /desk/language/{tag:str}": "leads back",
    "GET /desk/facilities/counts/template.csv": "a file",
    "GET /desk/surveys/{slug:str}/compare/table.csv": "a file",
    "GET /desk/indicators/table.csv": "a file",
    "GET /desk/plans/{public_id:str}/document/{format_:str}": "a file",
    "GET /desk/reviews/{public_id:str}/minutes/{format_:str}": "a file",
    "GET /desk/surveys/{slug:str}/channels/{code:str}/code.svg": "a picture",
    "GET /desk/surveys/{slug:str}/charts/{file:str}": "a picture or a table as a file",
    "GET /desk/surveys/{slug:str}/invitations/{public_id:str}/cards.pdf": "a file",
    "GET /desk/surveys/{slug:str}/invitations/{public_id:str}/codes.csv": "a file",
    "GET /desk/surveys/{slug:str}/qr.svg": "a picture",
    "GET /partner/{short:str}/code.svg": "a picture",
    "GET /health/live": "for machines",
    "GET /health/ready": "for machines",
    "GET /static/{path:path}": "a file",
    "GET /sw.js": "a file",
}
"""Routes that show nobody a page, and why."""
