from social.networks.declarations import NetworkSettings

SETTINGS = NetworkSettings(name="keyed", label="Keyed")
