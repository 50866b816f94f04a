"""One ID: which accounts are one person, by exact identifiers.

Two accounts that share a normalised phone, e-mail, device, WeChat open id or member number are one
person, and so are accounts linked through others (connected components). What many accounts share,
or what goes by several names, does not tell one person (``identifiers.py``).

Customer ids are stable. A person is named after one account, the earliest by registration (ties
and missing times: by type and id): ``C`` and nine digits from the MD5 of that account's key. The
same data gives the same ids in any build, and new accounts that join a person come later, so that
the name stays. When two known persons turn out to be one, the older name stays. Where two names
collide, the person that is earlier keeps it and the other takes the next free number.
"""

from warehouse.identity.linking import link_accounts, name_persons, persons

__all__ = ["link_accounts", "name_persons", "persons"]
