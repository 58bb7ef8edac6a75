// One whole small job with grpc-go: two firms meet, one keeps a record and corrects it, reads how far it trusts the
// other and how that came to be, and understands a refusal. Prints what it saw as JSON.
// Usage: trustd-go-client ADDRESS
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"sort"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"goclient/trustv1"
)

const partnership = "go-globex"

// The names of gRPC's codes as the other clients print them.
var codeNames = map[string]string{"InvalidArgument": "INVALID_ARGUMENT"}

type refusal struct {
	Code   string   `json:"code"`
	Reason string   `json:"reason"`
	Domain string   `json:"domain"`
	Fields []string `json:"fields"`
}

type seen struct {
	Created   int64      `json:"created"`
	Recorded  string     `json:"recorded"`
	Corrected []any      `json:"corrected"`
	Stage     []string   `json:"stage"`
	Timeline  [][]string `json:"timeline"`
	Refusal   refusal    `json:"refusal"`
}

func timeOf(day string) *timestamppb.Timestamp {
	moment, err := time.Parse("2006-01-02", day)
	check(err)
	return timestamppb.New(moment)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// What both firms did together; the caller sets the kind.
func joint(materiality trustv1.Materiality) *trustv1.Evidence {
	return &trustv1.Evidence{Actor: "*", Affected: []string{"acme", "globex"}, Materiality: materiality}
}

func decode(err error) refusal {
	answer := status.Convert(err)
	decoded := refusal{Code: codeNames[answer.Code().String()]}
	for _, detail := range answer.Details() {
		switch message := detail.(type) {
		case *errdetails.ErrorInfo:
			decoded.Reason, decoded.Domain = message.GetReason(), message.GetDomain()
		case *errdetails.BadRequest:
			for _, violation := range message.GetFieldViolations() {
				decoded.Fields = append(decoded.Fields, violation.GetField())
			}
		}
	}
	sort.Strings(decoded.Fields)
	return decoded
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	connection, err := grpc.Dial(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	defer connection.Close()
	partnerships := trustv1.NewPartnershipServiceClient(connection)
	evidence := trustv1.NewEvidenceServiceClient(connection)
	trust := trustv1.NewTrustServiceClient(connection)
	var saw seen

	created, err := partnerships.CreatePartnership(ctx, &trustv1.CreatePartnershipRequest{
		Partnership:        partnership,
		Partners:           []*trustv1.Partner{{Organization: "acme"}, {Organization: "globex"}},
		InitialContactTime: timeOf("2024-01-08"),
		Recorder:           "acme",
	})
	check(err)
	saw.Created = created.GetRevision()

	credible := joint(trustv1.Materiality_MATERIALITY_HIGH)
	credible.Kind = &trustv1.Evidence_CredibilityAssessed{CredibilityAssessed: &trustv1.CredibilityAssessed{}}
	aligned := joint(trustv1.Materiality_MATERIALITY_HIGH)
	aligned.Kind = &trustv1.Evidence_IntentionsAssessed{IntentionsAssessed: &trustv1.IntentionsAssessed{}}
	shared := joint(trustv1.Materiality_MATERIALITY_UNSPECIFIED)
	shared.Kind = &trustv1.Evidence_SharedExperienceHeld{SharedExperienceHeld: &trustv1.SharedExperienceHeld{}}
	told := []struct {
		day  string
		what *trustv1.Evidence
	}{{"2024-01-22", credible}, {"2024-01-29", aligned}, {"2024-02-12", shared}}
	for _, one := range told {
		recorded, err := evidence.RecordEvidence(ctx, &trustv1.RecordEvidenceRequest{
			Partnership: partnership, Recorder: "acme", OccurTime: timeOf(one.day), Evidence: one.what})
		check(err)
		saw.Recorded = recorded.GetEvents()[0].GetEvidence().GetSource().String()
	}

	weightier := joint(trustv1.Materiality_MATERIALITY_HIGH)
	weightier.Kind = shared.Kind
	corrected, err := evidence.CorrectEvidence(ctx, &trustv1.CorrectEvidenceRequest{
		Partnership: partnership, Recorder: "acme", Event: "5", Replacement: weightier})
	check(err)
	saw.Corrected = []any{corrected.GetRevision(), corrected.GetEvents()[0].GetEvidenceCorrected().GetEvent()}

	reading, err := trust.AssessTrust(ctx, &trustv1.AssessTrustRequest{
		Partnership: partnership, Trustor: "acme", Trustee: "globex", AsOfTime: timeOf("2024-02-12"),
		MinPosition: corrected.GetLogPosition()})
	check(err)
	saw.Stage = []string{reading.GetDirections()[0].GetStage().String(), reading.GetDirections()[0].GetSinceDate()}
	timeline, err := trust.GetTrustTimeline(ctx, &trustv1.GetTrustTimelineRequest{
		Partnership: partnership, Trustor: "acme", Trustee: "globex", AsOfTime: timeOf("2024-02-12")})
	check(err)
	for _, step := range timeline.GetTransitions() {
		saw.Timeline = append(saw.Timeline, []string{step.GetDate(), step.GetStage().String(), step.GetCause().String()})
	}

	_, err = evidence.RecordEvidence(ctx, &trustv1.RecordEvidenceRequest{
		Partnership: partnership, OccurTime: timeOf("2024-03-01"),
		Evidence: &trustv1.Evidence{Actor: "Globex Inc.", Affected: []string{"acme"}}})
	saw.Refusal = decode(err)
	check(json.NewEncoder(os.Stdout).Encode(saw))
}
