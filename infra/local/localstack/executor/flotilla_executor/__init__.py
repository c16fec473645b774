"""Lambda environments as plain processes of this machine.

`runtime_api` is the HTTP side that a `bootstrap` speaks to, `environment` is one
process's life behind it, `output` collects what it prints, `answers` words what
Lambda would say. These need nothing but Python. `plugin` and `executor` are what
LocalStack sees; only they and `corrections` import it.
"""
