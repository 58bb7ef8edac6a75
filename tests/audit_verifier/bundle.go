package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const lineBytesMax = 16 << 20

// A line of a bundle, as far as it is looked at here. Numbers are strings, bytes base64, as JSON of protobufs has them.
type bundleLine struct {
	Header *struct {
		Format      string `json:"format"`
		Partnership string `json:"partnership"`
		TreeSize    int64  `json:"tree_size,string"`
		Root        []byte `json:"root"`
		Checkpoint  string `json:"checkpoint"`
	} `json:"header"`
	Record *struct {
		LogIndex int64    `json:"log_index,string"`
		Record   []byte   `json:"record"`
		Proof    [][]byte `json:"proof"`
	} `json:"record"`
	End *struct {
		RecordCount int64  `json:"record_count,string"`
		Sha256      string `json:"sha256"`
	} `json:"end"`
}

type bundleReport struct {
	Size         int64 `json:"size"`
	Records      int64 `json:"records"`
	Proofs       int64 `json:"proofs"`
	Milliseconds int64 `json:"milliseconds"`
}

// auditBundle checks a bundle: its signature, that its records are in the tree, and that none is missing where it is of the
// whole log.
func auditBundle(path, key string) (any, error) {
	begin := time.Now()
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 1<<20), lineBytesMax)
	digest := sha256.New()
	var covered checkpoint
	var report bundleReport
	var made *tree
	header, whole, ended := false, false, false
	for number := 1; lines.Scan(); number++ {
		if ended {
			return nil, fmt.Errorf("line %d stands behind the end", number)
		}
		var line bundleLine
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			return nil, fmt.Errorf("line %d: %w", number, err)
		}
		switch {
		case number == 1:
			if line.Header == nil || line.Header.Format != "trustd-audit/1" {
				return nil, fmt.Errorf("this is no bundle of the format trustd-audit/1")
			}
			if covered, err = openCheckpoint(line.Header.Checkpoint, key); err != nil {
				return nil, err
			}
			if covered.size != line.Header.TreeSize || string(covered.root[:]) != string(line.Header.Root) {
				return nil, fmt.Errorf("the header is not that of its checkpoint")
			}
			header, whole, made = true, line.Header.Partnership == "", newTree(covered.size)
		case line.Header != nil:
			return nil, fmt.Errorf("line %d is a second header", number)
		case line.Record != nil && header:
			leaf := tlog.RecordHash(line.Record.Record)
			if whole {
				if line.Record.LogIndex != report.Records {
					return nil, fmt.Errorf("line %d: record %d stands where %d should", number, line.Record.LogIndex, report.Records)
				}
				if err := made.add(leaf); err != nil {
					return nil, err
				}
			} else {
				proof, err := hashesOf(line.Record.Proof)
				if err != nil {
					return nil, fmt.Errorf("line %d: %w", number, err)
				}
				if err := tlog.CheckRecord(proof, covered.size, covered.root, line.Record.LogIndex, leaf); err != nil {
					return nil, fmt.Errorf("line %d: record %d: %w", number, line.Record.LogIndex, err)
				}
				report.Proofs++
			}
			report.Records++
		case line.End != nil:
			if line.End.RecordCount != report.Records {
				return nil, fmt.Errorf("there are %d records, not %d", report.Records, line.End.RecordCount)
			}
			if line.End.Sha256 != hex.EncodeToString(digest.Sum(nil)) {
				return nil, fmt.Errorf("the file is not the one whose SHA-256 stands at its end")
			}
			ended = true
		}
		digest.Write(lines.Bytes())
		digest.Write([]byte{'\n'})
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if !ended {
		return nil, fmt.Errorf("the bundle is cut: it has no end")
	}
	if whole {
		root, err := tlog.TreeHash(made.size, made)
		if err != nil {
			return nil, err
		}
		if made.size != covered.size || root != covered.root {
			return nil, fmt.Errorf("the %d records give the root %v; the checkpoint says %d and %v", made.size, root, covered.size, covered.root)
		}
	}
	report.Size, report.Milliseconds = covered.size, time.Since(begin).Milliseconds()
	return report, nil
}
