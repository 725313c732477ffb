from enum import StrEnum


class CallDirection(StrEnum):
    INBOUND = "INBOUND"
    INTRA_PBX = "INTRA_PBX"
    OUTBOUND = "OUTBOUND"

    def __str__(self) -> str:
        return str(self.value)
