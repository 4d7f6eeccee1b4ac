"""Every table of the application, for the engine's binding and the schema's test."""

from __future__ import annotations

from piccolo.table import Table

from survey.accounts.tables import Account, Area, OneTimeLink, PopulationFigure, Role, Session, TokenBucket
from survey.audit.tables import AuditEvent
from survey.authoring.tables import Survey, SurveyVersion, Wave
from survey.insight.tables import Chart, Indicator, IndicatorTarget, Resource, SurveyFigures, UsageCount
from survey.jobs.tables import Job
from survey.outreach.tables import Channel, ChannelCount, Event, EventCount, Invitation, InvitationBatch
from survey.plans.tables import Plan, PlanItem
from survey.responses.tables import AnswerDocument, Consent, DayCount, Draft, Response, Tally, Withdrawal
from survey.statements.tables import InboxDelay, Rendering, Statement
from survey.themes.tables import (
    AnalysisRun,
    Assignment,
    Difference,
    DirectoryMapping,
    EventTheme,
    LexiconWord,
    ReviewComment,
    ReviewDecision,
    ReviewEvent,
    ReviewItem,
    ReviewMeeting,
    ReviewQuorum,
    ReviewSeat,
    ReviewVote,
    SetAside,
    Theme,
    ThemeDifference,
    Unsorted,
    WaveAlert,
)

ALL_TABLES: list[type[Table]] = [
    Area, PopulationFigure, Account, Role, Session, OneTimeLink, TokenBucket,
    Survey, SurveyVersion, Channel, ChannelCount,
    InvitationBatch, Invitation, Event, EventCount,
    Response, AnswerDocument, Consent, Tally, DayCount, Withdrawal, Draft,
    Statement, Rendering, InboxDelay, AnalysisRun, Theme, Assignment, ReviewEvent,
    ReviewComment, ReviewQuorum, ReviewMeeting, ReviewSeat, ReviewItem, ReviewVote, ReviewDecision, DirectoryMapping,
    SetAside, Unsorted, EventTheme, Difference, ThemeDifference, LexiconWord,
    Chart, SurveyFigures, Resource, UsageCount, Indicator, IndicatorTarget, Plan, PlanItem, Job, AuditEvent,
    Wave, WaveAlert,
]  # fmt: skip
