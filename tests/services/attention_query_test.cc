// What is listed from the standing index: what needs care, and partnerships by partner, stage and condition.

#include "services/attention_query.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "services/command_lane.h"
#include "services/domain/refusal.h"
#include "services/log_position.h"
#include "services/partnership_query.h"
#include "tests/services/standing_world.h"

namespace services {
namespace {

using trust::v1::AttentionItem;
using trust::v1::StandingRow;

// Every item across partnerships, found the slow way.
std::vector<std::string> NaiveAttention(IndexedLog& log, const std::map<std::string, StandingRow>& rows,
                                        const trust::v1::ListAttentionRequest& request) {
  std::vector<std::pair<std::tuple<std::string, std::string, int>, std::string>> items;
  const std::string today = projections::FormatDay(log.day());
  const std::string last =
      projections::FormatDay(log.day() + (request.within_days() == 0 ? 90 : request.within_days()));
  for (const auto& [partnership, row] : rows) {
    if (!request.partnership().empty() && request.partnership() != partnership) continue;
    for (AttentionItem item : row.attention()) {
      const bool asked = request.kinds_size() == 0 || std::find(request.kinds().begin(), request.kinds().end(),
                                                                item.kind()) != request.kinds().end();
      if (!asked) continue;
      if (item.date().empty()) item.set_date(today);
      if (item.date() > (item.kind() == trust::v1::ATTENTION_KIND_LAPSE ? last : today)) continue;
      item.set_partnership(partnership);
      items.push_back({{item.date(), partnership, item.kind()}, item.DebugString()});
    }
  }
  std::sort(items.begin(), items.end());
  std::vector<std::string> texts;
  for (const auto& [place, text] : items) texts.push_back(text);
  return texts;
}

std::vector<std::string> PagedAttention(IndexedLog& log, trust::v1::ListAttentionRequest request, int page_size) {
  std::vector<std::string> texts;
  request.set_page_size(page_size);
  std::vector<std::tuple<std::string, std::string, int>> places;
  for (int page = 0; page < 1000; ++page) {
    trust::v1::ListAttentionResponse response;
    const absl::Status listed = ListAttentionNow(log.store(), log.index().state().day, request, &response);
    EXPECT_TRUE(listed.ok()) << listed;
    for (const AttentionItem& item : response.items()) {
      texts.push_back(item.DebugString());
      places.emplace_back(item.date(), item.partnership(), item.kind());
    }
    if (response.next_page_token().empty()) break;
    EXPECT_EQ(response.items_size(), page_size);
    request.set_page_token(response.next_page_token());
  }
  EXPECT_TRUE(std::is_sorted(places.begin(), places.end()));
  return texts;
}

TEST(AttentionQueryTest, AttentionIsWhatAScanOfAllPartnershipsFinds) {
  RandomWorld world(FirstSeed() + 200, 6);
  std::map<std::string, int> found;  // By request.
  int unknown = 0;
  for (int round = 0; round < 60; ++round) {
    world.Pass();
    world.log.CatchUp();
    if (round % 4 != 3) continue;
    const std::map<std::string, StandingRow> rows = FreshRows(world.log);
    std::vector<trust::v1::ListAttentionRequest> requests(5);
    requests[1].set_within_days(3650);
    requests[2].add_kinds(trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE);
    requests[2].add_kinds(trust::v1::ATTENTION_KIND_OPEN_VIOLATION);
    requests[3].set_partnership("p1");
    requests[4].add_kinds(trust::v1::ATTENTION_KIND_LAPSE);
    for (const trust::v1::ListAttentionRequest& request : requests) {
      SCOPED_TRACE(request.ShortDebugString());
      if (!request.partnership().empty() && rows.count(request.partnership()) == 0) {
        trust::v1::ListAttentionResponse response;
        ASSERT_EQ(domain::ReasonOf(ListAttentionNow(world.log.store(), world.log.day(), request, &response)),
                  trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
        ++unknown;
        continue;
      }
      std::vector<std::string> naive = NaiveAttention(world.log, rows, request);
      for (const int page_size : {1, 3, 1000}) {
        std::vector<std::string> paged = PagedAttention(world.log, request, page_size);
        std::sort(paged.begin(), paged.end());
        std::vector<std::string> sorted = naive;
        std::sort(sorted.begin(), sorted.end());
        ASSERT_EQ(paged, sorted);
      }
      found[request.ShortDebugString()] += static_cast<int>(naive.size());
    }
  }
  EXPECT_EQ(found.size(), 5U);
  int all = 0;
  for (const auto& [request, items] : found) {
    EXPECT_GT(items, 0) << request;
    all += items;
  }
  EXPECT_GT(all, 100);
  EXPECT_LT(unknown, 5);
  EXPECT_GT(world.revising(), 0);
}

TEST(AttentionQueryTest, AttentionTokensAreOfOneListAndStayAboutItsDay) {
  IndexedLog log;
  for (const char* id : {"alpha", "beta"}) {
    log.Found(id);
    trust::v1::Event praise = log.Act();
    praise.mutable_evidence()->set_source(trust::v1::SOURCE_SELF);
    praise.mutable_evidence()->mutable_commitment_fulfilled();
    log.Append(id, praise);
  }
  log.CatchUp();
  trust::v1::ListAttentionRequest request;
  request.set_page_size(1);
  request.add_kinds(trust::v1::ATTENTION_KIND_ONE_SIDED_EVIDENCE);
  trust::v1::ListAttentionResponse first, second;
  ASSERT_TRUE(ListAttentionNow(log.store(), log.index().state().day, request, &first).ok());
  EXPECT_EQ(first.items(0).partnership(), "alpha");
  request.set_page_token(first.next_page_token());
  log.SetDay(log.day() + 1);
  log.CatchUp();
  ASSERT_TRUE(ListAttentionNow(log.store(), log.index().state().day, request, &second).ok());
  EXPECT_EQ(second.as_of_date(), first.as_of_date());
  ASSERT_EQ(second.items_size(), 1);
  EXPECT_EQ(second.items(0).partnership(), "beta");
  request.set_within_days(5);
  EXPECT_EQ(domain::ReasonOf(ListAttentionNow(log.store(), log.index().state().day, request, &second)),
            trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  // Made up, with a check that fits.
  const std::string arguments = "ListAttention\n\n90\n6";
  ASSERT_TRUE(ParsePageToken(first.next_page_token(), arguments).ok()) << "the arguments of this list are others now";
  request.set_within_days(0);
  const std::string place = *ParsePageToken(first.next_page_token(), arguments);
  for (const std::string& forged : {std::string("x"), std::string("fourb"), place.substr(0, 9), place.substr(0, 12),
                                    std::string("\xff\xff\xff\xff") + place.substr(4)}) {
    request.set_page_token(PageToken(forged, arguments));
    EXPECT_EQ(domain::ReasonOf(ListAttentionNow(log.store(), log.index().state().day, request, &second)),
              trust::v1::ERROR_REASON_INVALID_PAGE_TOKEN);
  }
  trust::v1::ListAttentionRequest nobody;
  nobody.set_partnership("nobody");
  EXPECT_EQ(domain::ReasonOf(ListAttentionNow(log.store(), log.index().state().day, nobody, &second)),
            trust::v1::ERROR_REASON_PARTNERSHIP_NOT_FOUND);
}

TEST(AttentionQueryTest, EveryWrongFieldOfAListIsNamed) {
  trust::v1::ListAttentionRequest request;
  request.set_partnership("No Id");
  request.add_kinds(trust::v1::ATTENTION_KIND_UNSPECIFIED);
  request.set_within_days(3651);
  request.set_page_size(-1);
  std::vector<std::string> fields;
  for (const domain::FieldViolation& violation : domain::FieldViolationsOf(Check(request))) {
    fields.push_back(violation.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"partnership", "kinds[0]", "within_days", "page_size"}));
}

TEST(PartnershipQueryTest, PartnershipsAreFoundByPartnerStageAndCondition) {
  RandomWorld world(FirstSeed() + 300, 6);
  int found = 0;
  for (int round = 0; round < 60; ++round) {
    world.Pass();
    world.log.CatchUp();
    if (round % 10 != 9) continue;
    const std::map<std::string, StandingRow> rows = FreshRows(world.log);
    for (const std::string& id : world.log.Partnerships()) {
      trust::v1::Partnership resource;
      resource.set_partnership(id);
      ASSERT_TRUE(world.log.store().WriteRows({{kPartnershipTable, id, resource.SerializeAsString()}}).ok());
    }
    for (const char* organization : {"", "a", "c"}) {
      for (int stage = 0; stage <= 4; ++stage) {
        for (int condition = 0; condition <= 6; ++condition) {
          if (*organization == '\0' && stage == 0 && condition == 0) continue;
          trust::v1::ListPartnershipsRequest request;
          request.set_organization(organization);
          request.set_stage(static_cast<trust::v1::Stage>(stage));
          request.set_condition(static_cast<trust::v1::Condition>(condition));
          request.set_page_size(2);
          std::vector<std::string> listed, expected;
          for (;;) {
            trust::v1::ListPartnershipsResponse response;
            ASSERT_TRUE(ListPartnershipsNow(world.log.store(), request, &response).ok());
            for (const auto& partnership : response.partnerships()) listed.push_back(partnership.partnership());
            if (response.next_page_token().empty()) break;
            request.set_page_token(response.next_page_token());
          }
          for (const auto& [id, row] : rows) {
            const bool is_partner = *organization == '\0' ||
                                    std::find(row.organizations().begin(), row.organizations().end(), organization) !=
                                        row.organizations().end();
            const bool stands =
                std::any_of(row.directions().begin(), row.directions().end(), [&](const auto& direction) {
                  return (stage == 0 || direction.stage() == stage) &&
                         (condition == 0 || direction.condition() == condition);
                });
            if (is_partner && (stands || (stage == 0 && condition == 0))) expected.push_back(id);
          }
          ASSERT_EQ(listed, expected) << request.ShortDebugString();
          found += static_cast<int>(listed.size());
        }
      }
    }
  }
  EXPECT_GT(world.revising(), 0);
  EXPECT_GT(found, 100);
}

}  // namespace
}  // namespace services
