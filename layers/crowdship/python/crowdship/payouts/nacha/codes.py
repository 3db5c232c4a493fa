"""Places of corrected data in corrections of banks, by their code (Nacha Operating Rules, change codes)."""

from collections.abc import Mapping

ROUTING, ACCOUNT, CODE, NAME, ID = "routing_number", "account_number", "transaction_code", "holder", "individual_id"

CHANGES: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "C01": {ACCOUNT: (1, 17)},
    "C02": {ROUTING: (1, 9)},
    "C03": {ROUTING: (1, 9), ACCOUNT: (13, 29)},
    "C04": {NAME: (1, 22)},
    "C05": {CODE: (1, 2)},
    "C06": {ACCOUNT: (1, 17), CODE: (21, 22)},
    "C07": {ROUTING: (1, 9), ACCOUNT: (10, 26), CODE: (27, 28)},
    "C09": {ID: (1, 15)},
}
"""First and last place, counted from 1 in the corrected data, of each corrected part."""

KIND_OF = {"2": "checking", "3": "savings"}
"""Kind of account by the first digit of a transaction code."""
