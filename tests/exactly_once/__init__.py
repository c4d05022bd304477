"""Neither lost nor doubled: workers that die, freeze or come late at every step of a send, and
`make chaos`. What the networks hold is compared with what our rows say."""
