"""How much harm an answer could do if it were wrong or followed blindly, read from its words without a model. A lexicon and nothing else:
what follows from a risk is decided in `policy`."""

import re
from dataclasses import dataclass

from vigil.domain.decision import Risk

# ruff: noqa: E501


@dataclass(frozen=True, slots=True, kw_only=True)
class Danger:
    """One thing that must not happen without a person's yes."""

    risk: Risk
    what: str
    """Named to people: "deletes files"."""
    pattern: re.Pattern[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """What an answer could do."""

    risk: Risk
    dangers: tuple[str, ...] = ()


def _danger(risk: Risk, what: str, pattern: str) -> Danger:
    return Danger(risk=risk, what=what, pattern=re.compile(pattern, re.IGNORECASE))


_THINGS = (
    r"(?:accounts?|backups?|buckets?|clusters?|databases?|disks?|domains?|files?|folders?|instances?|keys?|logs?|namespaces?|nodes?|organi[sz]ations?|partitions?|projects?|records?|repositor(?:y|ies)|"
    r"resource groups?|servers?|snapshots?|stacks?|tables?|tenants?|users?|vms?|virtual machines?|volumes?|workspaces?|zones?)"
)
_NEAR = r"[^.!?\n]{0,40}?"

LEXICON: tuple[Danger, ...] = (
    _danger(
        Risk.HIGH,
        "deletes files",
        r"\brm\s+(?:-{1,2}[\w-]+\s+)*-\w*[rf]|\b(?:shred|unlink)\s+[-/~]|\bfind\b[^\n]{0,80}\s-delete\b|\bdel\s+/[sfq]\b|remove-item\b[^\n]{0,60}-recurse",
    ),
    _danger(
        Risk.HIGH,
        "overwrites a disk",
        r"\bmkfs(?:\.\w+)?\b|\bdd\s+(?:if|of)=|\bwipefs\b|\b(?:fdisk|parted|gdisk|diskpart)\b|\bformat\s+[a-z]:|\bformat(?:s|ting)?\s+(?:the|your|this|that)?\s*(?:disk|drive|partition|volume)|>\s*/dev/(?:sd|nvme|vd|hd)",
    ),
    _danger(
        Risk.HIGH,
        "deletes stored records",
        r"\bdrop\s+(?:table|database|schema|index|user|keyspace|collection)\b|\btruncate\s+(?:table\s+)?\w|\bdelete\s+from\b|\bflush(?:all|db)\b|\bdropdatabase\b",
    ),
    _danger(
        Risk.HIGH,
        "deletes or destroys something",
        rf"\b(?:delete|destroy|erase|wipe|purge|terminate|deprovision|remove permanently|permanently remove)\b{_NEAR}\b{_THINGS}\b|\bkubectl\s+delete\b|\bhelm\s+(?:uninstall|delete)\b|\bterraform\s+(?:destroy|state rm)\b|\bdocker\s+(?:system|volume|image)\s+prune\b|\b(?:delete|terminate)-[a-z]+\b|\bs3\s+r[bm]\b|\bgcloud\b[^\n]{0, 60}\bdelete\b|\baz\b[^\n]{0, 60}\bdelete\b|\bfactory[ -]reset\b",
    ),
    _danger(
        Risk.HIGH,
        "throws away history",
        r"\bgit\s+(?:push\s+(?:\S+\s+){0,3}(?:-f\b|--force)|reset\s+--hard|clean\s+-\w*f|filter-branch)|\bforce[- ]push",
    ),
    _danger(
        Risk.HIGH,
        "promises or moves money",
        r"\b(?:refund(?:s|ed|ing)?|reimburse(?:ment|d)?|chargeback|compensat(?:e|ion)|goodwill credit|credit note|waive (?:the|your|this)|free of charge)\b|\b(?:we|i)(?: wi|')ll (?:credit|pay|charge)\b|\bcharge (?:the|your|their) (?:card|account)\b|\bissue (?:a|the) credit\b",
    ),
    _danger(
        Risk.HIGH,
        "binds legally",
        r"\b(?:legally binding|liab(?:le|ility)|indemnif\w+|(?:sign|amend|terminate|cancel) (?:the|your|this|our) (?:contract|agreement)|breach of contract|we guarantee|guaranteed uptime|data processing agreement|waiver|gdpr request|subpoena|court order)\b",
    ),
    _danger(
        Risk.HIGH,
        "turns off a protection",
        rf"\b(?:disabl(?:e|ing)|turn(?:ing)? off|switch(?:ing)? off|stop|deactivat(?:e|ing)|bypass(?:ing)?|flush)\b{_NEAR}\b(?:firewall|ufw|iptables|selinux|apparmor|antivirus|defender|mfa|2fa|two[- ]factor|multi[- ]factor|authentication|tls|ssl|certificate (?:check|verification|validation)|encryption|backups?|audit(?:ing| log\w*)?|logging|rate limit\w*|waf|deletion protection|versioning)\b|\bsetenforce\s+0\b|\biptables\s+-F\b|\bufw\s+disable\b|\b--no-verify-ssl\b|\bcurl\b[^\n]{0, 60}\s(?:-k|--insecure)\b|\bverify\s*=\s*false\b",
    ),
    _danger(
        Risk.HIGH,
        "opens access",
        r"\bchmod\s+(?:-\w+\s+)*(?:0?777|a\+rwx|o\+w|[ug]?\+s)\b|\b0\.0\.0\.0/0\b|\b(?:make|set)\b[^.!?\n]{0,30}\b(?:bucket|object|database|port|endpoint|repository|registry|dashboard)s?\b[^.!?\n]{0,15}\bpublic(?:ly)?\b|\bpublic-read\b|\b(?:grant|give|add|assign)\b[^.!?\n]{0,40}\b(?:admin(?:istrator)?|owner|root|superuser|cluster-admin|all privileges|full access)\b|\bgrant\s+all\b|\bnopasswd\b|\bdisable-host-check\b",
    ),
    _danger(
        Risk.HIGH,
        "reveals a secret",
        r"(?<!never )(?<!not )(?<!n't )(?<!n’t )\b(?:send|share|post|paste|e-?mail|tell|give)\b[^.!?\n]{0,25}\b(?:your|the|us|me)\b[^.!?\n]{0,20}\b(?:password|passphrase|private key|secret(?: key)?|api key|access token|recovery codes?|card number|cvv)\b",
    ),
    _danger(
        Risk.HIGH,
        "runs a stranger's program",
        r"\b(?:curl|wget)\b[^\n|]{0,200}\|\s*(?:sudo\s+)?(?:ba|z|da)?sh\b|\b(?:iex|invoke-expression)\b",
    ),
    _danger(
        Risk.HIGH,
        "closes an account",
        r"\b(?:close|cancel|suspend|terminate|deactivate)\b[^.!?\n]{0,20}\b(?:account|subscription|plan|service contract)\b",
    ),
    _danger(
        Risk.MEDIUM,
        "interrupts a service",
        r"\b(?:reboot|restart|shut ?down|stop|kill|power[- ]?cycle|halt|scale (?:down )?to (?:0|zero)|fail ?over|evict|drain|cordon|rollout restart|roll ?back|redeploy)\b[^.!?\n]{0,40}\b(?:server|service|node|pods?|instance|machine|vm|host|database|cluster|broker|router|production|replica|primary|deployment|daemon|process)\b|\bkill\s+-9\b|\bkubectl\s+(?:drain|cordon|rollout)\b|\bsystemctl\s+(?:stop|restart|disable)\b",
    ),
    _danger(
        Risk.MEDIUM,
        "changes keys or passwords",
        r"\b(?:rotat(?:e|ing)|revok(?:e|ing)|reset(?:ting)?|regenerat(?:e|ing)|invalidat(?:e|ing))\b[^.!?\n]{0,30}\b(?:keys?|tokens?|credentials?|secrets?|certificates?|mfa|2fa|all sessions)\b",
    ),
    _danger(
        Risk.MEDIUM,
        "changes names or routes that others rely on",
        r"\b(?:change|edit|remove|repoint|switch|update)\b[^.!?\n]{0,30}\b(?:dns|name ?servers?|mx records?|routing tables?|default gateway|load balancer)\b",
    ),
)
"""Commands and promises that a wrong answer must not make by itself. A warning against a command ("never run rm -rf") counts too: better a
person too many than one too few; only "never share your password" is let through."""


def assess(*texts: str) -> Assessment:
    """The highest risk in `texts`, and what makes it: each danger named once, the gravest first."""
    found = [danger for danger in LEXICON if any(danger.pattern.search(text) for text in texts)]
    if any(danger.risk is Risk.HIGH for danger in found):
        return Assessment(risk=Risk.HIGH, dangers=tuple(danger.what for danger in found if danger.risk is Risk.HIGH))
    return Assessment(risk=Risk.MEDIUM if found else Risk.LOW, dangers=tuple(danger.what for danger in found))


def worse(one: Risk, other: Risk) -> Risk:
    """The higher of two risks."""
    order = (Risk.LOW, Risk.MEDIUM, Risk.HIGH)
    return max(one, other, key=order.index)
