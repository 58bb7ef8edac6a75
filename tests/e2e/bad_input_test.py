"""Bad input, from the wire and from files: each is answered with its code, its reason, and the field or line that is wrong,
and nothing of it is stored."""

import collections
import json
import subprocess

import grpc
from google.protobuf import json_format, timestamp_pb2

import server
import story
from server import Refusal, ServerTest, grpcurl_program, new_random
from stubs import api

LONG = "a" * 10_000
# What gRPC answers by itself, without details, to bytes that it cannot parse: by version one or the other.
CODES_OF_NO_MESSAGE = (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.INTERNAL)


class BadInputTest(ServerTest):
    """Against a partnership with a promise in it, event 3, and one that was imported."""

    def setUp(self):
        super().setUp()
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        self.client.evidence.RecordEvidence(story.record(story.evidence(commitment_made={}), on="2024-01-15"))
        self.client.import_items([story.founding_item()])
        self.record = self.client.evidence.RecordEvidence

    def assert_wrong_fields(self, call, request, *fields):
        """Asserts that a request is refused, these fields are named and no others, and nothing is stored."""
        with self.nothing_stored():
            refusal = self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", call, request)
        self.assertEqual(sorted(refusal.fields), sorted(fields))
        for field, description in refusal.fields.items():
            self.assertTrue(description, field)
            if not refusal.message.endswith("; and more"):
                self.assertIn(field, refusal.message)
        return refusal

    def assert_evidence_refused(self, code, reason, what, **fields):
        with self.nothing_stored():
            return self.assert_refused(code, reason, self.record, story.record(what, **fields))

    # What is not there.

    def test_a_partnership_that_is_not_there_is_named_by_every_call(self):
        life = {"partnership": "nobody", "recorder": "acme", "occur_time": story.time_of("2024-02-01")}
        calls = [
            (self.client.partnerships.GetPartnership, api.GetPartnershipRequest(partnership="nobody")),
            (self.client.partnerships.RecordMilestone, api.RecordMilestoneRequest(milestone={"review_held": {}}, **life)),
            (self.client.partnerships.SuspendPartnership, api.SuspendPartnershipRequest(**life)),
            (self.client.partnerships.ResumePartnership, api.ResumePartnershipRequest(**life)),
            (self.client.partnerships.TerminatePartnership,
             api.TerminatePartnershipRequest(mode="TERMINATION_MODE_MUTUAL", **life)),
            (self.record, story.record(story.evidence(shared_experience_held={}), "nobody")),
            (self.client.evidence.BatchRecordEvidence,
             story.batch(("2024-02-01", story.evidence(shared_experience_held={})), partnership="nobody")),
            (self.client.partnerships.AddPartner, api.AddPartnerRequest(partner={"organization": "initech"}, **life)),
            (self.client.partnerships.RemovePartner, api.RemovePartnerRequest(organization="acme", **life)),
            (self.client.partnerships.DeclareTie, api.DeclareTieRequest(organizations=["acme", "globex"], **life)),
            (self.client.partnerships.AssignContact, api.AssignContactRequest(contact="p-1", organization="acme", **life)),
            (self.client.partnerships.ReleaseContact, api.ReleaseContactRequest(contact="p-1", organization="acme", **life)),
            (self.client.partnerships.GetContact, api.GetContactRequest(partnership="nobody", contact="p-1")),
            (self.client.evidence.ConfirmEvidence, api.ConfirmEvidenceRequest(event="3", **life)),
            (self.client.evidence.ContestEvidence, api.ContestEvidenceRequest(event="3", **life)),
            (self.client.evidence.RetractEvidence,
             api.RetractEvidenceRequest(partnership="nobody", recorder="acme", event="3")),
            (self.client.evidence.CorrectEvidence,
             api.CorrectEvidenceRequest(event="3", replacement=story.evidence(feedback_given={}), **life)),
            (self.client.trust.AssessTrust, api.AssessTrustRequest(partnership="nobody")),
            (self.client.trust.AssessTrust,
             api.AssessTrustRequest(partnership="nobody", known_time=story.time_of("2024-02-01"))),
            (self.client.trust.GetTrustTimeline, api.GetTrustTimelineRequest(partnership="nobody")),
            (self.client.history.ListEvents, api.ListEventsRequest(partnership="nobody")),
            (self.client.history.ReplayHistory, api.ReplayHistoryRequest(partnership="nobody")),
        ]
        with self.nothing_stored():
            for call, request in calls:
                with self.subTest(request=type(request).__name__):
                    refusal = self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", call, request)
                    self.assertEqual(refusal.resource, ("partnership", "nobody"))
                    self.assertIn("nobody", refusal.message)

    def test_a_firm_that_is_no_partner_is_named(self):
        refusal = self.assert_evidence_refused("NOT_FOUND", "PARTNER_NOT_FOUND",
                                               story.evidence(affected=["acme", "initech"], shared_experience_held={}))
        self.assertIn("evidence.affected[1]", refusal.message)
        self.assertEqual(refusal.resource[1], "initech")
        refusal = self.assert_refused("NOT_FOUND", "PARTNER_NOT_FOUND", self.client.trust.AssessTrust,
                                      api.AssessTrustRequest(partnership="acme-globex", trustor="acme", trustee="initech"))
        self.assertIn("initech", refusal.message)

    def test_an_event_that_is_not_there_or_of_another_kind_is_named(self):
        refusal = self.assert_evidence_refused("NOT_FOUND", "EVENT_NOT_FOUND",
                                               story.evidence(commitment_fulfilled={"commitment": "77"}))
        self.assertEqual(refusal.resource, ("event", "partnerships/acme-globex/events/77"))
        self.assertIn("evidence.commitment_fulfilled.commitment", refusal.message)
        refusal = self.assert_evidence_refused("FAILED_PRECONDITION", "WRONG_EVENT_KIND",
                                               story.evidence(commitment_fulfilled={"commitment": "1"}))
        self.assertIn("partnerships/acme-globex/events/1", refusal.message)
        self.assert_wrong_fields(
            self.record, story.record(story.evidence(commitment_fulfilled={"commitment": "partnerships/other/events/3"})),
            "evidence.commitment_fulfilled.commitment")

    def test_what_is_said_of_the_record_names_evidence_that_stands(self):
        words = {"partnership": "acme-globex", "recorder": "acme"}
        replacement = story.evidence(commitment_made={})
        evidence = self.client.evidence
        calls = ((evidence.ConfirmEvidence, api.ConfirmEvidenceRequest, {}),
                 (evidence.ContestEvidence, api.ContestEvidenceRequest, {}),
                 (evidence.RetractEvidence, api.RetractEvidenceRequest, {}),
                 (evidence.CorrectEvidence, api.CorrectEvidenceRequest, {"replacement": replacement}))
        with self.nothing_stored():
            for call, request, more in calls:
                refusal = self.assert_refused("NOT_FOUND", "EVENT_NOT_FOUND", call, request(event="77", **words, **more))
                self.assertEqual(refusal.resource, ("event", "partnerships/acme-globex/events/77"))
                refusal = self.assert_refused("FAILED_PRECONDITION", "WRONG_EVENT_KIND", call,
                                              request(event="1", **words, **more))
                self.assertEqual(refusal.metadata["event"], "partnerships/acme-globex/events/1")
                self.assert_wrong_fields(call, request(event="soon", **words, **more), "event")
            self.assert_refused("FAILED_PRECONDITION", "RECORDER_NOT_ENTITLED", evidence.ConfirmEvidence,
                                api.ConfirmEvidenceRequest(event="3", **words))
            refusal = self.assert_refused(
                "FAILED_PRECONDITION", "RECORDER_NOT_ENTITLED", evidence.RetractEvidence,
                api.RetractEvidenceRequest(partnership="acme-globex", recorder="globex", event="3"))
            self.assertEqual(refusal.preconditions[0][:2], ("RECORDER_NOT_ENTITLED", "partnerships/acme-globex/events/3"))
        self.client.evidence.RetractEvidence(api.RetractEvidenceRequest(event="3", **words))
        refusal = self.assert_evidence_refused("NOT_FOUND", "EVENT_NOT_FOUND",
                                               story.evidence(commitment_fulfilled={"commitment": "3"}))
        self.assertEqual(refusal.metadata["retracted_by"], "partnerships/acme-globex/events/4")

    def test_who_takes_part_is_refused_with_the_reason(self):
        partnerships = self.client.partnerships
        life = {"partnership": "acme-globex", "recorder": "acme", "occur_time": story.time_of("2024-02-01")}
        bob = {"contact": "bob", "organization": "acme"}
        refused = (
            ("FAILED_PRECONDITION", "PARTNER_EXISTS", partnerships.AddPartner,
             api.AddPartnerRequest(partner={"organization": "globex"}, **life)),
            ("NOT_FOUND", "PARTNER_NOT_FOUND", partnerships.AddPartner,
             api.AddPartnerRequest(partner={"organization": "initech"}, met=["hooli"], **life)),
            ("FAILED_PRECONDITION", "TOO_FEW_PARTNERS", partnerships.RemovePartner,
             api.RemovePartnerRequest(organization="globex", **life)),
            ("NOT_FOUND", "PARTNER_NOT_FOUND", partnerships.RemovePartner,
             api.RemovePartnerRequest(organization="initech", **life)),
            ("NOT_FOUND", "PARTNER_NOT_FOUND", partnerships.DeclareTie,
             api.DeclareTieRequest(organizations=["acme", "initech"], **life)),
            ("NOT_FOUND", "PARTNER_NOT_FOUND", partnerships.AssignContact,
             api.AssignContactRequest(contact="bob", organization="initech", **life)),
            ("NOT_FOUND", "CONTACT_NOT_FOUND", partnerships.ReleaseContact, api.ReleaseContactRequest(**bob, **life)),
            ("NOT_FOUND", "CONTACT_NOT_FOUND", partnerships.GetContact,
             api.GetContactRequest(partnership="acme-globex", contact="bob")))
        for code, reason, call, request in refused:
            with self.subTest(request=type(request).__name__, reason=reason), self.nothing_stored():
                self.assert_refused(code, reason, call, request)
        tie = api.DeclareTieRequest(organizations=["globex", "acme"], **life)
        partnerships.DeclareTie(tie)
        partnerships.AssignContact(api.AssignContactRequest(**bob, **life))
        with self.nothing_stored():
            self.assert_refused("FAILED_PRECONDITION", "TIE_DECLARED", partnerships.DeclareTie, tie)
            self.assert_refused("FAILED_PRECONDITION", "CONTACT_ASSIGNED", partnerships.AssignContact,
                                api.AssignContactRequest(**bob, **life))
        fifty = [{"organization": f"firm-{i}"} for i in range(50)]
        partnerships.CreatePartnership(story.creation("many", partners=fifty, recorder="firm-0"))
        with self.nothing_stored():
            refusal = self.assert_refused(
                "FAILED_PRECONDITION", "TOO_MANY_PARTNERS", partnerships.AddPartner,
                api.AddPartnerRequest(**{**life, "partnership": "many"}, partner={"organization": "acme"}))
        self.assertEqual(refusal.metadata["limit"], "50")

    # What cannot be.

    def test_nobody_answers_or_judges_in_a_report_for_another(self):
        for standing, reason in (("ACKNOWLEDGED", "RECORDER_NOT_ENTITLED"), ("DISPUTED", "RECORDER_NOT_ENTITLED"),
                                 ("SUBSTANTIATED", "FINDING_NOT_INDEPENDENT"), ("UNFOUNDED", "FINDING_NOT_INDEPENDENT")):
            self.assert_evidence_refused("FAILED_PRECONDITION", reason, story.evidence(
                violation_reported={"type": "VIOLATION_TYPE_DECEPTION", "standing": f"STANDING_{standing}"}))

    def test_evidence_about_oneself_is_refused(self):
        refusal = self.assert_wrong_fields(
            self.record, story.record(story.evidence(affected=["globex"], shared_experience_held={})), "evidence.affected")
        self.assertIn("oneself", refusal.message)

    def test_a_promise_is_kept_once(self):
        kept = story.evidence(commitment_fulfilled={"commitment": "partnerships/acme-globex/events/3"})
        self.assertEqual(self.record(story.record(kept)).revision, 4)
        for again in (kept, story.evidence(commitment_missed={"commitment": "3"}),
                      story.evidence(commitment_waived={"commitment": "3"})):
            refusal = self.assert_evidence_refused("FAILED_PRECONDITION", "COMMITMENT_RESOLVED", again)
            self.assertEqual((refusal.metadata["commitment"], refusal.metadata["outcome"]),
                             ("partnerships/acme-globex/events/3", "partnerships/acme-globex/events/4"))
            self.assertEqual(refusal.preconditions[0][:2], ("COMMITMENT_RESOLVED", "partnerships/acme-globex/events/3"))

    def test_a_promise_of_another_cannot_be_kept(self):
        refusal = self.assert_evidence_refused(
            "FAILED_PRECONDITION", "COMMITMENT_OF_ANOTHER",
            story.evidence(actor="acme", affected=["globex"], commitment_fulfilled={"commitment": "3"}))
        self.assertEqual(refusal.metadata["promisor"], "globex")

    def test_the_future_is_refused_beyond_a_tolerance_of_a_day(self):
        now = timestamp_pb2.Timestamp()
        now.GetCurrentTime()

        def hours_ahead(hours):
            return timestamp_pb2.Timestamp(seconds=now.seconds + hours * 3600)

        experience = story.evidence(shared_experience_held={})
        refusal = self.assert_wrong_fields(
            self.record, story.record(experience, occur_time=hours_ahead(25), observe_time=hours_ahead(26)),
            "occur_time", "observe_time")
        self.assertIn("future", refusal.message)
        self.assert_wrong_fields(self.client.partnerships.CreatePartnership,
                                 story.creation("acme-initech", initial_contact_time=hours_ahead(25)), "initial_contact_time")
        self.assert_wrong_fields(self.client.evidence.BatchRecordEvidence, api.BatchRecordEvidenceRequest(
            partnership="acme-globex", recorder="acme",
            items=[{"occur_time": now, "evidence": experience}, {"occur_time": hours_ahead(25), "evidence": experience}]),
            "items[1].occur_time")
        self.assertEqual(self.record(story.record(experience, occur_time=hours_ahead(23))).revision, 4)

    def test_a_time_out_of_range_is_refused(self):
        experience = story.evidence(shared_experience_held={})
        for seconds, nanos in ((253_402_300_800, 0), (-62_135_596_801, 0), (0, 1_000_000_000), (0, -1), (2**63 - 1, 0),
                               (-2**63, 2**31 - 1)):
            wrong = timestamp_pb2.Timestamp(seconds=seconds, nanos=nanos)
            with self.subTest(seconds=seconds, nanos=nanos):
                self.assert_wrong_fields(self.record, story.record(experience, occur_time=wrong), "occur_time")
                self.assert_wrong_fields(self.record, story.record(experience, observe_time=wrong), "observe_time")
                self.assert_wrong_fields(
                    self.record, story.record(story.evidence(commitment_made={"due_time": wrong})),
                    "evidence.commitment_made.due_time")
                self.assert_wrong_fields(self.client.trust.AssessTrust, api.AssessTrustRequest(
                    partnership="acme-globex", as_of_time=wrong, known_time=wrong), "as_of_time", "known_time")
                self.assert_wrong_fields(self.client.trust.GetTrustTimeline, api.GetTrustTimelineRequest(
                    partnership="acme-globex", as_of_time=wrong), "as_of_time")

    def test_what_came_after_the_end_is_refused(self):
        self.client.partnerships.TerminatePartnership(api.TerminatePartnershipRequest(
            partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-06-01"), mode="TERMINATION_MODE_MUTUAL"))
        self.assert_evidence_refused("FAILED_PRECONDITION", "PARTNERSHIP_ENDED",
                                     story.evidence(shared_experience_held={}), on="2024-06-02")
        self.assertEqual(self.record(story.record(story.evidence(shared_experience_held={}), on="2024-05-01")).revision, 5)

    def test_a_partnership_is_founded_once(self):
        with self.nothing_stored():
            refusal = self.assert_refused("ALREADY_EXISTS", "PARTNERSHIP_EXISTS", self.client.partnerships.CreatePartnership,
                                          story.creation(display_name="another"))
        self.assertEqual(refusal.resource, ("partnership", "acme-globex"))

    # Wrong fields.

    def test_all_missing_fields_are_named_at_once(self):
        self.assert_wrong_fields(self.client.partnerships.CreatePartnership, api.CreatePartnershipRequest(),
                                 "partnership", "recorder", "partners", "initial_contact_time")
        self.assert_wrong_fields(self.record, api.RecordEvidenceRequest(),
                                 "partnership", "recorder", "occur_time", "evidence.actor", "evidence.affected", "evidence")
        self.assert_wrong_fields(self.client.evidence.BatchRecordEvidence, api.BatchRecordEvidenceRequest(),
                                 "partnership", "recorder", "items")
        self.assert_wrong_fields(self.client.evidence.BatchRecordEvidence,
                                 api.BatchRecordEvidenceRequest(partnership="acme-globex", recorder="acme", items=[{}, {}]),
                                 *(f"items[{i}].{field}" for i in range(2)
                                   for field in ("occur_time", "evidence.actor", "evidence.affected", "evidence")))
        partnerships = self.client.partnerships
        self.assert_wrong_fields(partnerships.RecordMilestone, api.RecordMilestoneRequest(),
                                 "partnership", "recorder", "occur_time", "milestone")
        self.assert_wrong_fields(partnerships.TerminatePartnership, api.TerminatePartnershipRequest(),
                                 "partnership", "recorder", "occur_time", "mode")
        for call, request in ((partnerships.SuspendPartnership, api.SuspendPartnershipRequest()),
                              (partnerships.ResumePartnership, api.ResumePartnershipRequest())):
            self.assert_wrong_fields(call, request, "partnership", "recorder", "occur_time")
        self.assert_wrong_fields(partnerships.AddPartner, api.AddPartnerRequest(),
                                 "partnership", "recorder", "occur_time", "partner.organization")
        self.assert_wrong_fields(partnerships.RemovePartner, api.RemovePartnerRequest(),
                                 "partnership", "recorder", "occur_time", "organization")
        self.assert_wrong_fields(partnerships.DeclareTie, api.DeclareTieRequest(),
                                 "partnership", "recorder", "occur_time", "organizations")
        for call, request in ((partnerships.AssignContact, api.AssignContactRequest()),
                              (partnerships.ReleaseContact, api.ReleaseContactRequest())):
            self.assert_wrong_fields(call, request, "partnership", "recorder", "occur_time", "contact", "organization")
        self.assert_wrong_fields(partnerships.GetContact, api.GetContactRequest(), "partnership", "contact")
        evidence = self.client.evidence
        for call, request in ((evidence.ConfirmEvidence, api.ConfirmEvidenceRequest()),
                              (evidence.ContestEvidence, api.ContestEvidenceRequest()),
                              (evidence.RetractEvidence, api.RetractEvidenceRequest())):
            self.assert_wrong_fields(call, request, "partnership", "recorder", "event")
        self.assert_wrong_fields(evidence.CorrectEvidence, api.CorrectEvidenceRequest(), "partnership", "recorder", "event",
                                 "replacement.actor", "replacement.affected", "replacement")
        for call, request in ((partnerships.GetPartnership, api.GetPartnershipRequest()),
                              (self.client.trust.AssessTrust, api.AssessTrustRequest()),
                              (self.client.trust.GetTrustTimeline, api.GetTrustTimelineRequest()),
                              (self.client.history.ReplayHistory, api.ReplayHistoryRequest())):
            self.assert_wrong_fields(call, request, "partnership")

    def test_more_wrong_fields_than_an_answer_can_hold_are_counted(self):
        request = api.BatchRecordEvidenceRequest(partnership="acme-globex", recorder="acme", items=[{}] * 500)
        with self.nothing_stored():
            refusal = self.assert_refused("INVALID_ARGUMENT", "INVALID_FIELD", self.client.evidence.BatchRecordEvidence, request)
        self.assertGreater(len(refusal.fields), 10)
        self.assertEqual(len(refusal.fields) + int(refusal.metadata["fields_left_out"]), 4 * 500)
        self.assertIn("and more", refusal.message)

    def test_an_unknown_number_for_a_value_is_refused(self):
        for what, field in (
                (story.evidence(materiality=99, shared_experience_held={}), "evidence.materiality"),
                (story.evidence(level=99, shared_experience_held={}), "evidence.level"),
                (story.evidence(commitment_fulfilled={"result": 99}), "evidence.commitment_fulfilled.result"),
                (story.evidence(credibility_assessed={"result": -1}), "evidence.credibility_assessed.result"),
                (story.evidence(violation_reported={"type": 99}), "evidence.violation_reported.type"),
                (story.evidence(violation_reported={"type": 1, "severity": 99}), "evidence.violation_reported.severity"),
                (story.evidence(violation_reported={"type": 1, "standing": 99}), "evidence.violation_reported.standing")):
            self.assert_wrong_fields(self.record, story.record(what), field)
        self.assert_wrong_fields(self.record, story.record(story.evidence(shared_experience_held={}), occur_time_precision=99),
                                 "occur_time_precision")
        self.assert_wrong_fields(self.client.partnerships.TerminatePartnership, api.TerminatePartnershipRequest(
            partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-06-01"), mode=99), "mode")

    def test_an_unknown_number_for_a_value_is_refused_from_grpcurl_too(self):
        body = {"partnership": "acme-globex", "recorder": "acme", "occurTime": "2024-02-01T00:00:00Z",
                "evidence": {"actor": "globex", "affected": ["acme"], "materiality": 99, "sharedExperienceHeld": {}}}
        with self.nothing_stored():
            outcome = subprocess.run(
                [grpcurl_program(), "-plaintext", "-d", json.dumps(body), self.server.address,
                 "trust.v1.EvidenceService/RecordEvidence"], capture_output=True, text=True,
                timeout=server.SECONDS_MAX, check=False)
        self.assertNotEqual(outcome.returncode, 0)
        self.assertIn('"field": "evidence.materiality"', outcome.stderr)

    def test_a_source_that_a_caller_states_is_refused(self):
        self.assert_wrong_fields(self.record, story.record(story.evidence(source="SOURCE_JOINT", shared_experience_held={})),
                                 "evidence.source")

    def test_ids_of_ten_thousand_characters_are_refused_and_not_repeated_in_full(self):
        trace = {"correlation_id": LONG, "causation_id": LONG, "request_id": LONG}
        for call, request, fields in (
                (self.client.partnerships.CreatePartnership,
                 story.creation(LONG, recorder=LONG, display_name=LONG,
                                partners=[{"organization": LONG, "display_name": LONG}, {"organization": "globex"}], **trace),
                 ("partnership", "recorder", "display_name", "partners[0].organization", "partners[0].display_name", *trace)),
                (self.record,
                 story.record(story.evidence(actor=LONG, affected=[LONG], witnesses=[LONG], label=LONG,
                                             commitment_fulfilled={"commitment": LONG}), LONG, recorder=LONG),
                 ("partnership", "recorder", "evidence.actor", "evidence.affected[0]", "evidence.witnesses[0]",
                  "evidence.witnesses", "evidence.label", "evidence.commitment_fulfilled.commitment")),
                (self.record, story.record(story.evidence(shared_experience_held={}), **trace), tuple(trace)),
                (self.client.partnerships.GetPartnership, api.GetPartnershipRequest(partnership=LONG), ("partnership",)),
                (self.client.trust.AssessTrust, api.AssessTrustRequest(partnership=LONG, trustor=LONG, trustee=LONG + "b"),
                 ("partnership", "trustor", "trustee")),
                (self.client.history.ListEvents, api.ListEventsRequest(partnership=LONG), ("partnership",)),
                (self.client.history.ReplayHistory, api.ReplayHistoryRequest(partnership=LONG), ("partnership",))):
            refusal = self.refusal(call, request)
            self.assertEqual((refusal.code, refusal.reason), ("INVALID_ARGUMENT", "INVALID_FIELD"), refusal)
            self.assertLessEqual(set(fields), set(refusal.fields))
            self.assertLess(len(refusal.message), 1100)
            self.assertNotIn("a" * 200, refusal.message + "".join(refusal.fields.values()))
        for call, request, reason in (
                (self.client.history.ListEvents, api.ListEventsRequest(page_token=LONG), "INVALID_PAGE_TOKEN"),
                (self.client.partnerships.ListPartnerships, api.ListPartnershipsRequest(page_token=LONG), "INVALID_PAGE_TOKEN"),
                (self.client.trust.AssessTrust, api.AssessTrustRequest(partnership="acme-globex", min_position=LONG),
                 "INVALID_POSITION")):
            self.assertLess(len(self.assert_refused("INVALID_ARGUMENT", reason, call, request).message), 1000)
        self.assertEqual(len(self.client.log()), 5)

    def test_a_firm_named_twice_is_refused(self):
        self.assert_wrong_fields(self.record, story.record(story.evidence(affected=["acme", "acme"], shared_experience_held={})),
                                 "evidence.affected[1]")
        self.assert_wrong_fields(self.record, story.record(story.evidence(witnesses=["acme"], shared_experience_held={})),
                                 "evidence.witnesses[0]")
        self.assert_wrong_fields(self.client.partnerships.CreatePartnership, story.creation(
            "acme-acme", partners=[{"organization": "acme"}, {"organization": "acme"}]), "partners[1].organization")

    def test_a_request_id_that_is_no_uuid_is_refused(self):
        experience = story.evidence(shared_experience_held={})
        for request_id in ("1", "not-a-uuid", "123e4567e89b12d3a456426614174000", "123e4567-e89b-12d3-a456-42661417400g",
                           "{123e4567-e89b-12d3-a456-426614174000}"):
            self.assert_wrong_fields(self.record, story.record(experience, request_id=request_id), "request_id")
        self.assert_wrong_fields(self.client.partnerships.CreatePartnership, story.creation("acme-initech", request_id="1"),
                                 "request_id")

    def test_a_negative_number_is_refused(self):
        for call, request, *fields in (
                (self.client.partnerships.ListPartnerships, api.ListPartnershipsRequest(page_size=-1), "page_size"),
                (self.client.history.ListEvents, api.ListEventsRequest(partnership="acme-globex", page_size=-2**31,
                                                                       after_revision=-1), "page_size", "after_revision"),
                (self.client.trust.GetTrustTimeline, api.GetTrustTimelineRequest(partnership="acme-globex", page_size=-1),
                 "page_size"),
                (self.client.history.ReplayHistory, api.ReplayHistoryRequest(partnership="acme-globex", after_revision=-1,
                                                                             until_revision=-1),
                 "after_revision", "until_revision"),
                (self.record, story.record(story.evidence(shared_experience_held={}), expected_revision=-1),
                 "expected_revision")):
            self.assert_wrong_fields(call, request, *fields)

    def test_a_page_token_that_we_did_not_make_is_refused(self):
        token = self.client.history.ListEvents(api.ListEventsRequest(page_size=1)).next_page_token
        for wrong in ("x", "AAAA", token[:-1], token + token, "B" + token[1:], "\u00e4"):
            for call, request in (
                    (self.client.history.ListEvents, api.ListEventsRequest(page_token=wrong)),
                    (self.client.partnerships.ListPartnerships, api.ListPartnershipsRequest(page_token=wrong)),
                    (self.client.trust.GetTrustTimeline,
                     api.GetTrustTimelineRequest(partnership="acme-globex", page_token=wrong))):
                self.assert_refused("INVALID_ARGUMENT", "INVALID_PAGE_TOKEN", call, request)

    def test_a_position_that_we_did_not_make_is_refused(self):
        position = self.client.log()[-1].log_position
        for wrong in ("x", "17", position[:-1], position + position, "B" + position[1:]):
            for call, request in (
                    (self.client.trust.AssessTrust, api.AssessTrustRequest(partnership="acme-globex", min_position=wrong)),
                    (self.client.trust.GetTrustTimeline,
                     api.GetTrustTimelineRequest(partnership="acme-globex", min_position=wrong)),
                    (self.client.partnerships.GetPartnership,
                     api.GetPartnershipRequest(partnership="acme-globex", min_position=wrong)),
                    (self.client.history.ListEvents, api.ListEventsRequest(min_position=wrong))):
                self.assert_refused("INVALID_ARGUMENT", "INVALID_POSITION", call, request)

    def test_a_position_of_a_longer_log_is_refused(self):
        other = server.Server(self.folder / "other")
        self.addCleanup(server.end, other)
        other.client.partnerships.CreatePartnership(story.creation())
        for _ in range(4):
            ahead = other.client.evidence.RecordEvidence(story.record(story.evidence(shared_experience_held={}))).log_position
        refusal = self.assert_refused("INVALID_ARGUMENT", "INVALID_POSITION", self.client.trust.AssessTrust,
                                      api.AssessTrustRequest(partnership="acme-globex", min_position=ahead))
        self.assertIn("beyond the end", refusal.message)

    # What is too large, or no message at all.

    def test_a_message_of_five_mebibytes_is_refused_and_the_next_call_goes_on(self):
        with self.nothing_stored():
            refusal = self.refusal(self.record, story.record(story.evidence(shared_experience_held={}),
                                                             correlation_id="x" * (5 << 20)))
            self.assertEqual(refusal.code, "RESOURCE_EXHAUSTED")
            self.assertIn("larger than max", refusal.message)
            items = [story.item(f"item-{i}", citation="x" * 400_000) for i in range(13)]
            self.assertEqual(self.refusal(self.client.evidence.ImportHistory, iter([api.ImportHistoryRequest(items=items)])).code,
                             "RESOURCE_EXHAUSTED")
        self.assertEqual(self.record(story.record(story.evidence(shared_experience_held={}))).revision, 4)

    def test_a_batch_of_more_than_500_is_refused(self):
        items = [("2024-02-01", story.evidence(shared_experience_held={}))] * 501
        with self.nothing_stored():
            refusal = self.assert_refused("INVALID_ARGUMENT", "BATCH_TOO_LARGE", self.client.evidence.BatchRecordEvidence,
                                          story.batch(*items))
        self.assertEqual((refusal.metadata["size"], refusal.metadata["limit"]), ("501", "500"))
        self.assertEqual(self.client.evidence.BatchRecordEvidence(story.batch(*items[:500])).revision, 503)

    def test_bytes_that_are_no_message_are_refused_and_the_server_lives(self):
        raw = self.client.channel.unary_unary("/trust.v1.EvidenceService/RecordEvidence")
        not_utf8 = story.record(story.evidence(shared_experience_held={}), correlation_id="@@@@").SerializeToString() \
            .replace(b"@@@@", b"\xff\xfe\xff\xfe")
        cut = story.record(story.evidence(shared_experience_held={})).SerializeToString()[:-1]
        with self.nothing_stored():
            for wrong in (b"\xff" * 100, cut, not_utf8, b"\x0a\xff\xff\xff\xff\x7f"):
                with self.assertRaises(grpc.RpcError) as caught:
                    raw(wrong, timeout=server.SECONDS_MAX)
                self.assertIn(caught.exception.code(), CODES_OF_NO_MESSAGE)
            with self.assertRaises(grpc.RpcError) as caught:
                self.client.channel.unary_unary("/trust.v1.EvidenceService/NoSuchMethod")(b"", timeout=server.SECONDS_MAX)
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED)
        self.assertEqual(self.record(story.record(story.evidence(shared_experience_held={}))).revision, 4)

    def test_requests_changed_at_random_are_answered_and_never_harm_the_log(self):
        source = new_random()
        samples = [
            ("PartnershipService/CreatePartnership", story.creation("acme-initech")),
            ("EvidenceService/RecordEvidence", story.record(story.evidence(commitment_fulfilled={"commitment": "3"}))),
            ("EvidenceService/RecordEvidence", story.record(story.joint(violation_reported={"type": 2, "severity": 3}),
                                                            request_id=story.new_request_id(), expected_revision=3)),
            ("EvidenceService/BatchRecordEvidence", story.all_reach_rapport()),
            ("EvidenceService/CorrectEvidence", api.CorrectEvidenceRequest(
                partnership="acme-globex", recorder="acme", event="3", replacement=story.evidence(commitment_made={}))),
            ("EvidenceService/RetractEvidence", api.RetractEvidenceRequest(
                partnership="acme-globex", recorder="acme", event="4")),
            ("EvidenceService/ConfirmEvidence", api.ConfirmEvidenceRequest(
                partnership="acme-globex", recorder="globex", event="4", occur_time=story.time_of("2024-03-01"))),
            ("PartnershipService/AddPartner", api.AddPartnerRequest(
                partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-03-01"),
                partner={"organization": "initech"}, met=["acme"])),
            ("PartnershipService/RemovePartner", api.RemovePartnerRequest(
                partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-04-01"), organization="initech")),
            ("PartnershipService/AssignContact", api.AssignContactRequest(
                partnership="acme-globex", recorder="acme", occur_time=story.time_of("2024-04-01"), organization="acme",
                contact="p-1")),
            ("TrustService/AssessTrust", api.AssessTrustRequest(
                partnership="acme-globex", trustor="acme", trustee="globex", as_of_time=story.time_of("2024-06-01"),
                known_time=story.time_of("2024-06-01"))),
            ("TrustService/GetTrustTimeline", api.GetTrustTimelineRequest(partnership="acme-globex", page_size=2)),
            ("HistoryService/ListEvents", api.ListEventsRequest(partnership="acme-globex", after_revision=1, page_size=2)),
            ("PartnershipService/ListPartnerships", api.ListPartnershipsRequest(page_size=1, page_token="AAAA")),
        ]
        calls = []
        for _ in range(1500):
            method, request = source.choice(samples)
            wire = bytearray(request.SerializeToString())
            for _ in range(source.randint(1, 2)):
                place, chance = source.randrange(len(wire)), source.random()
                texts = [index for index, byte in enumerate(wire) if 0x30 <= byte < 0x7f]
                if chance < 0.1:
                    del wire[place:place + source.randint(1, 8)]
                elif chance < 0.3 or not texts:
                    wire[place] = source.randrange(256)
                else:  # Mostly still a message, so that it is judged.
                    wire[source.choice(texts)] = source.randrange(0x30, 0x7f)
                if not wire:
                    break
            calls.append(self.client.channel.unary_unary(f"/trust.v1.{method}").future(bytes(wire), timeout=server.SECONDS_MAX))
            if len(calls) % 100 == 0:
                for call in calls[-100:]:
                    call.exception(timeout=server.SECONDS_MAX)
        accepted, reasons = 0, collections.Counter()
        for call in calls:
            if call.code() == grpc.StatusCode.OK:
                accepted += 1
                continue
            refusal = Refusal.of_error(call.exception())
            self.assertEqual(not refusal.reason, call.code() in CODES_OF_NO_MESSAGE, refusal)
            reasons[refusal.reason] += 1
        self.assertGreater(accepted, 10)
        self.assertGreater(reasons.total() - reasons[""], 600, reasons)
        self.assertGreater(reasons["INVALID_FIELD"], 300, reasons)
        self.assertGreater(len(reasons), 3, reasons)
        revisions = {}
        for event in self.client.log():
            self.assertEqual(event.revision, revisions.get(event.partnership, 0) + 1)
            revisions[event.partnership] = event.revision
        for partnership in revisions:
            self.client.trust.AssessTrust(api.AssessTrustRequest(partnership=partnership))


class BadImportTest(ServerTest):
    """Imports over the wire: an item that is wrong fails by itself, a message that is wrong ends the call."""

    def setUp(self):
        super().setUp()
        self.start()

    def assert_rejected(self, item, code, reason, *fields):
        with self.nothing_stored():
            result = self.client.import_items([item])[0]
        self.assertEqual((result.outcome, result.revision, result.log_position), (api.IMPORT_OUTCOME_REJECTED, 0, ""))
        refusal = Refusal.of_status(result.error)
        self.assertEqual((refusal.code, refusal.reason), (code, reason), refusal)
        self.assertEqual(sorted(refusal.fields), sorted(fields))
        return refusal

    def test_a_message_without_items_or_with_too_many_ends_the_import_and_stores_nothing(self):
        for count in (0, 1001):
            items = [story.founding_item(), *(story.item(f"item-{i}") for i in range(1, count))][:count]
            with self.nothing_stored():
                refusal = self.assert_refused("INVALID_ARGUMENT", "BATCH_TOO_LARGE", self.client.evidence.ImportHistory,
                                              iter([api.ImportHistoryRequest(items=items)]))
            self.assertEqual((refusal.metadata["size"], refusal.metadata["limit"]), (str(count), "1000"))
        items = [story.founding_item(), *(story.item(f"item-{i}") for i in range(1, 1000))]
        self.assertEqual(len(self.client.import_items(items)), 1000)
        self.assertEqual(self.client.revision("initech-hooli"), 1001)

    def test_what_came_before_a_wrong_message_is_answered_and_kept(self):
        results = []
        with self.assertRaises(grpc.RpcError) as caught:
            for response in self.client.evidence.ImportHistory(iter([api.ImportHistoryRequest(items=[story.founding_item()]),
                                                                     api.ImportHistoryRequest()]), timeout=server.SECONDS_MAX):
                results += response.results
        self.assertEqual(Refusal.of_error(caught.exception).reason, "BATCH_TOO_LARGE")
        self.assertEqual([result.outcome for result in results], [api.IMPORT_OUTCOME_CREATED])
        self.assertEqual(self.client.revision("initech-hooli"), 2)

    def test_a_wrong_item_is_rejected_by_itself_and_the_others_are_stored(self):
        results = self.client.import_items([story.founding_item(), story.item("one"), story.item(""), api.ImportItem(),
                                            story.item("two", on="2021-04-13")])
        created, rejected = api.IMPORT_OUTCOME_CREATED, api.IMPORT_OUTCOME_REJECTED
        self.assertEqual([result.outcome for result in results], [created, created, rejected, rejected, created])
        self.assertEqual([result.revision for result in results], [2, 3, 0, 0, 4])
        self.assertEqual(list(Refusal.of_status(results[2].error).fields), ["external_id"])
        self.assertEqual(set(Refusal.of_status(results[3].error).fields), {"partnership", "external_id", "occur_time", "body"})

    def test_items_of_a_partnership_that_could_not_be_founded_are_rejected(self):
        results = self.client.import_items([story.founding_item(occur_time=story.time_of("9998-01-01")), story.item("one")])
        self.assertEqual([Refusal.of_status(result.error).reason for result in results],
                         ["INVALID_FIELD", "PARTNERSHIP_NOT_FOUND"])
        self.assertEqual(self.client.log(), [])

    def test_every_kind_of_wrong_item_is_rejected_with_its_reason(self):
        self.client.import_items([story.founding_item(), story.item("one", on="2021-05-01")])
        in_2021 = story.time_of("2021-03-02")
        invalid = ("INVALID_ARGUMENT", "INVALID_FIELD")
        self.assert_rejected(story.item("bad id"), *invalid, "external_id")
        self.assert_rejected(story.item("17"), *invalid, "external_id")
        self.assert_rejected(story.item("x" * 10_000), *invalid, "external_id")
        self.assert_rejected(story.item("x", occur_time=story.time_of("9998-01-01")), *invalid, "occur_time")
        self.assert_rejected(story.item("x", citation="x" * 501), *invalid, "citation")
        self.assert_rejected(story.item("x", partnership_terminated={}), *invalid, "partnership_terminated.mode")
        self.assert_rejected(story.item("x", evidence_confirmed={}), *invalid, "recorder", "evidence_confirmed.event")
        self.assert_rejected(story.item("x", evidence_corrected={"event": "one"}), *invalid,
                             *(f"evidence_corrected.replacement{field}" for field in ("", ".actor", ".affected")))
        self.assert_rejected(story.item("x", partner_joined={}), *invalid, "partner_joined.partner.organization")
        self.assert_rejected(story.item("x", tie_declared={"organizations": ["hooli"]}), *invalid,
                             "tie_declared.organizations")
        self.assert_rejected(story.item("x", evidence_retracted={"event": "founding"}),
                             "FAILED_PRECONDITION", "WRONG_EVENT_KIND")
        self.assert_rejected(story.item("x", partner_left={"organization": "acme"}), "NOT_FOUND", "PARTNER_NOT_FOUND")
        self.assert_rejected(story.item("x", evidence=api.Evidence(actor="hooli", affected=["hooli"], feedback_given={})),
                             *invalid, "evidence.affected")
        self.assert_rejected(story.item("x", original_record_time=in_2021), "FAILED_PRECONDITION", "IMPORT_OUT_OF_ORDER")
        self.assert_rejected(story.item("one", on="2021-05-02"), "FAILED_PRECONDITION", "EXTERNAL_ID_REUSED")
        self.assert_rejected(story.item("x", evidence=api.Evidence(
            actor="hooli", affected=["initech"], commitment_fulfilled={"commitment": "no-such-item"})),
            "NOT_FOUND", "EVENT_NOT_FOUND")
        self.assert_rejected(story.founding_item(external_id="again"), "ALREADY_EXISTS", "PARTNERSHIP_EXISTS")
        self.client.partnerships.CreatePartnership(story.creation())
        self.assert_rejected(story.item("x", "acme-globex", evidence=story.evidence(feedback_given={})),
                             "FAILED_PRECONDITION", "PARTNERSHIP_LIVE")


class BadFileTest(ServerTest):
    """Import files, through trustctl: one wrong line and nothing of any file is sent."""

    def setUp(self):
        super().setUp()
        self.start()

    def write(self, name, *lines, end="\n"):
        """Lines are items or text."""
        path = self.folder / name
        texts = [line if isinstance(line, str) else json_format.MessageToJson(line, indent=None) for line in lines]
        path.write_text("\n".join(texts) + end, encoding="utf-8")
        return path

    def assert_refused_file(self, path, line, *words):
        with self.nothing_stored():
            outcome = self.trustctl("import", path)
        self.assertEqual(outcome.returncode, 1, outcome)
        self.assertIn(f"{path}:{line}:", outcome.stderr)
        self.assertIn("nothing was imported", outcome.stderr)
        for word in words:
            self.assertIn(word, outcome.stderr)

    def test_a_line_cut_in_half_is_named_and_nothing_is_stored(self):
        whole = json_format.MessageToJson(story.item("two"), indent=None)
        for length in (len(whole) // 2, len(whole) - 1, 1):
            self.assert_refused_file(self.write("cut.jsonl", story.founding_item(), story.item("one"), whole[:length], end=""), 3)
        self.assert_refused_file(self.write("cut.jsonl", story.founding_item(), whole[:40], story.item("one")), 2)

    def test_a_line_that_is_no_item_is_named_with_what_is_wrong(self):
        wrong_value = json_format.MessageToJson(story.item("x"), indent=None).replace(
            '"sharedExperienceHeld"', '"materiality": "MATERIALITY_HUGE", "sharedExperienceHeld"')
        for text, *words in ((wrong_value, "MATERIALITY_HUGE", "MATERIALITY_CRITICAL"), ('{"partnershp": "x"}', "partnershp"),
                             ("[]",), ("hello",), ('{"occurTime": "yesterday"}', "yesterday")):
            with self.subTest(text=text):
                self.assert_refused_file(self.write("wrong.jsonl", "# a comment", "", story.founding_item(), text), 4, *words)

    def test_every_wrong_line_of_every_file_is_named_at_once(self):
        good = self.write("good.jsonl", story.founding_item(), story.item("one"))
        bad = self.write("bad.jsonl", "{", story.item("two"), "}")
        missing = self.folder / "missing.jsonl"
        with self.nothing_stored():
            outcome = self.trustctl("import", good, bad, missing)
        self.assertEqual(outcome.returncode, 1)
        for place in (f"{bad}:1:", f"{bad}:3:", f"{missing}:"):
            self.assertIn(place, outcome.stderr)
        self.assertNotIn(str(good), outcome.stderr)

    def test_a_line_of_five_mebibytes_is_refused(self):
        item = json_format.MessageToJson(story.item("x", citation="x" * (5 << 20)), indent=None)
        self.assert_refused_file(self.write("huge.jsonl", story.founding_item(), item), 2)

    def test_an_item_that_the_server_rejects_is_named_by_file_and_line(self):
        path = self.write("history.jsonl", story.founding_item(), "", story.item("one"),
                          story.item("one", on="2021-04-13"), story.item("two", on="2021-04-13"))
        outcome = self.trustctl("import", path)
        self.assertEqual(outcome.returncode, 1)
        self.assertIn(f"{path}:4: one: ", outcome.stdout)
        self.assertIn("EXTERNAL_ID_REUSED", outcome.stdout)
        self.assertEqual(self.client.revision("initech-hooli"), 4)

    def test_a_server_that_is_not_there_is_said(self):
        path = self.write("history.jsonl", story.founding_item())
        self.server.stop()
        outcome = self.trustctl("import", path)
        self.assertEqual(outcome.returncode, 3, outcome)
        self.assertIn(self.server.address, outcome.stderr)


if __name__ == "__main__":
    server.main()
