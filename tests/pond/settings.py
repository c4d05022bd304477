from social.networks.declarations import NetworkSettings

SETTINGS = NetworkSettings(name="pond", label="Pond")
