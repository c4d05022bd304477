"""What people read."""

from django.utils.functional import Promise

# A sentence, or the promise of one in the language of whoever reads it (`gettext_lazy`).
Words = str | Promise
