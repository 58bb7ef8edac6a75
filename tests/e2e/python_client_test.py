"""A client that is not ours, Python with Debian's grpcio, against the built trustd: every service, and every rule of commands."""

import server
import story
from stubs import api
from server import SECONDS_MAX, Refusal, ServerTest


def bytes_of(message):
    return message.SerializeToString(deterministic=True)


class FirstPathTest(ServerTest):
    """What a newcomer does."""

    def test_a_client_founds_a_partnership_records_evidence_and_reads_the_stage(self):
        self.start()
        founded = self.client.partnerships.CreatePartnership(story.creation(display_name="Acme - Globex"))
        self.assertEqual(founded.revision, 2)
        self.assertEqual([event.WhichOneof("body") for event in founded.events], ["partnership_proposed", "initial_contact_made"])
        self.assertEqual(founded.partnership.display_name, "Acme - Globex")
        self.assertEqual(founded.partnership.state, api.PARTNERSHIP_STATE_ACTIVE)

        recorded = self.client.evidence.RecordEvidence(
            story.record(story.joint(materiality="MATERIALITY_HIGH", credibility_assessed={}), on="2024-01-22"))
        self.assertEqual(recorded.revision, 3)
        self.assertEqual(recorded.events[0].evidence.source, api.SOURCE_COUNTERPART)
        self.client.evidence.RecordEvidence(
            story.record(story.joint(materiality="MATERIALITY_HIGH", intentions_assessed={}), on="2024-01-29"))
        self.client.evidence.RecordEvidence(story.record(story.joint(shared_experience_held={}), on="2024-02-12"))

        reading = self.client.trust.AssessTrust(
            api.AssessTrustRequest(partnership="acme-globex", as_of_time=story.time_of("2024-02-12")))
        self.assertEqual(reading.as_of_date, "2024-02-12")
        self.assertEqual(reading.revision, 5)
        self.assertEqual([(direction.trustor, direction.trustee, direction.stage, direction.since_date)
                          for direction in reading.directions],
                         [("acme", "globex", api.STAGE_BUILDING_RAPPORT, "2024-02-12"),
                          ("globex", "acme", api.STAGE_BUILDING_RAPPORT, "2024-02-12")])
        self.assertEqual(reading.whole.stage, api.STAGE_BUILDING_RAPPORT)
        self.assertGreater(reading.directions[0].holds_until_date, "2024-02-12")

        timeline = self.client.trust.GetTrustTimeline(api.GetTrustTimelineRequest(
            partnership="acme-globex", trustor="acme", trustee="globex", as_of_time=story.time_of("2024-02-12")))
        self.assertEqual([(step.date, step.stage, step.cause, list(step.events)) for step in timeline.transitions],
                         [("2024-01-08", api.STAGE_INITIAL_CONTACT, api.TRANSITION_CAUSE_START, []),
                          ("2024-02-12", api.STAGE_BUILDING_RAPPORT, api.TRANSITION_CAUSE_EVENT,
                           ["partnerships/acme-globex/events/5"])])

    def test_a_stage_explains_itself_and_what_it_suggests_comes_true(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        self.client.evidence.BatchRecordEvidence(story.all_reach_rapport())
        question = api.ExplainTrustRequest(partnership="acme-globex", trustor="acme", trustee="globex",
                                           as_of_time=story.time_of("2024-02-12"))
        explained = self.client.trust.ExplainTrust(question)
        reading = self.client.trust.AssessTrust(api.AssessTrustRequest(
            partnership="acme-globex", trustor="acme", trustee="globex", as_of_time=story.time_of("2024-02-12")))
        self.assertEqual(explained.reading, reading.directions[0])
        self.assertEqual(explained.policy_sha256, reading.policy_sha256)
        for facet in explained.facets:
            self.assertEqual(sum(int(part.mass) for part in facet.positive) + int(facet.other_positive_mass),
                             int(facet.positive_mass))
            self.assertEqual(sum(int(part.mass) for part in facet.negative) + int(facet.other_negative_mass),
                             int(facet.negative_mass))
        self.assertTrue(explained.missing)
        self.assertTrue(explained.suggestions)
        for act in explained.suggestions:
            evidence = story.evidence(actor="globex", affected=["acme"], **{act.kind: {}})
            self.client.evidence.RecordEvidence(story.record(evidence, on=act.date))
        question.as_of_time.CopyFrom(story.time_of(explained.suggestions[-1].date))
        self.assertEqual(self.client.trust.ExplainTrust(question).reading.stage, api.STAGE_ESTABLISHING_RELIABILITY)

    def test_an_error_carries_its_reason_and_all_wrong_fields(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        refusal = self.assert_refused(
            "INVALID_ARGUMENT", "INVALID_FIELD", self.client.evidence.RecordEvidence,
            story.record(story.evidence(actor="Globex Inc.", affected=["acme", "acme"], commitment_fulfilled={"result": 99}),
                         recorder="", request_id="4711"))
        self.assertEqual(set(refusal.fields), {"recorder", "evidence.actor", "evidence.affected[1]",
                                               "evidence.commitment_fulfilled.result", "request_id"})
        self.assertIn("'Globex Inc.'", refusal.fields["evidence.actor"])

        refusal = self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", self.client.partnerships.GetPartnership,
                                      api.GetPartnershipRequest(partnership="nobody"))
        self.assertEqual(refusal.resource, ("partnership", "nobody"))
        self.assertIn("nobody", refusal.message)

    def test_a_partnership_lives_through_its_whole_life(self):
        self.start()
        partnerships = self.client.partnerships
        partnerships.CreatePartnership(story.creation())

        def step(request, on, **fields):
            return request(partnership="acme-globex", recorder="acme", occur_time=story.time_of(on), **fields)

        def state():
            return partnerships.GetPartnership(api.GetPartnershipRequest(partnership="acme-globex")).partnership.state

        partnerships.RecordMilestone(step(api.RecordMilestoneRequest, "2024-01-15", milestone={"agreement_signed": {}}))
        partnerships.SuspendPartnership(step(api.SuspendPartnershipRequest, "2024-03-01"))
        self.assertEqual(state(), api.PARTNERSHIP_STATE_SUSPENDED)
        partnerships.ResumePartnership(step(api.ResumePartnershipRequest, "2024-04-01"))
        self.assertEqual(state(), api.PARTNERSHIP_STATE_ACTIVE)
        partnerships.TerminatePartnership(step(api.TerminatePartnershipRequest, "2024-06-01", mode="TERMINATION_MODE_MUTUAL"))
        self.assertEqual(state(), api.PARTNERSHIP_STATE_ENDED)
        self.assert_refused("FAILED_PRECONDITION", "PARTNERSHIP_ENDED", partnerships.SuspendPartnership,
                            step(api.SuspendPartnershipRequest, "2024-07-01"))
        self.assertEqual(self.client.revision("acme-globex"), 6)

    def test_an_import_answers_item_by_item_and_may_name_items_by_their_external_id(self):
        self.start()
        results = self.client.import_items(
            [story.founding_item(),
             story.item("promise", evidence=api.Evidence(actor="hooli", affected=["initech"], commitment_made={})),
             story.item("kept", on="2021-05-01", evidence=api.Evidence(
                 actor="hooli", affected=["initech"], commitment_fulfilled={"commitment": "promise"}))],
            [story.item("kept-again", on="2021-06-01", evidence=api.Evidence(
                actor="hooli", affected=["initech"], commitment_fulfilled={"commitment": "promise"})),
             story.item("about-nobody", on="2021-06-01", evidence=api.Evidence(
                 actor="pied-piper", affected=["initech"], shared_experience_held={}))])
        created, rejected = api.IMPORT_OUTCOME_CREATED, api.IMPORT_OUTCOME_REJECTED
        self.assertEqual([(result.external_id, result.outcome, result.revision, len(result.warnings)) for result in results],
                         [("founding", created, 2, 0), ("promise", created, 3, 0), ("kept", created, 4, 0),
                          ("kept-again", created, 5, 1), ("about-nobody", rejected, 0, 0)])
        refusal = Refusal.of_status(results[4].error)
        self.assertEqual((refusal.code, refusal.reason, refusal.resource),
                         ("NOT_FOUND", "PARTNER_NOT_FOUND", ("organization", "pied-piper")))
        self.assertEqual([event.import_origin.external_id for event in self.client.events("initech-hooli")],
                         ["founding", "founding", "promise", "kept", "kept-again"])
        self.assertEqual(list(self.client.events("initech-hooli"))[3].evidence.commitment_fulfilled.commitment,
                         "partnerships/initech-hooli/events/3")


class RecordTest(ServerTest):
    """What is said about the record, and who takes part."""

    def words(self, event, **fields):
        return {"partnership": "acme-globex", "event": str(event), **fields}

    def body(self, answer):
        """The kind of each event recorded."""
        return [event.WhichOneof("body") for event in answer.events]

    def test_a_wrong_record_is_corrected_a_right_one_confirmed_and_the_history_keeps_all(self):
        self.start()
        evidence = self.client.evidence
        self.client.partnerships.CreatePartnership(story.creation())
        promised = evidence.RecordEvidence(story.record(story.evidence(commitment_made={}), on="2024-01-15"))
        praised = evidence.RecordEvidence(story.record(story.evidence(transparency_demonstrated={}), on="2024-02-01",
                                                       recorder="globex"))
        missed = evidence.RecordEvidence(story.record(story.evidence(commitment_missed={"commitment": "3"}), on="2024-03-01"))
        self.assertEqual((promised.revision, praised.revision, missed.revision), (3, 4, 5))
        self.assertEqual(praised.events[0].evidence.source, api.SOURCE_SELF)

        # Globex praised itself, and cannot stand behind that twice; Acme can.
        refusal = self.assert_refused("FAILED_PRECONDITION", "RECORDER_NOT_ENTITLED", evidence.ConfirmEvidence,
                                      api.ConfirmEvidenceRequest(**self.words(4, recorder="globex")))
        self.assertEqual(refusal.metadata["actor"], "globex")
        confirmed = evidence.ConfirmEvidence(api.ConfirmEvidenceRequest(
            **self.words(4, recorder="acme"), occur_time=story.time_of("2024-02-10")))
        self.assertEqual(self.body(confirmed), ["evidence_confirmed"])
        self.assertEqual(confirmed.events[0].evidence_confirmed.event, "partnerships/acme-globex/events/4")
        self.assertEqual(confirmed.events[0].recorder, "acme")

        # Globex contests the miss and cannot rewrite it; Acme finds that it was a day late and corrects it.
        contested = evidence.ContestEvidence(api.ContestEvidenceRequest(**self.words(5, recorder="globex")))
        self.assertEqual(self.body(contested), ["evidence_contested"])
        late = story.evidence(commitment_fulfilled={"commitment": "3", "result": "FULFILMENT_RESULT_LATE"})
        refusal = self.assert_refused("FAILED_PRECONDITION", "RECORDER_NOT_ENTITLED", evidence.CorrectEvidence,
                                      api.CorrectEvidenceRequest(**self.words(5, recorder="globex"), replacement=late))
        self.assertEqual(refusal.metadata["entitled"], "acme")
        correction = api.CorrectEvidenceRequest(**self.words(5, recorder="acme", request_id=story.new_request_id()),
                                                replacement=late, occur_time=story.time_of("2024-03-02"))
        corrected = evidence.CorrectEvidence(correction)
        self.assertEqual(self.body(corrected), ["evidence_corrected"])
        stored = corrected.events[0].evidence_corrected
        self.assertEqual((stored.event, stored.replacement.source, stored.replacement.commitment_fulfilled.commitment),
                         ("partnerships/acme-globex/events/5", api.SOURCE_COUNTERPART, "partnerships/acme-globex/events/3"))
        self.assertEqual(bytes_of(evidence.CorrectEvidence(correction)), bytes_of(corrected))

        # The outcome stands, whatever it is now; once it is retracted the promise is open, also after a restart.
        kept = story.record(story.evidence(commitment_fulfilled={"commitment": "3"}), on="2024-03-01")
        self.assert_refused("FAILED_PRECONDITION", "COMMITMENT_RESOLVED", evidence.RecordEvidence, kept)
        self.restart()
        evidence = self.client.evidence
        self.assert_refused("FAILED_PRECONDITION", "COMMITMENT_RESOLVED", evidence.RecordEvidence, kept)
        retracted = evidence.RetractEvidence(api.RetractEvidenceRequest(**self.words(5, recorder="acme")))
        self.assertEqual(self.body(retracted), ["evidence_retracted"])
        self.assertEqual(evidence.RecordEvidence(kept).revision, 10)
        self.assertEqual([event.WhichOneof("body") for event in self.client.events("acme-globex")][5:9],
                         ["evidence_confirmed", "evidence_contested", "evidence_corrected", "evidence_retracted"])

    def test_partners_join_and_leave_ties_are_declared_and_people_stand_for_firms(self):
        self.start()
        partnerships = self.client.partnerships
        partnerships.CreatePartnership(story.creation())

        def step(request, on, **fields):
            return request(partnership="acme-globex", recorder="acme", occur_time=story.time_of(on), **fields)

        joined = partnerships.AddPartner(step(api.AddPartnerRequest, "2024-02-01", partner={"organization": "initech"}))
        self.assertEqual(self.body(joined), ["partner_joined", "initial_contact_made", "initial_contact_made"])
        partnerships.DeclareTie(step(api.DeclareTieRequest, "2024-02-01", organizations=["initech", "acme"]))
        partnerships.AssignContact(step(api.AssignContactRequest, "2024-02-01", contact="person-1", organization="initech"))
        partnerships.ReleaseContact(step(api.ReleaseContactRequest, "2024-03-01", contact="person-1", organization="initech"))
        last = partnerships.AssignContact(
            step(api.AssignContactRequest, "2024-04-01", contact="person-1", organization="acme"))
        contact = api.GetContactRequest(partnership="acme-globex", contact="person-1", min_position=last.log_position)

        def assert_shown():
            shown = self.client.partnerships.GetPartnership(api.GetPartnershipRequest(partnership="acme-globex")).partnership
            self.assertEqual([partner.organization for partner in shown.partners], ["acme", "globex", "initech"])
            self.assertEqual([list(tie.organizations) for tie in shown.ties], [["acme", "initech"]])
            self.assertEqual([(one.organization, one.since_date, one.until_date)
                              for one in self.client.partnerships.GetContact(contact).assignments],
                             [("initech", "2024-02-01", "2024-03-01"), ("acme", "2024-04-01", "")])

        assert_shown()
        self.restart()
        assert_shown()
        # The departure, event 8, was a mistake.
        self.client.evidence.RetractEvidence(api.RetractEvidenceRequest(**self.words(8, recorder="acme")))
        self.assertEqual([(one.organization, one.until_date)
                          for one in self.client.partnerships.GetContact(contact).assignments], [("initech", ""), ("acme", "")])
        self.client.partnerships.RemovePartner(step(api.RemovePartnerRequest, "2024-05-01", organization="initech"))
        shown = self.client.partnerships.GetPartnership(api.GetPartnershipRequest(partnership="acme-globex")).partnership
        self.assertEqual([partner.organization for partner in shown.partners], ["acme", "globex"])
        self.assert_refused("FAILED_PRECONDITION", "TOO_FEW_PARTNERS", self.client.partnerships.RemovePartner,
                            step(api.RemovePartnerRequest, "2024-06-01", organization="globex"))

    def test_an_import_takes_in_structure_and_words_about_the_record(self):
        self.start()
        results = self.client.import_items(
            [story.founding_item(),
             story.item("joined", partner_joined={"partner": {"organization": "pied-piper"}}),
             story.item("met", initial_contact_made={"organizations": ["pied-piper", "hooli"]}),
             story.item("tie", tie_declared={"organizations": ["pied-piper", "hooli"]}),
             story.item("assigned", contact_assigned={"contact": "p-1", "organization": "hooli"}),
             story.item("departed", contact_departed={"contact": "p-1", "organization": "hooli"}),
             story.item("shared"),
             story.item("confirmed", recorder="hooli", evidence_confirmed={"event": "shared"}),
             story.item("contested", recorder="pied-piper", evidence_contested={"event": "shared"}),
             story.item("corrected", evidence_corrected={"event": "shared", "replacement": {
                 "actor": "hooli", "affected": ["initech"], "open_communication_observed": {}}}),
             story.item("retracted", evidence_retracted={"event": "shared"}),
             story.item("left", partner_left={"organization": "pied-piper"})])
        self.assertEqual([(result.external_id, result.outcome) for result in results],
                         [(result.external_id, api.IMPORT_OUTCOME_CREATED) for result in results])
        # Hooli is the actor and stands behind its own conduct: that is stored with a word about it.
        self.assertEqual([result.external_id for result in results if result.warnings], ["confirmed"])
        self.assertEqual([event.WhichOneof("body") for event in self.client.events("initech-hooli")][2:],
                         ["partner_joined", "initial_contact_made", "tie_declared", "contact_assigned", "contact_departed",
                          "evidence", "evidence_confirmed", "evidence_contested", "evidence_corrected", "evidence_retracted",
                          "partner_left"])


class ReadingTest(ServerTest):
    """What readers can count on."""

    def test_a_read_with_the_position_of_a_write_sees_it(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        reader = server.Client(self.server.address)
        self.addCleanup(reader.close)
        for _ in range(30):
            written = self.client.evidence.RecordEvidence(story.record(story.evidence(shared_experience_held={})))
            seen = {"partnership": "acme-globex", "min_position": written.log_position}
            self.assertEqual(reader.trust.AssessTrust(api.AssessTrustRequest(**seen)).revision, written.revision)
            self.assertEqual(reader.trust.GetTrustTimeline(api.GetTrustTimelineRequest(**seen)).revision, written.revision)
            self.assertEqual(reader.partnerships.GetPartnership(api.GetPartnershipRequest(**seen)).partnership.revision,
                             written.revision)
            page = reader.history.ListEvents(api.ListEventsRequest(after_revision=written.revision - 1, **seen))
            self.assertEqual([event.log_position for event in page.events], [written.log_position])

    def test_partnerships_are_listed_by_pages_in_the_order_of_their_ids(self):
        self.start()
        names = [f"pair-{letter}" for letter in "gbdacfe"]
        for name in names:
            self.client.partnerships.CreatePartnership(story.creation(name))
        pages, request = [], api.ListPartnershipsRequest(page_size=3)
        while True:
            page = self.client.partnerships.ListPartnerships(request)
            pages.append([partnership.partnership for partnership in page.partnerships])
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self.assertEqual(pages, [["pair-a", "pair-b", "pair-c"], ["pair-d", "pair-e", "pair-f"], ["pair-g"]])
        everything = self.client.partnerships.ListPartnerships(api.ListPartnershipsRequest(page_size=5000))
        self.assertEqual([partnership.partnership for partnership in everything.partnerships], sorted(names))

    def test_events_are_listed_by_pages_that_leave_nothing_out(self):
        self.start()
        for name in ("acme-globex", "acme-initech"):
            self.client.partnerships.CreatePartnership(story.creation(name))
            for _ in range(3):
                self.client.evidence.BatchRecordEvidence(story.all_reach_rapport(name))
        whole = [event.revision for event in self.client.events("acme-globex")]
        self.assertEqual(whole, list(range(1, 12)))
        for page_size in (1, 4, 11, 12):
            self.assertEqual([event.revision for event in self.client.events("acme-globex", page_size)], whole)
        after = self.client.history.ListEvents(api.ListEventsRequest(partnership="acme-globex", after_revision=9))
        self.assertEqual([event.revision for event in after.events], [10, 11])

        log = self.client.log()
        self.assertEqual([bytes_of(event) for event in self.client.events("", 4)], [bytes_of(event) for event in log])
        self.assertEqual(len({event.log_position for event in log}), 22)
        self.assertEqual([bytes_of(event) for event in log if event.partnership == "acme-globex"],
                         [bytes_of(event) for event in self.client.events("acme-globex")])

    def test_a_timeline_is_listed_by_pages(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        self.client.evidence.BatchRecordEvidence(story.all_reach_rapport())
        request = api.GetTrustTimelineRequest(partnership="acme-globex", as_of_time=story.time_of("2025-12-31"))
        whole = list(self.client.trust.GetTrustTimeline(request).transitions)
        self.assertEqual(len(whole), 4)  # Each of two directions begins and rises.
        paged = []
        request.page_size = 1
        while True:
            page = self.client.trust.GetTrustTimeline(request)
            self.assertLessEqual(len(page.transitions), 1)
            paged += page.transitions
            if not page.next_page_token:
                break
            request.page_token = page.next_page_token
        self.assertEqual(paged, whole)

    def test_a_page_token_is_good_for_its_own_list_only(self):
        self.start()
        for name in ("acme-globex", "acme-initech"):
            self.client.partnerships.CreatePartnership(story.creation(name))
        events = api.ListEventsRequest(partnership="acme-globex", page_size=1)
        events.page_token = self.client.history.ListEvents(events).next_page_token
        listed = self.client.partnerships.ListPartnerships(api.ListPartnershipsRequest(page_size=1)).next_page_token
        self.assertTrue(listed)
        for call, request in (
                (self.client.history.ListEvents, api.ListEventsRequest(page_token=events.page_token)),
                (self.client.history.ListEvents, api.ListEventsRequest(partnership="acme-initech", page_token=events.page_token)),
                (self.client.history.ListEvents, api.ListEventsRequest(partnership="acme-globex", page_token=listed)),
                (self.client.partnerships.ListPartnerships, api.ListPartnershipsRequest(page_token=events.page_token)),
                (self.client.trust.GetTrustTimeline,
                 api.GetTrustTimelineRequest(partnership="acme-globex", page_token=listed))):
            self.assert_refused("INVALID_ARGUMENT", "INVALID_PAGE_TOKEN", call, request)
        self.assertEqual([event.revision for event in self.client.history.ListEvents(events).events], [2])

    def test_a_replay_tells_every_event_in_order_and_says_that_it_is_complete(self):
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())
        self.client.evidence.BatchRecordEvidence(story.all_reach_rapport())
        messages = list(self.client.history.ReplayHistory(api.ReplayHistoryRequest(partnership="acme-globex")))
        self.assertEqual([message.WhichOneof("message") for message in messages], ["step"] * 5 + ["end"])
        self.assertEqual([bytes_of(message.step.event) for message in messages[:-1]],
                         [bytes_of(event) for event in self.client.events("acme-globex")])
        end = messages[-1].end
        self.assertEqual((end.revision, end.event_count), (5, 5))
        reading = self.client.trust.AssessTrust(api.AssessTrustRequest(partnership="acme-globex"))
        self.assertEqual((end.policy_version, end.policy_sha256), (reading.policy_version, reading.policy_sha256))
        # The last readings are those of today, which is the day of recording.
        if messages[-2].step.as_of_date == reading.as_of_date:
            self.assertEqual([(direction.stage, direction.condition) for direction in messages[-2].step.directions],
                             [(direction.stage, direction.condition) for direction in reading.directions])

        part = list(self.client.history.ReplayHistory(
            api.ReplayHistoryRequest(partnership="acme-globex", after_revision=2, until_revision=4)))
        self.assertEqual(part[:-1], messages[2:4])
        self.assertEqual((part[-1].end.revision, part[-1].end.event_count), (4, 2))


class CommandTest(ServerTest):
    """The rules that all commands keep."""

    def setUp(self):
        super().setUp()
        self.start()
        self.client.partnerships.CreatePartnership(story.creation())

    def commands(self):
        """One of each command, in an order in which they can be given, each with a request id: method and request."""
        life = {"partnership": "acme-globex", "recorder": "acme"}
        partnerships, evidence = self.client.partnerships, self.client.evidence
        requests = [
            ("CreatePartnership", story.creation("acme-initech")),
            ("RecordMilestone", api.RecordMilestoneRequest(
                occur_time=story.time_of("2024-01-15"), milestone={"agreement_signed": {}}, **life)),
            ("RecordEvidence", story.record(story.evidence(commitment_made={}), on="2024-01-16")),
            ("BatchRecordEvidence", story.all_reach_rapport()),
            ("SuspendPartnership", api.SuspendPartnershipRequest(occur_time=story.time_of("2024-03-01"), **life)),
            ("ResumePartnership", api.ResumePartnershipRequest(occur_time=story.time_of("2024-04-01"), **life)),
            ("AddPartner", api.AddPartnerRequest(
                occur_time=story.time_of("2024-05-01"), partner={"organization": "initech"}, **life)),
            ("DeclareTie", api.DeclareTieRequest(
                occur_time=story.time_of("2024-05-02"), organizations=["acme", "globex"], **life)),
            ("AssignContact", api.AssignContactRequest(
                occur_time=story.time_of("2024-05-03"), contact="person-1", organization="globex", **life)),
            ("ReleaseContact", api.ReleaseContactRequest(
                occur_time=story.time_of("2024-05-04"), contact="person-1", organization="globex", **life)),
            ("RemovePartner", api.RemovePartnerRequest(
                occur_time=story.time_of("2024-05-05"), organization="initech", **life)),
            ("ConfirmEvidence", api.ConfirmEvidenceRequest(partnership="acme-globex", recorder="globex", event="5")),
            ("ContestEvidence", api.ContestEvidenceRequest(event="6", **life)),
            ("CorrectEvidence", api.CorrectEvidenceRequest(
                event="5", replacement=story.joint(credibility_assessed={}), **life)),
            ("RetractEvidence", api.RetractEvidenceRequest(event="6", **life)),
            ("TerminatePartnership", api.TerminatePartnershipRequest(
                occur_time=story.time_of("2024-06-01"), mode="TERMINATION_MODE_MUTUAL", **life)),
        ]
        for method, request in requests:
            request.request_id = story.new_request_id()
            yield method, request, getattr(evidence if "Evidence" in method else partnerships, method)

    def test_a_repeated_request_id_returns_the_first_result_also_after_a_restart(self):
        first = {}
        for method, request, call in self.commands():
            first[method] = (request, call(request, timeout=SECONDS_MAX))
        before = [bytes_of(event) for event in self.client.log()]

        def assert_all_repeat():
            for method, (request, answer) in first.items():
                calls = self.client.evidence if "Evidence" in method else self.client.partnerships
                again = getattr(calls, method)(request, timeout=SECONDS_MAX)
                self.assertEqual((again.revision, again.log_position), (answer.revision, answer.log_position), method)
                self.assertEqual(again.receipt.leaf_hash, answer.receipt.leaf_hash, method)
                for one in (again, answer):  # The latest checkpoint is a later one.
                    one.receipt.ClearField("checkpoint_size")
                self.assertEqual(bytes_of(again), bytes_of(answer), method)
            self.assertEqual([bytes_of(event) for event in self.client.log()], before)

        assert_all_repeat()
        self.restart()
        assert_all_repeat()
        self.server.kill()
        self.start()
        assert_all_repeat()

    def test_a_request_id_with_other_content_is_refused_and_its_event_named(self):
        used = story.new_request_id()
        request = story.record(story.evidence(shared_experience_held={}), request_id=used)
        self.client.evidence.RecordEvidence(request)
        others = [
            (self.client.evidence.RecordEvidence,
             story.record(story.evidence(open_communication_observed={}), request_id=used)),
            (self.client.evidence.RecordEvidence,
             story.record(story.evidence(shared_experience_held={}), request_id=used, correlation_id="other")),
            (self.client.evidence.BatchRecordEvidence,
             story.batch(("2024-02-01", story.evidence(shared_experience_held={})), request_id=used)),
            (self.client.partnerships.CreatePartnership, story.creation("acme-initech", request_id=used)),
        ]
        for restarted in (False, True):
            if restarted:
                self.restart()
                others = [(getattr(self.client.evidence, "RecordEvidence"), others[0][1])]
            with self.nothing_stored():
                for call, other in others:
                    refusal = self.assert_refused("FAILED_PRECONDITION", "REQUEST_ID_REUSED", call, other)
                    self.assertEqual(refusal.metadata["event"], "partnerships/acme-globex/events/3")
                    self.assertIn("partnerships/acme-globex/events/3", refusal.message)
                    self.assertEqual(refusal.preconditions[0][1], "partnerships/acme-globex/events/3")

    def test_a_request_id_may_be_written_in_capitals(self):
        used = story.new_request_id()
        first = self.client.evidence.RecordEvidence(story.record(story.evidence(shared_experience_held={}), request_id=used))
        again = self.client.evidence.RecordEvidence(
            story.record(story.evidence(shared_experience_held={}), request_id=used.upper()))
        self.assertEqual(bytes_of(again), bytes_of(first))

    def test_a_refused_command_does_not_use_up_its_request_id(self):
        used = story.new_request_id()
        promise = self.client.evidence.RecordEvidence(story.record(story.evidence(commitment_made={}))).revision
        self.assert_refused("NOT_FOUND", "EVENT_NOT_FOUND", self.client.evidence.RecordEvidence, story.record(
            story.evidence(commitment_fulfilled={"commitment": "99"}), request_id=used))
        kept = self.client.evidence.RecordEvidence(story.record(
            story.evidence(commitment_fulfilled={"commitment": str(promise)}), request_id=used))
        self.assertEqual(kept.revision, promise + 1)

    def test_a_batch_is_recorded_as_a_whole_or_not_at_all(self):
        def promise_kept_twice(first):
            return story.batch(("2024-02-01", story.evidence(commitment_made={})),
                               ("2024-02-02", story.evidence(commitment_fulfilled={"commitment": str(first)})),
                               ("2024-02-03", story.evidence(commitment_fulfilled={"commitment": str(first)})))

        with self.nothing_stored():
            refusal = self.assert_refused("FAILED_PRECONDITION", "COMMITMENT_RESOLVED",
                                          self.client.evidence.BatchRecordEvidence, promise_kept_twice(3))
            self.assertIn("items[2]", refusal.message)
            self.assertEqual(refusal.metadata["item"], "2")
        good = promise_kept_twice(3)
        del good.items[2]
        answer = self.client.evidence.BatchRecordEvidence(good)
        self.assertEqual([event.revision for event in answer.events], [3, 4])
        self.assertEqual(self.client.revision("acme-globex"), 4)

    def test_validate_only_says_what_would_be_recorded_and_records_nothing(self):
        request = story.all_reach_rapport()
        request.request_id = story.new_request_id()
        request.validate_only = True
        with self.nothing_stored():
            preview = self.client.evidence.BatchRecordEvidence(request)
            founding = self.client.partnerships.CreatePartnership(story.creation("acme-initech", validate_only=True))
            self.assert_refused("NOT_FOUND", "PARTNERSHIP_NOT_FOUND", self.client.partnerships.GetPartnership,
                                api.GetPartnershipRequest(partnership="acme-initech"))
            self.assert_refused("FAILED_PRECONDITION", "WRONG_LIFE_CYCLE_STATE", self.client.partnerships.ResumePartnership,
                                api.ResumePartnershipRequest(partnership="acme-globex", recorder="acme", validate_only=True,
                                                             occur_time=story.time_of("2024-02-01")))
        self.assertEqual(len(preview.events), 3)
        self.assertEqual(preview.revision, 2)
        self.assertEqual(len(founding.events), 2)
        request.validate_only = False
        recorded = self.client.evidence.BatchRecordEvidence(request)
        self.assertEqual([event.evidence for event in recorded.events], [event.evidence for event in preview.events])
        self.assertEqual(recorded.revision, 5)

    def test_an_expected_revision_that_differs_is_a_conflict(self):
        for expected in (0, 1, 3):
            with self.nothing_stored():
                refusal = self.assert_refused("ABORTED", "REVISION_CONFLICT", self.client.evidence.RecordEvidence, story.record(
                    story.evidence(shared_experience_held={}), expected_revision=expected))
                self.assertEqual((refusal.metadata["expected"], refusal.metadata["current"]), (str(expected), "2"))
        request = story.record(story.evidence(shared_experience_held={}), expected_revision=2, request_id=story.new_request_id())
        first = self.client.evidence.RecordEvidence(request)
        self.assertEqual(first.revision, 3)
        # Repeated it is answered as before, though the history has grown since.
        self.assertEqual(bytes_of(self.client.evidence.RecordEvidence(request)), bytes_of(first))

    def test_of_many_writers_who_expect_the_same_revision_one_succeeds(self):
        request = story.record(story.evidence(shared_experience_held={}), expected_revision=2)
        calls = [self.client.evidence.RecordEvidence.future(request, timeout=SECONDS_MAX) for _ in range(32)]
        codes = sorted(call.code().name for call in calls)
        self.assertEqual(codes, ["ABORTED"] * 31 + ["OK"])
        self.assertEqual(self.client.revision("acme-globex"), 3)

    def test_one_request_id_sent_many_times_at_once_has_one_effect(self):
        request = story.record(story.evidence(shared_experience_held={}), request_id=story.new_request_id())
        calls = [self.client.evidence.RecordEvidence.future(request, timeout=SECONDS_MAX) for _ in range(32)]
        self.assertEqual({bytes_of(call.result()) for call in calls}, {bytes_of(calls[0].result())})
        self.assertEqual(self.client.revision("acme-globex"), 3)


if __name__ == "__main__":
    server.main()
