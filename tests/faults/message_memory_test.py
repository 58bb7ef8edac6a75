"""What a caller can make the server hold by messages alone, with no proxy in front."""

import pathlib
import sys

import grpc

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))

import server  # pylint: disable=wrong-import-position
import story
from server import SECONDS_MAX, ServerTest
from stubs import api

MIB = 1 << 20
LONG_MESSAGE = 500 * MIB
TRIES_MAX = 5
HELD_MIB_MAX = 300  # What gRPC may hold, 128 MiB and what it is slow to give back, and what an idle server has.


class MessageMemoryTest(ServerTest):
    def setUp(self):
        super().setUp()
        self.start("--store_memory_mib=32")
        self.long = grpc.insecure_channel(self.server.address, options=[
            ("grpc.max_send_message_length", -1), ("grpc.use_local_subchannel_pool", 1)])
        self.addCleanup(self.long.close)

    def assert_bounded_and_well(self):
        held = self.server.memory_mib("VmHWM")
        print(f"the server held {held} MiB at most", flush=True)
        self.assertLess(held, HELD_MIB_MAX)
        self.client.partnerships.CreatePartnership(story.creation(), timeout=SECONDS_MAX)

    def test_a_message_of_half_a_gigabyte_is_refused_before_it_is_all_there(self):
        call = self.long.unary_unary("/trust.v1.PolicyService/ListPolicies")
        with self.assertRaises(grpc.RpcError) as caught:
            call(bytes(LONG_MESSAGE), timeout=SECONDS_MAX)
        self.assertIn(caught.exception.code(), (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE))
        self.assert_bounded_and_well()

    def test_so_is_a_later_message_of_an_import(self):
        item = story.founding_item()
        first = api.ImportHistoryRequest(items=[item]).SerializeToString()
        stream = self.long.stream_stream("/trust.v1.EvidenceService/ImportHistory")
        with self.assertRaises(grpc.RpcError) as caught:
            for _ in stream(iter([first, bytes(LONG_MESSAGE)]), timeout=SECONDS_MAX):
                pass
        self.assertIn(caught.exception.code(), (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE))
        self.assert_bounded_and_well()

    def test_a_compressed_message_is_refused_without_being_unpacked(self):
        call = self.long.unary_unary("/trust.v1.PolicyService/ListPolicies")
        for compression in (grpc.Compression.Gzip, grpc.Compression.Deflate):
            for _ in range(TRIES_MAX):
                with self.assertRaises(grpc.RpcError) as caught:
                    call(bytes(LONG_MESSAGE), timeout=SECONDS_MAX, compression=compression)
                # Who is still sending when the connection goes does not always hear why.
                if caught.exception.code() != grpc.StatusCode.UNAVAILABLE:
                    break
            self.assertEqual(caught.exception.code(), grpc.StatusCode.UNIMPLEMENTED, caught.exception.details())
            self.assertIn("is disabled", caught.exception.details())
        self.assertLess(self.server.memory_mib("VmHWM"), HELD_MIB_MAX // 2)
        self.assert_bounded_and_well()


if __name__ == "__main__":
    server.main()
