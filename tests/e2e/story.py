"""Requests in the words of the domain, for two firms: Acme, which keeps the record, and Globex."""

import uuid

from google.protobuf import timestamp_pb2

from stubs import api


def time_of(text):
    """2024-01-08, or 2024-01-08T12:00:00Z."""
    timestamp = timestamp_pb2.Timestamp()
    timestamp.FromJsonString(text if "T" in text else f"{text}T00:00:00Z")
    return timestamp


def new_request_id():
    return str(uuid.uuid4())


def creation(partnership="acme-globex", **fields):
    return api.CreatePartnershipRequest(**{
        "partnership": partnership,
        "partners": [{"organization": "acme"}, {"organization": "globex"}],
        "initial_contact_time": time_of("2024-01-08"),
        "recorder": "acme",
        **fields})


def evidence(**fields):
    """What Globex did to Acme; a kind such as shared_experience_held={} must be among the fields."""
    return api.Evidence(**{"actor": "globex", "affected": ["acme"], **fields})


def joint(**fields):
    """What both did together."""
    return evidence(actor="*", affected=["acme", "globex"], **fields)


def record(what, partnership="acme-globex", on="2024-02-01", **fields):
    return api.RecordEvidenceRequest(**{
        "partnership": partnership, "recorder": "acme", "occur_time": time_of(on), "evidence": what, **fields})


def batch(*items, partnership="acme-globex", **fields):
    """Items are pairs of a day and evidence."""
    return api.BatchRecordEvidenceRequest(**{
        "partnership": partnership,
        "recorder": "acme",
        "items": [{"occur_time": time_of(on), "evidence": what} for on, what in items],
        **fields})


def founding_item(partnership="initech-hooli", external_id="founding", **fields):
    return api.ImportItem(**{
        "partnership": partnership,
        "external_id": external_id,
        "occur_time": time_of("2021-03-01"),
        "partnership_proposed": {"partners": [{"organization": "initech"}, {"organization": "hooli"}]},
        **fields})


def item(external_id, partnership="initech-hooli", on="2021-04-12", **fields):
    """What Hooli did to Initech; shared experience unless the fields name evidence, or another body."""
    bodies = {field.name for field in api.ImportItem.DESCRIPTOR.oneofs_by_name["body"].fields}
    if not bodies & fields.keys():
        fields["evidence"] = {"actor": "hooli", "affected": ["initech"], "shared_experience_held": {}}
    return api.ImportItem(**{
        "partnership": partnership, "external_id": external_id, "occur_time": time_of(on), **fields})


def all_reach_rapport(partnership="acme-globex"):
    """Evidence after which both trust each other as far as BUILDING_RAPPORT."""
    return batch(("2024-01-22", joint(materiality="MATERIALITY_HIGH", credibility_assessed={})),
                 ("2024-01-29", joint(materiality="MATERIALITY_HIGH", intentions_assessed={})),
                 ("2024-02-12", joint(shared_experience_held={})), partnership=partnership)
