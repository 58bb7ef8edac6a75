"""Random histories of the oracle, with everything that can be imported in them, against the import of the built trustd."""

import sys

from google.protobuf import json_format

import server
from stubs import api
from server import REPOSITORY, Refusal, ServerTest

sys.path.insert(0, str(REPOSITORY / "tests" / "oracle"))
import random_log  # noqa: E402

HISTORIES = 240  # So many that each kind of item comes up.


class RandomImportTest(ServerTest):
    def test_every_item_of_a_random_history_is_taken_in_once(self):
        self.start()
        first = server.new_random().randrange(10**6)
        bodies = set()
        for number in range(HISTORIES):
            items = [json_format.ParseDict(item, api.ImportItem())
                     for item in random_log.generate(first + number, f"random-{number}")]
            bodies |= {item.WhichOneof("body") for item in items}
            with self.subTest(seed=first + number):
                results = self.client.import_items(items)
                self.assertEqual([(result.external_id, Refusal.of_status(result.error)) for result in results
                                  if result.outcome != api.IMPORT_OUTCOME_CREATED], [])
                self.assertEqual(self.client.revision(f"random-{number}"), results[-1].revision)
                again = self.client.import_items(items)
                self.assertEqual({result.outcome for result in again}, {api.IMPORT_OUTCOME_UNCHANGED})
        self.assertEqual(bodies, {field.name for field in api.ImportItem.DESCRIPTOR.oneofs_by_name["body"].fields},
                         "a kind of item never came up")


if __name__ == "__main__":
    server.main()
