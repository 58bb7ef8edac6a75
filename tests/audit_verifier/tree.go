package main

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A checkpoint whose signature was right.
type checkpoint struct {
	origin string
	size   int64
	root   tlog.Hash
}

// openCheckpoint checks a note's signature and reads its three lines.
func openCheckpoint(text, key string) (checkpoint, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return checkpoint{}, err
	}
	opened, err := note.Open([]byte(text), note.VerifierList(verifier))
	if err != nil {
		return checkpoint{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return checkpoint{}, fmt.Errorf("a checkpoint has three lines: %q", opened.Text)
	}
	if lines[0] != verifier.Name() {
		return checkpoint{}, fmt.Errorf("the checkpoint is of %q, the key of %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("the size %q is no number", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return checkpoint{}, err
	}
	return checkpoint{lines[0], size, root}, nil
}

// A tree in memory.
type tree struct {
	hashes []tlog.Hash
	size   int64
}

func newTree(sizeExpected int64) *tree {
	return &tree{hashes: make([]tlog.Hash, 0, tlog.StoredHashCount(sizeExpected))}
}

func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	found := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(t.hashes)) {
			return nil, fmt.Errorf("the tree has no hash %d", index)
		}
		found[i] = t.hashes[index]
	}
	return found, nil
}

func (t *tree) add(leaf tlog.Hash) error {
	hashes, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		return err
	}
	t.hashes = append(t.hashes, hashes...)
	t.size++
	return nil
}

// checkLeaves checks that a log begins with what a checkpoint covers: all of it, in order, and nothing else.
func checkLeaves(leaves []tlog.Hash, covered checkpoint) error {
	if int64(len(leaves)) < covered.size {
		return fmt.Errorf("the log has %d records, the checkpoint %d", len(leaves), covered.size)
	}
	made := newTree(covered.size)
	for _, leaf := range leaves[:covered.size] {
		if err := made.add(leaf); err != nil {
			return err
		}
	}
	root, err := tlog.TreeHash(covered.size, made)
	if err != nil {
		return err
	}
	if root != covered.root {
		return fmt.Errorf("the first %d records give the root %v, the checkpoint says %v", covered.size, root, covered.root)
	}
	return nil
}

func hashesOf(wire [][]byte) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(wire))
	for i, bytes := range wire {
		if len(bytes) != tlog.HashSize {
			return nil, fmt.Errorf("a hash has %d bytes", len(bytes))
		}
		copy(hashes[i][:], bytes)
	}
	return hashes, nil
}
