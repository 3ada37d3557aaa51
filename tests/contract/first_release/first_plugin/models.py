"""What an execution takes, and gives."""

from pydantic import BaseModel


class Request(BaseModel):
    """Something to keep."""

    sample: str
