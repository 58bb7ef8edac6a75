// An auditor's program: checks what a log says of itself with golang.org/x/mod/sumdb, which knows nothing of trustd.
//
//	trustd-audit-verifier server ADDRESS KEY [NOTE...]   a running server, and checkpoints kept earlier
//	trustd-audit-verifier mutate ADDRESS KEY COUNT SEED  the same, and COUNT forgeries of its log that must be caught
//	trustd-audit-verifier bundle FILE KEY                an audit bundle
//	trustd-audit-verifier million COUNT                  COUNT records made up here, as a measure
//
// KEY is a verifier key that came another way than the log. Prints what it found as JSON; exits with 1 when anything is wrong.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
)

func usage() error {
	return fmt.Errorf("usage: trustd-audit-verifier server ADDRESS KEY [NOTE...] | mutate ADDRESS KEY COUNT SEED | bundle FILE KEY | million COUNT")
}

func run(args []string) (any, error) {
	switch {
	case len(args) >= 3 && args[0] == "server":
		return auditServer(args[1], args[2], args[3:])
	case len(args) == 5 && args[0] == "mutate":
		count, err := strconv.Atoi(args[3])
		if err != nil {
			return nil, usage()
		}
		seed, err := strconv.ParseInt(args[4], 10, 64)
		if err != nil {
			return nil, usage()
		}
		return auditForgeries(args[1], args[2], count, seed)
	case len(args) == 3 && args[0] == "bundle":
		return auditBundle(args[1], args[2])
	case len(args) == 2 && args[0] == "million":
		count, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil {
			return nil, usage()
		}
		return auditMadeUp(count)
	}
	return nil, usage()
}

func main() {
	found, err := run(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "trustd-audit-verifier:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(found); err != nil {
		os.Exit(1)
	}
}
