"""Which runs an automation of Prefect is about: those of winnow's deployments, or of one of them."""

from prefect.events import ResourceSpecification

from flows.deploy_settings import TAG


def of_winnow() -> ResourceSpecification:
    """Match what belongs to a run of one of winnow's deployments."""
    return related("prefect.tag", TAG, "tag")


def related(kind: str, name: str, role: str) -> ResourceSpecification:
    """Match what belongs to a run that is related to something: `prefect.tag`, as a `tag`, or `prefect.deployment`."""
    labels = {"prefect.resource.id": f"{kind}.{name}", "prefect.resource.role": role}
    return ResourceSpecification.model_validate(labels)
