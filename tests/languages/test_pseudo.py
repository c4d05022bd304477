"""The language of these tests is spoken by nobody after them."""

from django.utils.translation import gettext, override

from .pseudo import CLOSES, OPENS, pseudo_language


def test_it_ends_with_its_test():
    with override("en"):
        with pseudo_language():
            assert gettext("Posts") == f"{OPENS}Posts{CLOSES}"
        assert gettext("Posts") == "Posts"
