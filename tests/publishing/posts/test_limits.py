"""What an account, or the server where it lives, says that a post there may have."""

import pytest
from django.core.exceptions import ValidationError

from publishing.posts.contents import check_content, length_at
from social.models import Channel
from social.networks.shapes import Limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(finder, shelf):
    return shelf()


def test_without_a_word_of_it_what_may_be_anywhere_counts(there):
    assert there.limits is None
    assert length_at([there], "Fresh.").limit == 100


def test_what_the_account_says_counts(there):
    there.connection.longest = 10
    assert there.limits == Limits(length=10)
    assert length_at([there], "Fresh.").limit == 10
    with pytest.raises(ValidationError, match="Too long for Keyed: 11 of 10 characters"):
        check_content("Fresh bread", [there], {})


def test_of_several_the_one_that_takes_least_counts(there):
    other = Channel(network_name="keyed", connection=there.connection)
    there.connection = type(there.connection)(longest=10)
    assert [length_at(some, "Fresh.").limit for some in ([there, other], [other])] == [10, 100]


def test_so_do_its_pictures(there, monkeypatch):
    monkeypatch.setattr(Channel, "limits", Limits(pictures=1))
    check_content("Fresh.", [there], {}, pictures=1)
    with pytest.raises(ValidationError, match="Keyed takes at most 1 picture a post"):
        check_content("Fresh.", [there], {}, pictures=2)
