package main

import (
	"fmt"
	"math/rand"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// forge changes a log somewhere below a size, in one of the ways in which history is rewritten.
func forge(random *rand.Rand, records [][]byte, below int) ([][]byte, string) {
	place := random.Intn(below)
	forged := append([][]byte{}, records...)
	switch random.Intn(5) {
	case 0:
		changed := append([]byte{}, forged[place]...)
		changed[random.Intn(len(changed))] ^= byte(1 << random.Intn(8))
		forged[place] = changed
		return forged, "a bit was flipped"
	case 1:
		forged[place] = forged[place][:random.Intn(len(forged[place]))]
		return forged, "a record was cut"
	case 2:
		return append(forged[:place], forged[place+1:]...), "a record was deleted"
	case 3:
		other := random.Intn(below - 1)
		if other >= place {
			other++
		}
		forged[place], forged[other] = forged[other], forged[place]
		return forged, "two records changed places"
	default:
		// Of another place: the same record once more just below the size would change nothing that is covered.
		inserted := append([]byte{}, forged[(place+1+random.Intn(len(forged)-1))%len(forged)]...)
		forged = append(forged[:place], append([][]byte{inserted}, forged[place:]...)...)
		return forged, "a record was inserted"
	}
}

func auditForgeries(address, key string, count int, seed int64) (any, error) {
	begin := time.Now()
	server, end, err := dial(address, key)
	if err != nil {
		return nil, err
	}
	defer end()
	newest, records, checked, err := server.audit(nil)
	if err != nil {
		return nil, err
	}
	// Below a checkpoint behind which the log goes on, so that neither its length nor its end gives a forgery away.
	covered, err := server.checkpoint(newest.size * 3 / 4)
	if err != nil {
		return nil, err
	}
	if covered.size < 10 {
		return nil, fmt.Errorf("%d records are too few to forge", newest.size)
	}
	leaves := leavesOf(records)
	if err := checkLeaves(leaves, covered); err != nil {
		return nil, fmt.Errorf("the log itself, unforged: %w", err)
	}
	random := rand.New(rand.NewSource(seed))
	caught := 0
	for i := 0; i < count; i++ {
		forged, what := forge(random, records, int(covered.size))
		if err := checkLeaves(leavesOf(forged), covered); err == nil {
			return nil, fmt.Errorf("forgery %d of seed %d was not caught: %s", i, seed, what)
		}
		caught++
	}
	// The control: what was not forged still passes after all that.
	if err := checkLeaves(leavesOf(records), covered); err != nil {
		return nil, fmt.Errorf("the log itself, unforged: %w", err)
	}
	return serverReport{newest.size, int64(len(records)), checked, count, caught, time.Since(begin).Milliseconds()}, nil
}

type madeUpReport struct {
	Records      int64 `json:"records"`
	Milliseconds int64 `json:"milliseconds"`
}

// auditMadeUp audits a log of records made up here: every record hashed, the root compared with a signed checkpoint, the
// tree shown to continue that of half its size, some records proved.
func auditMadeUp(count int64) (any, error) {
	record := func(i int64) []byte {
		bytes := make([]byte, 300)
		copy(bytes, fmt.Sprintf("record %d", i))
		return bytes
	}
	signed, key, half, err := signMadeUp(count, record)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	covered, err := openCheckpoint(signed, key)
	if err != nil {
		return nil, err
	}
	made := newTree(count)
	for i := int64(0); i < count; i++ {
		if err := made.add(tlog.RecordHash(record(i))); err != nil {
			return nil, err
		}
	}
	root, err := tlog.TreeHash(count, made)
	if err != nil {
		return nil, err
	}
	if root != covered.root || count != covered.size {
		return nil, fmt.Errorf("the root is %v, not %v", root, covered.root)
	}
	grown, err := tlog.ProveTree(count, half.size, made)
	if err != nil {
		return nil, err
	}
	if err := tlog.CheckTree(grown, count, root, half.size, half.root); err != nil {
		return nil, err
	}
	for i := int64(0); i < count; i += 1 + count/1000 {
		proof, err := tlog.ProveRecord(count, i, made)
		if err != nil {
			return nil, err
		}
		if err := tlog.CheckRecord(proof, count, root, i, tlog.RecordHash(record(i))); err != nil {
			return nil, err
		}
		if tlog.CheckRecord(proof, count, root, i, tlog.RecordHash(record(i+1))) == nil {
			return nil, fmt.Errorf("the proof of record %d holds for another", i)
		}
	}
	return madeUpReport{count, time.Since(begin).Milliseconds()}, nil
}
