// Measures immudb: "immudb_peer serve DIRECTORY PORT" is the server itself, "immudb_peer load PORT" the load through its own
// client.
package main

import (
	"context"
	"fmt"
	"os"
	"strconv"

	"github.com/codenotary/immudb/pkg/api/schema"
	"github.com/codenotary/immudb/pkg/client"
	"github.com/codenotary/immudb/pkg/server"

	"example.com/trustd/go_peers/load"
)

// By default it refuses what is above 30.
const writersMax = 300

func main() {
	port, err := strconv.Atoi(os.Args[len(os.Args)-1])
	if err == nil && len(os.Args) == 4 && os.Args[1] == "serve" {
		err = serve(os.Args[2], port)
	} else if err == nil {
		err = measure(port)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "immudb_peer:", err)
		os.Exit(1)
	}
}

func serve(directory string, port int) error {
	options := server.DefaultOptions().WithDir(directory).WithAddress("127.0.0.1").WithPort(port).WithSynced(true)
	options = options.WithPgsqlServer(false).WithMetricsServer(false).WithWebServer(false)
	immudb := server.DefaultServer()
	immudb.WithOptions(options)
	if err := immudb.Initialize(); err != nil {
		return err
	}
	return immudb.Start()
}

func measure(port int) error {
	directory, err := os.MkdirTemp("", "immudb_peer")
	if err != nil {
		return err
	}
	defer os.RemoveAll(directory)
	ctx := context.Background()
	open := func(database string) (client.ImmuClient, error) {
		options := client.DefaultOptions().WithAddress("127.0.0.1").WithPort(port).WithDir(directory)
		session := client.NewClient().WithOptions(options)
		return session, session.OpenSession(ctx, []byte("immudb"), []byte("immudb"), database)
	}
	first, err := open("defaultdb")
	if err != nil {
		return err
	}
	settings := &schema.DatabaseNullableSettings{MaxConcurrency: &schema.NullableUint32{Value: writersMax}}
	if _, err := first.CreateDatabaseV2(ctx, "events", settings); err != nil {
		return err
	}
	if err := first.CloseSession(ctx); err != nil {
		return err
	}
	session, err := open("events")
	if err != nil {
		return err
	}
	defer session.CloseSession(ctx)
	return load.Answers(func(ctx context.Context, events []load.Event) error {
		pairs := make([]*schema.KeyValue, len(events))
		for i, event := range events {
			pairs[i] = &schema.KeyValue{Key: []byte(event.Key), Value: event.Value}
		}
		// It is durable when this returns; what is not waited for is the index.
		_, err := session.SetAll(ctx, &schema.SetRequest{KVs: pairs, NoWait: true})
		return err
	})
}
