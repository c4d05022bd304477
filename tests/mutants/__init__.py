"""`make mutants`: change the code, one small fault at a time, and see whether a test notices.

Of the kept tools mutmut 3 leaves alone every decorated function (properties, signals' receivers)
and knows neither a seed nor single lines; cosmic-ray writes each mutant into the work tree and
runs the whole suite for it. Neither knows SQL. So: `mutations` (of `statements`, `expressions` and
`sql`) finds what can be changed, `covering` which tests run through it, `server` runs these in a
fork whose code is changed in memory only, and `__main__` samples and reports.
"""
