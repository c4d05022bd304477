import os

from .settings import *  # noqa: F403

Q_CLUSTER = {
    **Q_CLUSTER,  # noqa: F405
    "cluster_name": os.environ.get("STOCK_QUEUE", "publish"),
    "workers": 2,
}
