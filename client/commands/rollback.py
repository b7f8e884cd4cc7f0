"""`face rollback`: back to the version that served before."""

from typing import Annotated

import typer

from client import options
from client.canary import CANARY, STABLE, Canary
from client.golden import SAMPLE, golden_set
from client.journal import Journal
from client.kubectl import Kubectl
from client.messages import say
from client.output import Row, print_one
from client.rollback import record_to_take_back, take_back
from client.site import Impossible, Site

To = Annotated[
    str | None, typer.Option("--to", metavar="VERSION", help="Default: the one before the last roll-out.", show_default=False)
]


def rollback(
    to: To = None,
    golden: options.Golden = SAMPLE,
    output_format: options.Format = None,
    kubernetes: options.Kubernetes = None,
    context: options.Context = None,
    url: options.Url = options.URL,
    management_url: options.ManagementUrl = options.MANAGEMENT_URL,
    metrics_url: options.MetricsUrl = options.METRICS_URL,
    api_key: options.ApiKey = None,
    timeout: options.Timeout = options.SECONDS,
) -> None:
    """Restore the former version, without losing a request.

    It gets its workers back and is made the default at once. The version that
    it replaces is removed, when all that it had is answered: about a minute
    later. A roll-out that is not at its end is taken back, too, wherever it
    stands. Without a roll-out from here, the one other version that is
    registered is the former one; if there are several, say which.

    With --kubernetes, the Deployment face gets all requests again, and
    face-canary none.

    Examples:

    $ face rollback

    $ face rollback --to 1.0

    $ face rollback --kubernetes face --context prod
    """
    if kubernetes and to:
        raise typer.BadParameter("--kubernetes goes back to the one stable version: --to says nothing there.")
    if kubernetes:
        canary = Canary(Kubectl(kubernetes, context))
        if not canary.state().weight:
            raise Impossible(f"{STABLE} gets all requests: there is nothing to go back from.")
        canary.take_back()
        told = {"outcome": "rolled_back", "version": CANARY, "former": STABLE}
        print_one(output_format, Row(told, told))
        return
    journal = Journal(management_url)
    images = golden_set(golden)
    with Site.at(url, management_url, metrics_url, api_key=api_key, timeout=timeout) as site, journal.held():
        record = record_to_take_back(site, journal, to)
        take_back(site, journal, record, images[0].read(), say)
    told = {"outcome": "rolled_back", "version": record.version, "former": record.former.version}
    print_one(output_format, Row(told, told))
