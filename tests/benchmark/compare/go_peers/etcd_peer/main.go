// Measures etcd: "etcd_peer serve FLAG..." is the server itself, "etcd_peer load ENDPOINT" the load through its own client.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"go.uber.org/zap"

	"example.com/trustd/go_peers/load"
)

const startMax = 30 * time.Second

func main() {
	if len(os.Args) > 2 && os.Args[1] == "serve" {
		etcdmain.Main(append([]string{"etcd"}, os.Args[2:]...))
		return
	}
	if err := measure(os.Args[len(os.Args)-1]); err != nil {
		fmt.Fprintln(os.Stderr, "etcd_peer:", err)
		os.Exit(1)
	}
}

func measure(endpoint string) error {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{endpoint}, Logger: zap.NewNop()})
	if err != nil {
		return err
	}
	defer client.Close()
	started, cancel := context.WithTimeout(context.Background(), startMax)
	defer cancel()
	if _, err := client.Get(started, "ready"); err != nil {
		return err
	}
	return load.Answers(func(ctx context.Context, events []load.Event) error {
		if len(events) == 1 {
			_, err := client.Put(ctx, events[0].Key, string(events[0].Value))
			return err
		}
		puts := make([]clientv3.Op, len(events))
		for i, event := range events {
			puts[i] = clientv3.OpPut(event.Key, string(event.Value))
		}
		_, err := client.Txn(ctx).Then(puts...).Commit()
		return err
	})
}
