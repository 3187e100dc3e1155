"""The one table of roles and permissions, and the permission that each command and each HTTP route needs. Nothing is
allowed that is not written here; a test compares the table with the commands and routes that there are. Roles are enforced over HTTP.
On the command line they only guard a person with an account against a mistake: whoever can read the key and the database can do
everything anyway."""

from enum import StrEnum


class Role(StrEnum):
    """A role of an account, in one programme or in all. Commanders have none, and see nothing."""

    coordinator = "coordinator"
    researcher = "researcher"
    reviewer = "reviewer"
    guardian = "guardian"
    administrator = "administrator"


class Permission(StrEnum):
    """Something that a role may do. As text: a scope of a token."""

    anyone = "anyone"  # no sign-in: the carrier's webhooks, health, the page to sign in; commands that read files only
    self = "self"  # one's own session: whoever is signed in
    machine = "machine"  # run the service, upgrade its database, mend it
    accounts = "accounts"  # people, their roles, tokens
    audit = "audit"  # read the audit log
    roster = "roster"  # enrol officers, cohorts, leave, numbers
    schedule = "schedule"  # the plan, one-off messages, pauses, rehearsals
    status = "status"  # counts: the funnel, failures, open alerts; nobody by name or study id but in an alert
    programme = "programme"  # publish flow files, and the words that replies are read by
    identify = "identify"  # an officer's or a stranger's name and number
    rights = "rights"  # erase an officer, or all of a programme
    list_cases = "list-cases"
    read_cases = "read-cases"  # the words of any case
    handle_cases = "handle-cases"
    read_crises = "read-crises"  # the words of a crisis or a serious incident
    handle_crises = "handle-crises"
    alerts = "alerts"
    answers = "answers"  # de-identified answers, exports, the report
    randomise = "randomise"
    story = "story"  # one officer's conversation by study id, without a name; words only with `read-cases`
    free_text = "free-text"  # words that nobody has reviewed yet, without names
    phone = "phone"  # the simulated phones


ROLES: dict[Role, frozenset[Permission]] = {
    Role.coordinator: frozenset(
        {
            Permission.self,
            Permission.roster,
            Permission.schedule,
            Permission.status,
            Permission.programme,
            Permission.identify,
            Permission.rights,
            Permission.list_cases,
            Permission.read_cases,
            Permission.handle_cases,
            Permission.read_crises,
            Permission.handle_crises,
            Permission.alerts,
            Permission.story,
            Permission.phone,
        }
    ),
    Role.researcher: frozenset(
        {
            Permission.self,
            Permission.status,
            Permission.answers,
            Permission.randomise,
            Permission.story,
            Permission.phone,
        }
    ),
    Role.reviewer: frozenset({Permission.self, Permission.free_text}),
    Role.guardian: frozenset(
        {
            Permission.self,
            Permission.status,
            Permission.identify,
            Permission.list_cases,
            Permission.read_crises,
            Permission.handle_crises,
            Permission.alerts,
        }
    ),
    Role.administrator: frozenset(
        {
            Permission.self,
            Permission.status,
            Permission.machine,
            Permission.accounts,
            Permission.audit,
            Permission.alerts,
            Permission.phone,
        }
    ),
}
"""The permissions of each role. `Permission.anyone` needs no role."""

SCOPES = frozenset({Permission.answers, Permission.free_text, Permission.phone})
"""The permissions that a token can have: those of the routes that programs call."""

COMMANDS: dict[str, Permission] = {
    "demo": Permission.anyone,
    "serve": Permission.machine,
    "check": Permission.anyone,
    "init": Permission.anyone,
    "schema": Permission.anyone,
    "docs": Permission.anyone,
    "play": Permission.anyone,
    "diagram": Permission.anyone,
    "test": Permission.anyone,
    "diff": Permission.programme,
    "publish": Permission.programme,
    "flows export": Permission.anyone,
    "flows import": Permission.anyone,
    "reply": Permission.anyone,
    "replies unclear": Permission.free_text,
    "roster import": Permission.roster,
    "officers check": Permission.roster,
    "officers mend": Permission.roster,
    "officers find": Permission.identify,
    "officers alike": Permission.identify,
    "officers number": Permission.roster,
    "officers correct": Permission.roster,
    "officers show": Permission.read_cases,
    "officers out": Permission.handle_cases,
    "officers invite": Permission.roster,
    "cohorts": Permission.roster,
    "cohorts date": Permission.roster,
    "cohorts zone": Permission.roster,
    "leave add": Permission.roster,
    "leave remove": Permission.roster,
    "leave list": Permission.roster,
    "leave import": Permission.roster,
    "cases": Permission.list_cases,
    "cases list": Permission.list_cases,
    "cases show": Permission.read_crises,
    "cases files": Permission.read_crises,
    "cases who": Permission.identify,
    "cases take": Permission.handle_crises,
    "cases assign": Permission.handle_crises,
    "cases release": Permission.handle_crises,
    "cases snooze": Permission.handle_crises,
    "cases answer": Permission.handle_crises,
    "cases count": Permission.handle_crises,
    "cases consent": Permission.handle_crises,
    "cases out": Permission.handle_crises,
    "cases pause": Permission.handle_crises,
    "cases resume": Permission.handle_crises,
    "cases number": Permission.handle_crises,
    "cases identify": Permission.handle_crises,
    "cases close": Permission.handle_crises,
    "synth": Permission.anyone,
    "power": Permission.anyone,
    "randomize": Permission.randomise,
    "plan": Permission.schedule,
    "templates": Permission.programme,
    "export": Permission.answers,
    "report": Permission.answers,
    "corrections import": Permission.answers,
    "corrections add": Permission.answers,
    "corrections answers": Permission.answers,
    "corrections list": Permission.answers,
    "corrections undo": Permission.answers,
    "text export": Permission.free_text,
    "text import": Permission.free_text,
    "text sample": Permission.free_text,
    "text errors": Permission.answers,
    "text agreement": Permission.free_text,
    "status": Permission.status,
    "doctor": Permission.machine,
    "twilio configure": Permission.machine,
    "alerts test": Permission.alerts,
    "notice list": Permission.schedule,
    "notice send": Permission.schedule,
    "notice show": Permission.schedule,
    "notice approve": Permission.schedule,
    "notice cancel": Permission.schedule,
    "pause": Permission.schedule,
    "resume": Permission.schedule,
    "sweep": Permission.machine,
    "dead-letters": Permission.machine,
    "user list": Permission.accounts,
    "user add": Permission.accounts,
    "user password": Permission.accounts,
    "user second-factor": Permission.accounts,
    "user directory": Permission.accounts,
    "user role": Permission.accounts,
    "user disable": Permission.accounts,
    "user enable": Permission.accounts,
    "user sign-out": Permission.accounts,
    "token list": Permission.accounts,
    "token add": Permission.accounts,
    "token revoke": Permission.accounts,
    "audit list": Permission.audit,
    "audit verify": Permission.audit,
    "audit anchor": Permission.audit,
    "erase": Permission.rights,
    "retention": Permission.status,
    "anonymise": Permission.rights,
    "keys rotate": Permission.machine,
    "keys settle": Permission.machine,
    "backup": Permission.machine,
    "restore": Permission.machine,
    "db upgrade": Permission.machine,
    "db check": Permission.machine,
    "db copy": Permission.machine,
}
"""The permission that each command needs, by its words. A command for any case needs what a crisis needs."""

ROUTES: dict[str, Permission] = {
    "GET /healthz": Permission.anyone,
    "GET /readyz": Permission.anyone,
    "GET /status": Permission.anyone,  # without data
    "POST /twilio/inbound": Permission.anyone,  # signed by the carrier
    "POST /twilio/fallback": Permission.anyone,
    "POST /twilio/status": Permission.anyone,
    "GET /sign-in": Permission.anyone,
    "POST /sign-in": Permission.anyone,
    "GET /sign-in/directory": Permission.anyone,  # there only with a directory
    "GET /sign-in/directory/callback": Permission.anyone,
    "POST /sign-out": Permission.self,
    "GET /new-password/{token}": Permission.anyone,  # with the link
    "POST /new-password/{token}": Permission.anyone,
    "GET /me": Permission.self,
    "POST /me/second-factor": Permission.self,
    "POST /language": Permission.anyone,
    "GET /": Permission.anyone,  # leads to the first page that the caller may open
    "GET /static": Permission.anyone,
    "GET /api/v1/openapi.json": Permission.self,
    "GET /api/v1/exports/{file}": Permission.answers,
    "GET /api/v1/texts": Permission.free_text,
    "POST /api/v1/texts/{response}/review": Permission.free_text,
    "GET /console": Permission.list_cases,
    "GET /console/news": Permission.self,  # of what the caller may see
    "GET /console/events": Permission.self,
    "GET /console/cases/{case}": Permission.read_crises,
    "GET /console/cases/{case}/files": Permission.read_crises,
    "GET /console/cases/{case}/files/{file}": Permission.read_crises,
    "POST /console/cases/{case}/who": Permission.identify,
    "POST /console/cases/{case}/take": Permission.handle_crises,
    "POST /console/cases/{case}/assign": Permission.handle_crises,
    "POST /console/cases/{case}/release": Permission.handle_crises,
    "POST /console/cases/{case}/snooze": Permission.handle_crises,
    "POST /console/cases/{case}/answer": Permission.handle_crises,
    "POST /console/cases/{case}/count": Permission.handle_crises,
    "POST /console/cases/{case}/consent": Permission.handle_crises,
    "POST /console/cases/{case}/out": Permission.handle_crises,
    "POST /console/cases/{case}/pause": Permission.handle_crises,
    "POST /console/cases/{case}/resume": Permission.handle_crises,
    "POST /console/cases/{case}/number": Permission.handle_crises,
    "POST /console/cases/{case}/identify": Permission.handle_crises,
    "POST /console/cases/{case}/close": Permission.handle_crises,
    "GET /console/today": Permission.status,
    "GET /console/today/flows": Permission.story,
    "GET /console/today/failures": Permission.story,
    "GET /console/today/silent": Permission.story,
    "GET /console/today/pause": Permission.schedule,
    "POST /console/today/pause": Permission.schedule,
    "POST /console/today/resume": Permission.schedule,
    "GET /console/calendar": Permission.schedule,
    "GET /console/calendar/flows": Permission.schedule,
    "GET /console/calendar/officer": Permission.schedule,
    "GET /console/officers": Permission.story,
    "POST /console/officers/find": Permission.identify,
    "GET /console/officers/{study_id}": Permission.story,
    "POST /console/officers/{study_id}/who": Permission.identify,
    "POST /console/officers/{study_id}/pause": Permission.schedule,
    "POST /console/officers/{study_id}/resume": Permission.schedule,
    "POST /console/officers/{study_id}/out": Permission.handle_cases,
    "POST /console/officers/{study_id}/invite": Permission.roster,
    "POST /console/officers/{study_id}/number": Permission.roster,
    "POST /console/officers/{study_id}/correct": Permission.roster,
    "POST /console/officers/{study_id}/leave": Permission.roster,
    "POST /console/officers/{study_id}/leave-remove": Permission.roster,
    "GET /console/officers/{study_id}/answers/{response}": Permission.answers,
    "POST /console/officers/{study_id}/answers/{response}": Permission.answers,
    "POST /console/officers/{study_id}/answers/{response}/take-back": Permission.answers,
    "GET /console/roster": Permission.roster,
    "POST /console/roster/export": Permission.roster,  # and identify
    "GET /console/roster/cohorts": Permission.roster,
    "POST /console/roster/cohorts/date": Permission.roster,
    "POST /console/roster/cohorts/zone": Permission.roster,
    "GET /console/roster/import": Permission.roster,
    "POST /console/roster/import": Permission.roster,
    "GET /console/roster/import/{kind}": Permission.roster,
    "POST /console/roster/import/{kind}/choices": Permission.roster,
    "POST /console/roster/import/{kind}/cells": Permission.roster,
    "POST /console/roster/import/{kind}/commit": Permission.roster,
    "POST /console/roster/import/{kind}/discard": Permission.roster,
    "GET /console/programme": Permission.programme,
    "GET /console/programme/{code}": Permission.programme,
    "GET /console/programme/{code}/file": Permission.programme,
    "POST /console/programme/{code}/give-up": Permission.programme,
    "GET /console/programme/{code}/flows/{flow}": Permission.programme,
    "GET /console/programme/{code}/texts": Permission.programme,
    "POST /console/programme/{code}/texts": Permission.programme,
    "GET /console/programme/{code}/texts/{flow}": Permission.programme,
    "POST /console/programme/{code}/texts/{flow}": Permission.programme,
    "GET /console/programme/{code}/yaml": Permission.programme,
    "POST /console/programme/{code}/yaml": Permission.programme,
    "POST /console/programme/{code}/check": Permission.programme,
    "POST /console/programme/{code}/play": Permission.programme,
    "GET /console/programme/{code}/tryout": Permission.programme,  # and identify
    "POST /console/programme/{code}/tryout": Permission.programme,
    "POST /console/programme/{code}/tryout/end": Permission.programme,
    "GET /console/schema": Permission.programme,
    "GET /console/publish": Permission.programme,
    "GET /console/publish/{code}": Permission.programme,
    "POST /console/publish/{code}": Permission.programme,
    "POST /console/publish/{code}/accept": Permission.programme,
    "GET /console/publish/{code}/transcripts/{file}": Permission.programme,
    "POST /console/publish/{code}/roll-back": Permission.programme,
    "GET /console/data": Permission.answers,
    "POST /console/data/export": Permission.answers,
    "GET /console/data/report": Permission.answers,
    "GET /console/review": Permission.free_text,
    "POST /console/review/{response}": Permission.free_text,
    "GET /console/coding": Permission.free_text,
    "GET /console/coding/settle": Permission.free_text,
    "POST /console/coding/settle": Permission.free_text,
    "POST /console/coding/{response}": Permission.free_text,
    "POST /console/coding/settle/{response}": Permission.free_text,
    "GET /console/accounts": Permission.accounts,
    "POST /console/accounts": Permission.accounts,
    "GET /console/accounts/{name}": Permission.accounts,
    **{
        f"POST /console/accounts/{{name}}/{word}": Permission.accounts
        for word in (
            "link",
            "role",
            "role-take",
            "second-factor-remove",
            "directory",
            "disable",
            "enable",
            "sign-out",
            "token",
            "token-revoke",
        )
    },
    "GET /console/audit": Permission.audit,
    "GET /console/start": Permission.status,
    "POST /console/start/rehearsed": Permission.schedule,
    "POST /console/start/alerts": Permission.alerts,
    "POST /console/audit/verify": Permission.audit,
    "GET /console/notice": Permission.schedule,
    "POST /console/notice": Permission.schedule,
    "GET /console/notice/{notice}": Permission.schedule,
    "POST /console/notice/{notice}/approve": Permission.schedule,
    "POST /console/notice/{notice}/cancel": Permission.schedule,
    "GET /phone": Permission.phone,
    "GET /phone/api/phones": Permission.phone,
    "GET /phone/api/names": Permission.identify,
    "POST /phone/api/phones": Permission.phone,
    "GET /phone/api/phones/{number}": Permission.phone,
    "POST /phone/api/phones/{number}": Permission.phone,
    "GET /phone/api/phones/{number}/transcript": Permission.phone,
    "POST /phone/api/clock": Permission.phone,
    "GET /phone/api/faults": Permission.phone,
    "POST /phone/api/faults": Permission.phone,
}
"""The permission that each route needs, by method and path. A page of a case needs what one about safety needs; `app.web.console` looks at
the case itself, too."""
