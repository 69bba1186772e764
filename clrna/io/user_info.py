"""Keep user names and passwords that stand in addresses out of what is shown or kept."""

import re
from typing import Final

# From :// to the last @ before the path; where there is a colon, a password may hold slashes itself.
USER_INFO: Final = re.compile(r"(?<=://)(?:[^\s/:]*:\S*@|[^\s/]*@)")


def without_user_info(text: str) -> str:
    """Return ``text`` with the addresses in it bare of user name and password."""
    return USER_INFO.sub("", text) if "@" in text else text
