"""What a page says, as a browser reads it."""


def page_of(response) -> str:
    return response.content.decode()
