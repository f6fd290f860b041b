package media

import (
	"context"
	"sync"
)

// SNS gets what a message of Amazon SNS points to: the certificate that it is
// signed with, and the address that confirms a subscription. Its methods are
// the functions that package ses asks for, which has checked the host (only SNS
// itself, never a bucket) before it calls them. Both take the Fetcher's time at
// most, and SNS waits fifteen seconds for an answer: give it a Fetcher with less.
type SNS struct {
	fetcher *Fetcher

	mu    sync.Mutex
	known map[string][]byte
}

const (
	snsName         = "email/ses"
	maxCertificate  = 64 << 10
	maxCertificates = 16 // one a region is in use at a time, for a year
)

// NewSNS returns an SNS that asks through f.
func NewSNS(f *Fetcher) *SNS { return &SNS{fetcher: f, known: map[string][]byte{}} }

// Certificate returns the PEM text at address, from memory if it was there once:
// such an address names its content.
func (s *SNS) Certificate(address string) ([]byte, error) {
	s.mu.Lock()
	text, ok := s.known[address]
	s.mu.Unlock()
	if ok {
		return text, nil
	}
	file, err := s.fetcher.Fetch(context.Background(), Request{Provider: snsName, URL: address, MaxBytes: maxCertificate})
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.known) >= maxCertificates {
		clear(s.known)
	}
	s.known[address] = file.Bytes
	return file.Bytes, nil
}

// Confirm gets address, by which SNS begins to send to us. Once more does no harm.
func (s *SNS) Confirm(address string) error {
	_, err := s.fetcher.Fetch(context.Background(), Request{Provider: snsName, URL: address, MaxBytes: maxCertificate})
	return err
}
