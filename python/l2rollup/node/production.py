"""What a production node does not start on: a rollup deployed for development, or keys that are nobody's secret.

The rules are l1/terms.py's and l1/inspection.py's, the same that `l2rollup doctor` prints. What it is not: the rules
about a configuration's own values; config.py has them.
"""

from __future__ import annotations

from eth_account import Account

from l2rollup.config import NodeConfig
from l2rollup.errors import ConfigurationError
from l2rollup.l1 import L1Client
from l2rollup.l1.accounts import derive_dev_accounts
from l2rollup.l1.inspection import inspect


def check_production(config: NodeConfig, client: L1Client) -> None:
    """Raises ConfigurationError naming every broken rule; nothing is sent and nothing is written."""
    known = {account.address for account in derive_dev_accounts()}
    for what, key in (("operator", config.operator_key), ("sequencer", config.sequencer_key)):
        address = str(Account.from_key(key).address)
        if address in known:
            raise ConfigurationError(f"the {what} key is a development account's, which everybody knows",
                                     expected="a secret key", got=address)  # fmt: skip
    found = inspect(client, config.rollup).find_weaknesses()
    if found:
        raise ConfigurationError(
            "the rollup is not one for production: " + ", ".join(finding.rule for finding in found),
            expected="; ".join(f"{finding.rule} {finding.expected}" for finding in found),
            got="; ".join(f"{finding.rule} {finding.got}" for finding in found),
        )  # fmt: skip
