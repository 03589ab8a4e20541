"""What indexes and aliases are called: in lower case, as Elasticsearch wants it, and never the same for two tenants.

`<prefix>-shared` is the alias of the index that small tenants share, `<prefix>-shared-000001` that index and its later
generations, `<prefix>-own-<tenant>-000001` the index of a tenant that has one to itself, and `<prefix>-tenant-<tenant>`
the alias through which all is asked and written of a tenant.
"""

import hashlib
import string
from dataclasses import dataclass

from wecom_bot.domain.message import CorpId

_PLAIN = frozenset(string.ascii_lowercase + string.digits + "_-")
_LONGEST = 160  # of 255 bytes, with what stands before and after it


def of_tenant(corp_id: CorpId) -> str:
    """The corp ID in lower case; injective: `.a` is an A, `.0e4` any other byte, `.1…` the digest of a long one."""
    said = "".join(_spelled(character) for character in corp_id)
    if len(said) > _LONGEST:
        return ".1" + hashlib.sha256(corp_id.encode("utf-8", "surrogatepass")).hexdigest()
    return said


def _spelled(character: str) -> str:
    if character in _PLAIN:
        return character
    if character.isascii() and character.isupper():
        return f".{character.lower()}"
    return "".join(f".0{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def document_id(corp_id: CorpId, article_id: str) -> str:
    """Of an article's document, in whichever index it lies."""
    return f"{corp_id}/{article_id}"  # no / is in a corp ID


def article_id(corp_id: CorpId, document: str) -> str:
    """The article of a document's id."""
    return document[len(corp_id) + 1 :]


@dataclass(frozen=True, slots=True)
class IndexNames:
    """The names of one installation; several with other prefixes may share a cluster."""

    prefix: str

    @property
    def shared(self) -> str:
        """The alias of the shared index."""
        return f"{self.prefix}-shared"

    @property
    def pattern(self) -> str:
        """Of all indexes that are ours."""
        return f"{self.prefix}-*"

    def own(self, corp_id: CorpId) -> str:
        """What the names of the tenant's own indexes begin with."""
        return f"{self.prefix}-own-{of_tenant(corp_id)}"

    @property
    def tenant_prefix(self) -> str:
        """What the aliases of all tenants begin with."""
        return f"{self.prefix}-tenant-"

    @property
    def tenants(self) -> str:
        """Of all tenants' aliases, and so of the indexes that answer."""
        return f"{self.tenant_prefix}*"

    def tenant(self, corp_id: CorpId) -> str:
        """The tenant's alias."""
        return f"{self.tenant_prefix}{of_tenant(corp_id)}"


def generation(family: str, number: int) -> str:
    """The index of this number; `family` is IndexNames.shared or IndexNames.own."""
    return f"{family}-{number:06d}"


def number(family: str, index: str) -> int | None:
    """Which generation an index is; None where it is none of this family."""
    named, _, said = index.rpartition("-")
    return int(said) if named == family and said.isdecimal() else None
