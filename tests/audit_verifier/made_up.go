package main

import (
	"crypto/rand"
	"crypto/sha256"
	"fmt"
	"math/bits"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// signMadeUp signs the checkpoint of a log that record makes up, with a key of its own, and tells that of half of it. The
// roots are found by RFC 6962's own recursion, not by the package that checks them.
func signMadeUp(count int64, record func(int64) []byte) (signed, key string, half checkpoint, err error) {
	if count < 2 {
		return "", "", half, fmt.Errorf("a log of %d records is too short", count)
	}
	secret, key, err := note.GenerateKey(rand.Reader, "made-up.example.com")
	if err != nil {
		return "", "", half, err
	}
	signer, err := note.NewSigner(secret)
	if err != nil {
		return "", "", half, err
	}
	text := fmt.Sprintf("made-up.example.com\n%d\n%v\n", count, rootOf(0, count, record))
	message, err := note.Sign(&note.Note{Text: text}, signer)
	return string(message), key, checkpoint{"made-up.example.com", count / 2, rootOf(0, count/2, record)}, err
}

// rootOf is the Merkle tree hash of the records from begin up to, not including, end (RFC 6962, section 2.1).
func rootOf(begin, end int64, record func(int64) []byte) tlog.Hash {
	if end-begin == 1 {
		return sha256.Sum256(append([]byte{0}, record(begin)...))
	}
	split := int64(1) << (bits.Len64(uint64(end-begin-1)) - 1)
	left, right := rootOf(begin, begin+split, record), rootOf(begin+split, end, record)
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}
