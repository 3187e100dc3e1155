"""The person, or the program of a person, who does something: a name for the audit log, and what the roles allow."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from app.errors import AppError
from app.flows.tryouts import code_of, is_tryout
from app.people.roles import ROLES, Permission, Role
from app.store import accounts
from app.store.audit import CLAIM
from app.wording import Sentence, one_of

EVERY_PROGRAMME = ""
"""As the programme of a grant or a token: all of them."""


class Forbidden(AppError):
    """The person may not do this."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role in one programme, or in all."""

    role: Role
    programme: str


def grants(tx: Connection, account: int) -> tuple[Grant, ...]:
    """The roles of an account, each with its programme. A role of a newer release is left out."""
    return as_grants(accounts.grants(tx, account))


def as_grants(rows: Iterable[tuple[str, str]]) -> tuple[Grant, ...]:
    """The same of the roles and programmes that are stored."""
    return tuple(Grant(Role(role), where) for role, where in rows if role in set(Role))


@dataclass(frozen=True, slots=True)
class Actor:
    """An account with its grants, by a signed-in browser or by a token. `scopes` and `programme` limit a token further."""

    account: int
    name: str
    grants: tuple[Grant, ...]
    token: int | None = None
    scopes: frozenset[Permission] | None = None
    programme: str = EVERY_PROGRAMME

    @property
    def label(self) -> str:
        """The name for the audit log."""
        return self.name if self.token is None else f"{self.name}, token {self.token}"

    def programmes(self, permission: Permission) -> frozenset[str]:
        """The programmes in which this is allowed, each with its tryout; `EVERY_PROGRAMME` stands for all."""
        if self.scopes is not None and permission not in self.scopes and permission is not Permission.self:
            return frozenset()
        own = {grant.programme for grant in self.grants if permission in ROLES[grant.role]}
        if self.programme != EVERY_PROGRAMME:
            own = {self.programme} if own & {self.programme, EVERY_PROGRAMME} else set()
        return frozenset(own | {code_of(one) for one in own if one != EVERY_PROGRAMME})

    def may(self, permission: Permission, programme: str | None = None) -> bool:
        """Whether this is allowed in a programme; in all programmes if it is None."""
        own = self.programmes(permission)
        return EVERY_PROGRAMME in own or (programme is not None and programme in own)

    def may_somewhere(self, permission: Permission) -> bool:
        """Whether this is allowed in any programme."""
        return permission is Permission.anyone or bool(self.programmes(permission))

    def require(self, permission: Permission, programme: str | None = None) -> None:
        """Raise Forbidden unless this is allowed in the programme, or in all if it is None."""
        if self.may(permission, programme):
            return
        if programme is None and (own := self.programmes(permission)):
            raise Forbidden(
                Sentence(
                    "name a programme: {label} may do this only in {programmes}",
                    label=self.label,
                    programmes=", ".join(sorted(one for one in own if not is_tryout(one))),
                )
            )
        raise Forbidden(refusal(self.label, permission, programme))


def person(tx: Connection, name: str) -> Actor | None:
    """The person of an account; None without one. A disabled account may do nothing."""
    found = accounts.by_name(tx, name)
    if found is None:
        return None
    return Actor(found.id, found.name, () if found.disabled_at is not None else grants(tx, found.id))


def refusal(who: str, permission: Permission, programme: str | None = None) -> Sentence:
    """One line that says who may not do what, and which role would."""
    roles = one_of(str(role) for role, those in ROLES.items() if permission in those)
    if programme:
        return Sentence(
            "{who} may not do this in {programme}: it needs the role {roles} ({permission})",
            who=who,
            programme=programme,
            roles=roles,
            permission=permission,
        )
    return Sentence(
        "{who} may not do this: it needs the role {roles} ({permission})", who=who, roles=roles, permission=permission
    )


def claimed(name: str) -> str:
    """The actor of a command, for the audit log."""
    return CLAIM + name


def name_of(actor: str) -> str:
    """The name within an actor of the audit log."""
    return actor.removeprefix(CLAIM).partition(", token ")[0]
