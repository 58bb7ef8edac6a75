// Package load drives one peer in closed loops: as many appends in flight as a round asks for, a new one when one ends.
package load

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"math/rand"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

const (
	streams    = 10_000
	eventBytes = 200
)

// Event is what is appended: one event of a stream. No two have the same key.
type Event struct {
	Key   string
	Value []byte
}

// Append makes the events durable before it returns, in one call.
type Append func(ctx context.Context, events []Event) error

type round struct {
	InFlight int `json:"in_flight"`
	Events   int `json:"events_per_call"`
	Millis   int `json:"round_ms"`
	WarmUp   int `json:"warm_up_ms"`
}

type result struct {
	Calls   int     `json:"calls"`
	Seconds float64 `json:"seconds"`
	Stored  int     `json:"events_stored"`
	P50     float64 `json:"p50"`
	P99     float64 `json:"p99"`
	P999    float64 `json:"p99.9"`
}

type worker struct {
	random *rand.Rand
	name   string
	serial int
	body   []byte
}

func (w *worker) next(count int) []Event {
	events := make([]Event, count)
	for i := range events {
		w.serial++
		events[i] = Event{fmt.Sprintf("partnership/%04d/%s/%08d", w.random.Intn(streams), w.name, w.serial), w.body}
	}
	return events
}

// Answers runs one round for each line of standard input and prints what it saw as a line of JSON, until the input ends.
func Answers(appendEvents Append) error {
	body := []byte(`{"type":"Recorded","note":"`)
	body = append(body, strings.Repeat("x", eventBytes-len(body)-2)...)
	body = append(body, `"}`...)
	fmt.Println(`{"ready": true}`)
	input := bufio.NewScanner(os.Stdin)
	for serial := 0; input.Scan(); serial++ {
		var asked round
		if err := json.Unmarshal(input.Bytes(), &asked); err != nil {
			return err
		}
		seen, err := run(appendEvents, asked, serial, body)
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(seen); err != nil {
			return err
		}
	}
	return input.Err()
}

// Calls that end while the round lasts are those that count.
func run(appendEvents Append, asked round, serial int, body []byte) (*result, error) {
	begin := time.Now().Add(time.Duration(asked.WarmUp) * time.Millisecond)
	end := begin.Add(time.Duration(asked.Millis) * time.Millisecond)
	var (
		group     sync.WaitGroup
		lock      sync.Mutex
		latencies []float64
		stored    int
		failure   error
	)
	for i := 0; i < asked.InFlight; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			me := worker{rand.New(rand.NewSource(int64(serial*asked.InFlight + i))), fmt.Sprintf("%d-%d", serial, i), 0, body}
			var mine []float64
			calls := 0
			for time.Now().Before(end) {
				events := me.next(asked.Events)
				sent := time.Now()
				if err := appendEvents(context.Background(), events); err != nil {
					lock.Lock()
					failure = err
					lock.Unlock()
					return
				}
				calls++
				if done := time.Now(); !done.Before(begin) && !done.After(end) {
					mine = append(mine, float64(done.Sub(sent).Nanoseconds())/1e3)
				}
			}
			lock.Lock()
			latencies = append(latencies, mine...)
			stored += calls * asked.Events
			lock.Unlock()
		}()
	}
	group.Wait()
	if failure != nil {
		return nil, failure
	}
	if len(latencies) == 0 {
		return nil, fmt.Errorf("no call ended in %d ms", asked.Millis)
	}
	sort.Float64s(latencies)
	at := func(share float64) float64 { return latencies[int(share*float64(len(latencies)-1))] }
	return &result{len(latencies), float64(asked.Millis) / 1e3, stored, at(0.5), at(0.99), at(0.999)}, nil
}
