"""A log that was put back, cut or exchanged while the server was stopped, through gRPC: it is not served without an order."""

import itertools
import os
import pathlib
import shutil
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
import wal_file
from auditor import AuditCase
from server import DidNotServe, new_random

CUTS = 40  # Of a WAL, at places where a record ends.


class WatermarkTest(AuditCase):
    """A log that was put back, cut or exchanged."""

    def refused_start(self, *flags, **options):
        """What trustd says when it does not start."""
        with self.assertRaises(DidNotServe) as caught:
            self.start_signing(*flags, **options)
        self.assertEqual(caught.exception.code, 1)
        self.assertNotIn("serving", caught.exception.log)
        return caught.exception.log

    def store(self):
        return self.folder / "store"

    def newest_wal(self):
        return max(self.store().glob("*.log"), key=lambda path: path.stat().st_size)

    def keep_copy(self, name):
        shutil.copytree(self.store(), self.folder / name)

    def put_back(self, name):
        shutil.rmtree(self.store())
        shutil.copytree(self.folder / name, self.store())

    def fill_in_steps(self, steps):
        """Copies of the store as it stood after each of so many stops."""
        for step in range(steps):
            self.start_signing()
            self.record(7)
            self.server.stop()
            self.keep_copy(f"copy-{step}")
        return [f"copy-{step}" for step in range(steps)]

    def test_every_older_copy_is_refused_and_the_newest_served(self):
        copies = self.fill_in_steps(6)
        for name in copies[:-1]:
            self.put_back(name)
            log = self.refused_start()
            self.assertIn("are missing", log)
            self.assertIn("--accept_log_rollback", log)
        self.put_back(copies[-1])
        self.start_signing()
        self.record(1)

    def test_a_wal_cut_between_two_records_is_refused_at_every_place(self):
        self.start_signing("--checkpoint_interval_ms=10")
        self.record(1)
        self.checkpoint(min_position=self.record(120).log_position)
        log = self.client.log()
        self.server.kill()
        self.keep_copy("whole")
        wal = self.newest_wal()
        places = wal_file.record_ends(wal.read_bytes())
        # The places are right when the last is the end of the file; and it is long enough for a record in pieces.
        self.assertEqual(places[-1], wal.stat().st_size)
        self.assertGreater(places[-1], wal_file.BLOCK)
        cuts, harmless = sorted(new_random().sample(places[:-1], CUTS)), 0
        for place in cuts:
            self.put_back("whole")
            os.truncate(self.store() / wal.name, place)
            try:
                self.start_signing()
            except DidNotServe as refused:
                self.assertEqual(refused.code, 1)
                self.assertIn("are missing", refused.log)
                continue
            # Behind the last event the rows are written that follow from it, in a record or a few: a cut there leaves all events.
            self.assertEqual(self.client.log(), log)
            self.server.kill()
            harmless += 1
        print(f"{len(cuts)} cuts at {len(places)} places, {len(cuts) - harmless} refused, {harmless} behind the last event", flush=True)
        self.assertGreater(len(cuts) - harmless, 3 * CUTS // 4)
        self.put_back("whole")
        self.start_signing()

    def test_a_cut_of_what_no_mark_covers_yet_is_not_noticed(self):
        # What is not promised: who holds a receipt has to notice it.
        self.start_signing("--checkpoint_interval_ms=3600000")
        self.record(10)
        log = self.client.log()
        self.server.kill()
        self.keep_copy("whole")
        watermark, kept = self.folder / "store-watermark", self.folder / "watermark"
        shutil.copytree(watermark, kept)
        wal = self.newest_wal()
        left = log
        # Behind the last event stands what follows from it; the first cut that takes more takes the event.
        for place in reversed(wal_file.record_ends(wal.read_bytes())[:-1]):
            self.put_back("whole")
            shutil.rmtree(watermark)
            shutil.copytree(kept, watermark)
            os.truncate(self.store() / wal.name, place)
            self.start_signing()
            left = self.client.log()
            self.server.kill()
            if left != log:
                break
        self.assertEqual(left, log[:-1])

    def test_a_wal_that_was_deleted_is_refused_and_served_only_by_an_order_that_is_recorded(self):
        for state in ("it held all there was", "tables held the rest"):
            with self.subTest(state):
                self.start_signing()
                self.record(7)
                self.server.stop()
                self.keep_copy("whole")
                self.newest_wal().unlink()
                self.assertIn("missing", self.refused_start())
                self.put_back("whole")
                shutil.rmtree(self.folder / "whole")
        self.start_signing()
        self.server.stop()
        self.start_signing()
        log = self.client.log()
        self.record(7)
        self.server.stop()
        self.newest_wal().unlink()
        self.start_signing("--accept_log_rollback=the WAL was deleted")
        self.assertEqual(self.client.log()[:-1], log)
        self.assertEqual(self.client.log()[-1].log_override_recorded.reason, "the WAL was deleted")

    def test_the_directory_of_another_server_is_refused_and_its_own_served(self):
        sizes = {"first": 7, "second": 30, "third": 30}
        for name, count in sizes.items():
            self.start_signing(directory=name)
            self.record(count, partnership=f"of-{name}")
            self.server.stop()
            shutil.copytree(self.folder / name, self.folder / f"kept-{name}")

        def put(whose, name):
            shutil.rmtree(self.folder / name)
            shutil.copytree(self.folder / f"kept-{whose}", self.folder / name)

        for name, other in itertools.permutations(sizes, 2):
            with self.subTest(f"the {other} in the place of the {name}"):
                put(other, name)
                log = self.refused_start(directory=name)
                self.assertRegex(log, "are missing|are not those of")
                self.assertIn("--accept_log_rollback", log)
                put(name, name)
                self.start_signing(directory=name)
                self.assertEqual({event.partnership for event in self.client.log()}, {f"of-{name}"})
                self.server.stop()
        put("second", "first")
        self.start_signing("--accept_log_rollback=the directories were mixed up", directory="first")
        self.assertEqual(self.client.log()[-1].log_override_recorded.reason, "the directories were mixed up")
        self.assertEqual(len(self.client.log()), len(list(self.client.events("of-second"))) + 1)

    def test_an_override_serves_the_log_and_records_it(self):
        copies = self.fill_in_steps(3)
        self.put_back(copies[0])
        self.refused_start()
        self.start_signing("--accept_log_rollback=the disk of 12 May was lost")
        recorded = [event for event in self.client.log() if event.WhichOneof("body") == "log_override_recorded"]
        self.assertEqual(len(recorded), 1)
        self.assertEqual(recorded[0].partnership, "$overrides")
        override = recorded[0].log_override_recorded
        self.assertEqual(override.reason, "the disk of 12 May was lost")
        self.assertGreater(override.watermark_size, override.log_size)
        self.assertEqual(len(override.watermark_root), 32)
        self.assertTrue((self.folder / "store-watermark" / "watermark.replaced-1").is_file())
        self.record(1)
        self.restart(f"--signing_key_file={self.key}")
        found = self.verify("server", self.server.address, self.verifier_key)
        self.assertEqual(found["records"], len(self.client.log()))

    def test_a_watermark_that_is_gone_or_damaged_is_refused(self):
        self.fill_in_steps(1)
        mark = self.folder / "store-watermark" / "watermark"
        content = mark.read_bytes()
        mark.unlink()
        self.assertIn("is gone", self.refused_start())
        mark.write_bytes(content[:-3] + b"0\n")
        self.assertIn("is damaged", self.refused_start())
        mark.write_bytes(content)
        self.start_signing()

    def test_another_log_under_the_watermark_is_refused(self):
        self.fill_in_steps(1)
        mark = (self.folder / "store-watermark" / "watermark").read_bytes()
        shutil.rmtree(self.store())
        shutil.rmtree(self.folder / "store-watermark")
        self.start_signing()
        self.record(30, partnership="initech-hooli")
        self.server.stop()
        (self.folder / "store-watermark" / "watermark").write_bytes(mark)
        self.assertIn("are not those of", self.refused_start())

    def test_the_watermark_is_where_the_flag_says(self):
        self.start_signing(f"--watermark_directory={self.folder}/elsewhere")
        self.checkpoint(min_position=self.record(3).log_position)
        self.server.stop()
        text = (self.folder / "elsewhere" / "watermark").read_text(encoding="utf-8")
        self.assertIn(" log.example.com\n", text)
        self.assertFalse((self.folder / "store-watermark").exists())


if __name__ == "__main__":
    server.main()
