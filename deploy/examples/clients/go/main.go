// A client of trustd in Go that loses nothing: trustd-go-client ADDRESS PARTNERSHIP
//
// Two firms meet; one keeps a record and corrects it, reads what it has written, follows the history, and understands a refusal. The
// connection may break, and the server restart, at any moment. tests/build_go_program.sh generates the stubs and builds it.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log"
	mathrand "math/rand"
	"os"
	"sort"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/timestamppb"

	"goclient/trustv1"
)

const (
	attemptsMax    = 10
	attemptTimeout = 2 * time.Second
	pauseMin       = 100 * time.Millisecond
	pauseMax       = 5 * time.Second
)

// detail returns the detail of kind T that came with an error; none when gRPC made it, or the connection broke.
func detail[T any](err error) (T, bool) {
	for _, one := range status.Convert(err).Details() {
		if found, ok := one.(T); ok {
			return found, true
		}
	}
	var none T
	return none, false
}

// pause waits longer each time, a random while so that clients do not come back all at once, and no less than the server asks for.
func pause(ctx context.Context, attempt int, err error) {
	longest := pauseMin << attempt
	if longest > pauseMax {
		longest = pauseMax
	}
	wait := time.Duration(mathrand.Int63n(int64(longest)))
	if retry, ok := detail[*errdetails.RetryInfo](err); ok {
		wait += retry.GetRetryDelay().AsDuration()
	}
	select {
	case <-time.After(wait):
	case <-ctx.Done():
	}
}

// passes says whether a repetition may help.
func passes(err error) bool {
	switch status.Code(err) {
	case codes.ResourceExhausted:
		// Without RetryInfo it says that the message is too large.
		_, ok := detail[*errdetails.RetryInfo](err)
		return ok
	case codes.Unavailable, codes.DeadlineExceeded, codes.Unknown, codes.Canceled:
		// The command may have been stored, unless the server itself refused it: only the same request_id makes it safe to ask again.
		return true
	}
	return false
}

// repeat calls until there is an answer, or one that no repetition mends. For what is safe to repeat: a question, or a command with a
// request_id, which takes effect once, however often it is sent.
func repeat[Request, Response any](ctx context.Context,
	method func(context.Context, Request, ...grpc.CallOption) (Response, error), request Request) (Response, error) {
	for attempt := 0; ; attempt++ {
		attemptCtx, cancel := context.WithTimeout(ctx, attemptTimeout)
		response, err := method(attemptCtx, request)
		cancel()
		if err == nil || !passes(err) || ctx.Err() != nil || attempt+1 == attemptsMax {
			return response, err
		}
		pause(ctx, attempt, err)
	}
}

// follow tells every event of a partnership, once and in order, until take has enough. Who may end itself keeps the position with what
// it makes of the events.
func follow(ctx context.Context, client trustv1.HistoryServiceClient, partnership string, take func(*trustv1.Event) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	position := ""
	for attempt := 0; ; attempt++ {
		stream, err := client.WatchEvents(ctx, &trustv1.WatchEventsRequest{Partnership: partnership, AfterPosition: position})
		for err == nil {
			var message *trustv1.WatchEventsResponse
			if message, err = stream.Recv(); err != nil {
				break
			}
			attempt = 0
			for _, event := range message.GetEvents().GetEvents() {
				if !take(event) {
					return nil
				}
			}
			position = message.GetResumePosition()
		}
		if err != io.EOF && (!passes(err) || attempt == attemptsMax) {
			return err
		}
		pause(ctx, attempt, err)
	}
}

func newRequestID() string {
	var id [16]byte
	_, err := rand.Read(id[:])
	check(err)
	id[6], id[8] = id[6]&0x0f|0x40, id[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

func timeOf(day string) *timestamppb.Timestamp {
	moment, err := time.Parse("2006-01-02", day)
	check(err)
	return timestamppb.New(moment)
}

// joint is what both firms did together; the caller sets the kind.
func joint(materiality trustv1.Materiality) *trustv1.Evidence {
	return &trustv1.Evidence{Actor: "*", Affected: []string{"acme", "globex"}, Materiality: materiality}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	address, partnership := os.Args[1], os.Args[2]
	ctx := context.Background()
	// A dead connection says nothing; pings find that out.
	connection, err := grpc.Dial(address, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: 30 * time.Second}))
	check(err)
	defer connection.Close()
	partnerships := trustv1.NewPartnershipServiceClient(connection)
	evidence := trustv1.NewEvidenceServiceClient(connection)
	trust := trustv1.NewTrustServiceClient(connection)

	created, err := repeat(ctx, partnerships.CreatePartnership, &trustv1.CreatePartnershipRequest{
		RequestId:          newRequestID(),
		Partnership:        partnership,
		Partners:           []*trustv1.Partner{{Organization: "acme"}, {Organization: "globex"}},
		InitialContactTime: timeOf("2024-01-08"),
		Recorder:           "acme",
	})
	check(err)
	fmt.Println("created", created.GetRevision())

	credible := joint(trustv1.Materiality_MATERIALITY_HIGH)
	credible.Kind = &trustv1.Evidence_CredibilityAssessed{CredibilityAssessed: &trustv1.CredibilityAssessed{}}
	aligned := joint(trustv1.Materiality_MATERIALITY_HIGH)
	aligned.Kind = &trustv1.Evidence_IntentionsAssessed{IntentionsAssessed: &trustv1.IntentionsAssessed{}}
	shared := joint(trustv1.Materiality_MATERIALITY_UNSPECIFIED)
	shared.Kind = &trustv1.Evidence_SharedExperienceHeld{SharedExperienceHeld: &trustv1.SharedExperienceHeld{}}
	var recorded *trustv1.RecordEvidenceResponse
	for _, told := range []struct {
		day  string
		what *trustv1.Evidence
	}{{"2024-01-22", credible}, {"2024-01-29", aligned}, {"2024-02-12", shared}} {
		recorded, err = repeat(ctx, evidence.RecordEvidence, &trustv1.RecordEvidenceRequest{
			RequestId: newRequestID(), Partnership: partnership, Recorder: "acme", OccurTime: timeOf(told.day), Evidence: told.what})
		check(err)
		fmt.Println("recorded", recorded.GetRevision(), recorded.GetEvents()[0].GetEvidence().GetSource())
	}

	weightier := joint(trustv1.Materiality_MATERIALITY_HIGH)
	weightier.Kind = shared.Kind
	corrected, err := repeat(ctx, evidence.CorrectEvidence, &trustv1.CorrectEvidenceRequest{
		RequestId: newRequestID(), Partnership: partnership, Recorder: "acme", Event: fmt.Sprint(recorded.GetRevision()),
		Replacement: weightier})
	check(err)
	fmt.Println("corrected", corrected.GetRevision(), corrected.GetEvents()[0].GetEvidenceCorrected().GetEvent())

	// With MinPosition the answer includes what was written there.
	reading, err := repeat(ctx, trust.AssessTrust, &trustv1.AssessTrustRequest{
		Partnership: partnership, Trustor: "acme", Trustee: "globex", AsOfTime: timeOf("2024-02-12"),
		MinPosition: corrected.GetLogPosition()})
	check(err)
	fmt.Println("stage", reading.GetDirections()[0].GetStage(), reading.GetDirections()[0].GetSinceDate())
	timeline, err := repeat(ctx, trust.GetTrustTimeline, &trustv1.GetTrustTimelineRequest{
		Partnership: partnership, Trustor: "acme", Trustee: "globex", AsOfTime: timeOf("2024-02-12"),
		MinPosition: corrected.GetLogPosition()})
	check(err)
	for _, step := range timeline.GetTransitions() {
		fmt.Println("change", step.GetDate(), step.GetStage(), step.GetCause())
	}

	check(follow(ctx, trustv1.NewHistoryServiceClient(connection), partnership, func(event *trustv1.Event) bool {
		message := event.ProtoReflect()
		kind := message.WhichOneof(message.Descriptor().Oneofs().ByName("body"))
		fmt.Println("event", event.GetRevision(), kind.Name())
		return event.GetRevision() < corrected.GetRevision()
	}))

	_, err = repeat(ctx, evidence.RecordEvidence, &trustv1.RecordEvidenceRequest{
		RequestId: newRequestID(), Partnership: partnership, OccurTime: timeOf("2024-03-01"),
		Evidence: &trustv1.Evidence{Actor: "Globex Inc.", Affected: []string{"acme"}}})
	info, _ := detail[*errdetails.ErrorInfo](err)
	request, _ := detail[*errdetails.BadRequest](err)
	var fields []string
	for _, violation := range request.GetFieldViolations() {
		fields = append(fields, violation.GetField())
	}
	sort.Strings(fields)
	fmt.Println("refused", info.GetDomain(), info.GetReason(), strings.Join(fields, " "))
}
