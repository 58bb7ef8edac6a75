package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"auditverifier/trustv1"
)

const callsAtOnce = 16

type serverReport struct {
	Size         int64 `json:"size"`
	Records      int64 `json:"records"`
	Checkpoints  int   `json:"checkpoints"`
	Forgeries    int   `json:"forgeries,omitempty"`
	Caught       int   `json:"caught,omitempty"`
	Milliseconds int64 `json:"milliseconds"`
}

type auditedServer struct {
	ctx    context.Context
	client trustv1.AuditServiceClient
	key    string
}

func dial(address, key string) (*auditedServer, func(), error) {
	connection, err := grpc.Dial(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	// For servers that record who reads histories.
	if reader := os.Getenv("TRUSTCTL_READER"); reader != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "trust-reader", reader)
	}
	return &auditedServer{ctx, trustv1.NewAuditServiceClient(connection), key}, func() { cancel(); connection.Close() }, nil
}

// checkpoint gets the signed checkpoint of a size; of 0 the newest.
func (s *auditedServer) checkpoint(size int64) (checkpoint, error) {
	answer, err := s.client.GetCheckpoint(s.ctx, &trustv1.GetCheckpointRequest{Size: size})
	if err != nil {
		return checkpoint{}, err
	}
	got, err := openCheckpoint(answer.GetCheckpoint(), s.key)
	if err != nil {
		return checkpoint{}, err
	}
	if got.size != answer.GetSize() || string(got.root[:]) != string(answer.GetRoot()) || size != 0 && size != got.size {
		return checkpoint{}, fmt.Errorf("the answer says %d %x, its note %d %v", answer.GetSize(), answer.GetRoot(), got.size, got.root)
	}
	return got, nil
}

// record gets a record whose proof leads to the checkpoint.
func (s *auditedServer) record(index int64, covered checkpoint) ([]byte, error) {
	answer, err := s.client.GetInclusionProof(s.ctx, &trustv1.GetInclusionProofRequest{LogIndex: index, TreeSize: covered.size})
	if err != nil {
		return nil, err
	}
	proof, err := hashesOf(answer.GetHashes())
	if err != nil {
		return nil, err
	}
	leaf := tlog.RecordHash(answer.GetRecord())
	if string(leaf[:]) != string(answer.GetLeafHash()) || answer.GetLogIndex() != index {
		return nil, fmt.Errorf("record %d: its leaf hash or index is of another", index)
	}
	if err := tlog.CheckRecord(proof, covered.size, covered.root, index, leaf); err != nil {
		return nil, fmt.Errorf("record %d: %w", index, err)
	}
	// The same proof of another record must fail, or the check checks nothing.
	if covered.size > 1 && tlog.CheckRecord(proof, covered.size, covered.root, index, tlog.RecordHash(append(answer.GetRecord(), 0))) == nil {
		return nil, fmt.Errorf("record %d: its proof holds for other bytes", index)
	}
	return answer.GetRecord(), nil
}

// records gets all records below a checkpoint, each with its proof.
func (s *auditedServer) records(covered checkpoint) ([][]byte, error) {
	records := make([][]byte, covered.size)
	indexes := make(chan int64)
	var wait sync.WaitGroup
	var once sync.Once
	var failure error
	for i := 0; i < callsAtOnce; i++ {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for index := range indexes {
				record, err := s.record(index, covered)
				if err != nil {
					once.Do(func() { failure = err })
				}
				records[index] = record
			}
		}()
	}
	for index := int64(0); index < covered.size; index++ {
		indexes <- index
	}
	close(indexes)
	wait.Wait()
	return records, failure
}

func (s *auditedServer) checkConsistency(old, covered checkpoint) error {
	if old.size > covered.size {
		return fmt.Errorf("the log shrank: a checkpoint kept earlier covers %d records, the newest %d", old.size, covered.size)
	}
	if old.size == 0 {
		return nil
	}
	answer, err := s.client.GetConsistencyProof(s.ctx, &trustv1.GetConsistencyProofRequest{OldSize: old.size, NewSize: covered.size})
	if err != nil {
		return err
	}
	proof, err := hashesOf(answer.GetHashes())
	if err != nil {
		return err
	}
	if err := tlog.CheckTree(proof, covered.size, covered.root, old.size, old.root); err != nil {
		return fmt.Errorf("the log of %d records does not continue that of %d: %w", covered.size, old.size, err)
	}
	return nil
}

// audit checks everything that a server shows, and returns its records.
func (s *auditedServer) audit(notes []string) (checkpoint, [][]byte, int, error) {
	covered, err := s.checkpoint(0)
	if err != nil {
		return covered, nil, 0, err
	}
	records, err := s.records(covered)
	if err != nil {
		return covered, nil, 0, err
	}
	if err := checkLeaves(leavesOf(records), covered); err != nil {
		return covered, nil, 0, err
	}
	checked := 1
	for size := covered.size / 2; size > 0; size /= 2 {
		old, err := s.checkpoint(size)
		if err != nil {
			return covered, nil, 0, err
		}
		if err := s.checkConsistency(old, covered); err != nil {
			return covered, nil, 0, err
		}
		if err := checkLeaves(leavesOf(records), old); err != nil {
			return covered, nil, 0, err
		}
		checked++
	}
	for _, path := range notes {
		text, err := os.ReadFile(path)
		if err != nil {
			return covered, nil, 0, err
		}
		old, err := openCheckpoint(string(text), s.key)
		if err != nil {
			return covered, nil, 0, fmt.Errorf("%s: %w", path, err)
		}
		if err := s.checkConsistency(old, covered); err != nil {
			return covered, nil, 0, fmt.Errorf("%s: %w", path, err)
		}
		checked++
	}
	return covered, records, checked, nil
}

func leavesOf(records [][]byte) []tlog.Hash {
	leaves := make([]tlog.Hash, len(records))
	for i, record := range records {
		leaves[i] = tlog.RecordHash(record)
	}
	return leaves
}

func auditServer(address, key string, notes []string) (any, error) {
	begin := time.Now()
	server, end, err := dial(address, key)
	if err != nil {
		return nil, err
	}
	defer end()
	covered, records, checked, err := server.audit(notes)
	if err != nil {
		return nil, err
	}
	return serverReport{Size: covered.size, Records: int64(len(records)), Checkpoints: checked, Milliseconds: time.Since(begin).Milliseconds()}, nil
}
