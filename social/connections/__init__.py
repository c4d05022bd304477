"""What is done with a connection: made, refreshed, renewed, checked ahead of time, probed, ended.

Plain functions that are given a row of `social.models`; the rows know nothing of them.
"""
