"""A programme in the field, made by hand row by row: officers in arms, flows that were planned, sent, delivered and answered just
so. Every figure of a report on it can be worked out on paper."""

import json
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, insert, select, update

from app.store.tables import (
    Assignment,
    CampaignVersion,
    Consent,
    Contact,
    FlowVersion,
    InboundMessage,
    Nudge,
    OutboundMessage,
    Response,
    Session,
)
from app.store.vault import Vault
from tests.world import PROGRAMME, enrol, published

SOURCE = (
    PROGRAMME.replace(
        "campaigns:\n",
        """  consejo:
    title: Consejo
    kind: tip
    steps:
      - {say: consejo, text: Escuche primero.}
  aplica:
    title: Aplicación
    kind: report
    principle: voz
    steps:
      - ask: aplico
        text: ¿Lo aplicó?
        answer: {choice: {si: {label: Sí, value: 1}, no: {label: "No", value: 0}, nc: {label: No venía al caso, value: "n"}}}
        records: rep_applied
        level: behaviour
      - ask: reaccion
        text: ¿Cómo reaccionó?
        answer: {choice: {calma: {label: Se calmó, value: 1}, igual: {label: Igual, value: 2}}}
        records: rep_reaction
        level: behaviour
  saber:
    title: Conocimiento
    kind: quiz
    steps:
      - ask: voz
        text: ¿Qué hace?
        answer: {choice: {sigo: Sigo, escucho: Escucho}, missing: [d, r]}
        records: know_voz
        level: knowledge
        principle: voz
        correct: escucho
  opina:
    title: Actitudes
    kind: survey
    steps:
      - repeat: frase
        text: "{{ item }}"
        answer: {scale: {min: 1, max: 5}}
        level: internal
        items:
          vale: {text: Vale la pena., records: att_vale}
          basta: {text: Basta ver., records: att_basta, reverse: true}
campaigns:
""",
    ).replace(
        "    slots:\n",
        "    waves:\n      antes: {suffix: bl, day: -15, closes: 15d, flows: [saber, opina]}\n    slots:\n",
    )
    + """
reports:
  aplicacion: {title: Aplicación, from: [aplica], columns: {applied: rep_applied, reaction: rep_reaction}}
scores:
  saber: {title: Conocimiento, level: knowledge, kind: share_right, items: [know_voz], principle: voz}
  actitud: {title: Actitud, level: internal, kind: mean, items: [att_vale, att_basta]}
"""
)

VARIABLES = {
    "aplico": "rep_applied",
    "reaccion": "rep_reaction",
    "voz": "know_voz",
    "frase_vale": "att_vale",
    "frase_basta": "att_basta",
}


class Field:
    """The officers and what happened to them. Times begin at `at`, Monday, 2 March 2026, ten in the morning in Mexico City."""

    def __init__(self, tx: Connection, vault: Vault, at: datetime) -> None:
        self.tx, self.vault, self.at = tx, vault, at
        published(tx, at, SOURCE)
        self.version = tx.execute(select(FlowVersion.id)).scalar_one()
        self.campaign = tx.execute(select(CampaignVersion.id)).scalar_one()
        self.people = 0

    def officer(
        self, arm: str | None = None, *, enrolled: datetime | None = None, consented: bool = True, **attributes: object
    ) -> int:
        """An officer, in an arm if it is given."""
        self.people += 1
        contact = enrol(
            self.tx,
            self.vault,
            enrolled or self.at - timedelta(days=30),
            f"+52555555{self.people:04}",
            consented=consented,
        )
        self.tx.execute(update(Contact).where(Contact.id == contact).values(attributes=json.dumps(attributes)))
        self.tx.execute(
            insert(Assignment), {"contact_id": contact, "campaign": "seguimiento", "arm": arm, "at": self.at}
        )
        return contact

    def planned(
        self,
        contact: int,
        flow: str,
        *,
        wave: str | None = None,
        at: datetime | None = None,
        reason: str | None = None,
        session: int | None = None,
        slot: str | None = None,
    ) -> None:
        """A flow in the plan, open for a week: with its session, or skipped for a reason."""
        at = at or self.at
        self.tx.execute(
            insert(Nudge),
            {
                "contact_id": contact,
                "campaign_version_id": self.campaign,
                "campaign": "seguimiento",
                "slot": slot or uuid4().hex,
                "wave": wave,
                "flow": flow,
                "planned_for": at,
                "due_at": at,
                "closes_at": at + timedelta(days=7),
                "created_at": at,
                "status": "started" if session else "skipped" if reason else "planned",
                "reason": reason,
                "session_id": session,
            },
        )

    def talk(
        self,
        contact: int,
        flow: str,
        *steps: str,
        status: str = "delivered",
        wave: str | None = None,
        at: datetime | None = None,
        outcome: str = "expired",
        channel: str = "whatsapp",
        slot: str | None = None,
    ) -> "Talk":
        """A flow that was begun, with a message of this status for each of its steps."""
        at = at or self.at
        session = self.tx.execute(
            insert(Session).returning(Session.id),
            {
                "contact_id": contact,
                "flow_version_id": self.version,
                "flow": flow,
                "wave": wave,
                "channel": channel,
                "outcome": outcome,
                "started_at": at,
                "ended_at": at + timedelta(hours=48),
            },
        ).scalar_one()
        self.planned(contact, flow, wave=wave, at=at, session=session, slot=slot)
        for step in steps:
            self.tx.execute(
                insert(OutboundMessage),
                {
                    "uid": uuid4().hex,
                    "contact_id": contact,
                    "session_id": session,
                    "flow": flow,
                    "step": step,
                    "kind": "say" if flow == "consejo" else "ask",
                    "channel": channel,
                    "options": "[]",
                    "due_at": at,
                    "status": status,
                    "created_at": at,
                    "sent_at": at,
                },
            )
        return Talk(self, contact, session, flow, wave, at)

    def decided(self, contact: int, *, granted: bool, at: datetime) -> None:
        """An officer's reply to the notice."""
        self.tx.execute(
            insert(Consent),
            {
                "contact_id": contact,
                "version": "aviso_1",
                "granted": granted,
                "channel": "sms",
                "at": at,
            },
        )


class Talk:
    """A conversation that goes on."""

    def __init__(self, field: Field, contact: int, session: int, flow: str, wave: str | None, at: datetime) -> None:
        self.field, self.contact, self.session, self.flow, self.wave, self.at = field, contact, session, flow, wave, at

    def answer(
        self,
        step: str,
        value: object,
        level: str,
        *,
        minutes: int = 10,
        kind: str = "choice",
        correct: bool | None = None,
        missing: str | None = None,
        status: str = "ok",
    ) -> "Talk":
        """An answer, so many minutes after the beginning."""
        at = self.at + timedelta(minutes=minutes)
        inbound = self.field.tx.execute(
            insert(InboundMessage).returning(InboundMessage.id),
            {
                "sid": f"SM{uuid4().hex}",
                "contact_id": self.contact,
                "lookup": "",
                "channel": "whatsapp",
                "sealed": b"",
                "outcome": "answer",
                "received_at": at,
            },
        ).scalar_one()
        self.field.tx.execute(
            insert(Response),
            {
                "session_id": self.session,
                "contact_id": self.contact,
                "inbound_id": inbound,
                "flow_version_id": self.field.version,
                "flow": self.flow,
                "step": step,
                "variable": VARIABLES.get(step, step),
                "wave": self.wave,
                "level": level,
                "principle": "voz",
                "kind": kind,
                "value": str(value),
                "number": float(value) if isinstance(value, int) else None,
                "label": "",
                "missing": missing,
                "correct": correct,
                "rule": "",
                "score": 1.0,
                "attempt": 1,
                "status": status,
                "asked_at": self.at,
                "answered_at": at,
            },
        )
        return self

    def completed(self) -> "Talk":
        """It came to its end."""
        self.field.tx.execute(update(Session).where(Session.id == self.session).values(outcome="completed"))
        return self
