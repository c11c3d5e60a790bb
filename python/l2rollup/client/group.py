"""A group on its way between its parties: linked transfers in order, each signed or not yet, as a JSON document.

A party believes the document in nothing: what it signs is made here from the terms that are shown, and a token is named
by its address, whose index the reader looks up. What it is not: a store of keys, or a promise; until the last member
has signed and the group is handed in, nothing has happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from l2rollup.client.wallet import Wallet
from l2rollup.errors import Malformed, Refused
from l2rollup.processor import GROUP_MEMBERS, Draft, draft_linked_transfer, link
from l2rollup.processor.wire import Hash5
from l2rollup.types import parse_address, parse_amount, parse_hex, parse_integer, show, to_address, to_hex

FORMAT = "l2rollup-group-1"
SIGNATURE_BYTES = 64
_MEMBERS = (
    "from", "to", "token", "amount", "nonce", "gasLimit", "gasPrice", "feeToken", "validUntil", "signature",
)  # fmt: skip

FindToken = Callable[[str], tuple[int, bytes]]
"""Index and address of a token by its address: Client.token."""


@dataclass
class Group:
    """The members of a group for one rollup. `signatures[i]` is R8 and S of member i, or None."""

    chain_id: int
    rollup: str
    drafts: list[Draft] = field(default_factory=list)
    signatures: list[bytes | None] = field(default_factory=list)

    def add(self, draft: Draft) -> None:
        """Adds a linked transfer at the end. Raises Refused once somebody has signed, or when there are eight."""
        if any(self.signatures):
            raise Refused("a member has signed: the group is closed", expected="no signature", got="a signed member",
                          code="incomplete_group")  # fmt: skip
        if len(self.drafts) + 1 not in GROUP_MEMBERS and self.drafts:
            raise Refused("the group is full", expected="2 to 8 members", got=str(len(self.drafts) + 1),
                          code="incomplete_group")  # fmt: skip
        self.drafts.append(draft)
        self.signatures.append(None)

    def count_of(self, sender: bytes) -> int:
        """Returns how many members a sender has: the nonces that its next member is ahead by."""
        return sum(draft.sender == sender for draft in self.drafts)

    def sign(self, wallet: Wallet, domain: int, hash5: Hash5) -> int:
        """Signs the wallet's members; returns how many. Raises Refused when it has none, or this can be no group."""
        members = link(self.drafts, hash5)
        own = [i for i, draft in enumerate(members) if draft.sender == wallet.address_bytes]
        if not own:
            raise Refused("the wallet sends nothing in this group", expected=", ".join(self._senders()),
                          got=wallet.address, code="unknown_account")  # fmt: skip
        for i in own:
            wire = wallet.sign(members[i], domain=domain, chain_id=self.chain_id, rollup=self.rollup)
            self.signatures[i] = parse_hex(wire["signature"])[:SIGNATURE_BYTES]
        return len(own)

    def to_transactions(self, hash5: Hash5) -> list[dict[str, str | int]]:
        """Returns the members' wire forms, in order. Raises Refused when one has not signed."""
        missing = [to_address(d.sender) for d, s in zip(self.drafts, self.signatures, strict=True) if s is None]
        if missing:
            raise Refused("not every member has signed", expected="a signature of each", got=f"none of {missing[0]}",
                          code="incomplete_group")  # fmt: skip
        signed = zip(link(self.drafts, hash5), self.signatures, strict=True)
        return [draft.to_wire(signature or b"") for draft, signature in signed]

    def to_json(self) -> dict[str, Any]:
        """Returns the document."""
        rows = zip(self.drafts, self.signatures, strict=True)
        members = [
            {
                "from": to_address(d.sender), "to": to_address(d.to), "token": to_address(d.token_address),
                "amount": str(d.amount), "nonce": d.nonce, "gasLimit": d.gas_limit, "gasPrice": str(d.gas_price),
                "feeToken": d.fee_token, "validUntil": d.valid_until, "signature": None if s is None else to_hex(s),
            }
            for d, s in rows
        ]  # fmt: skip
        return {"format": FORMAT, "chainId": self.chain_id, "rollup": self.rollup, "members": members}

    @classmethod
    def from_json(cls, document: Any, chain_id: int, rollup: str, find_token: FindToken) -> Group:
        """Reads a document for this chain and rollup. Raises Malformed for another form, Refused for another chain."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            got = show(document.get("format") if isinstance(document, dict) else document)
            raise Malformed("not a group", expected=FORMAT, got=got)
        if set(document) != {"format", "chainId", "rollup", "members"} or not isinstance(document["members"], list):
            raise Malformed("not a group", expected="format, chainId, rollup, members", got=show(sorted(document)))
        named = (document["chainId"], str(document["rollup"]).lower())
        if named != (chain_id, rollup.lower()):
            raise Refused("the group is for another rollup", expected=f"{chain_id}, {rollup}",
                          got=f"{show(named[0])}, {named[1]}", code="wrong_chain_id")  # fmt: skip
        group = cls(chain_id, rollup)
        if len(document["members"]) >= GROUP_MEMBERS.stop:
            raise Malformed("too many members", expected="2 to 8", got=str(len(document["members"])))
        for member in document["members"]:
            draft, signature = _read_member(member, find_token)
            group.drafts.append(draft)
            group.signatures.append(signature)
        return group

    def _senders(self) -> list[str]:
        return list(dict.fromkeys(to_address(draft.sender) for draft in self.drafts))


def _read_member(member: Any, find_token: FindToken) -> tuple[Draft, bytes | None]:
    if not isinstance(member, dict) or set(member) != set(_MEMBERS):
        got = show(sorted(member) if isinstance(member, dict) else member)
        raise Malformed("not a member of a group", expected=", ".join(_MEMBERS), got=got)
    index, address = find_token(str(member["token"]))
    draft = draft_linked_transfer(
        parse_address(member["from"], what="from"), parse_address(member["to"], what="to"),
        parse_amount(member["amount"]), parse_integer(member["nonce"], bits=48, what="nonce"), token=index,
        token_address=address,
    )  # fmt: skip
    signature = member["signature"]
    terms = replace(
        draft,
        gas_limit=parse_integer(member["gasLimit"], bits=32, what="gasLimit"),
        gas_price=parse_amount(member["gasPrice"], bits=64, what="gasPrice"),
        fee_token=parse_integer(member["feeToken"], bits=16, what="feeToken"),
        valid_until=parse_integer(member["validUntil"], bits=64, what="validUntil"),
    )
    return terms, None if signature is None else parse_hex(signature, length=SIGNATURE_BYTES, what="signature")
