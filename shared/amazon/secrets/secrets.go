// Package secrets reads secrets from AWS Secrets Manager, at the first use of
// each and then every few minutes.
package secrets

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/fault"
)

const (
	service = "secretsmanager"
	// Lifetime is how long a secret is used before it is fetched again: how
	// late a rotated one comes into use.
	Lifetime = 5 * time.Minute
	// Grace is how long it is used further while it can't be fetched.
	Grace = time.Hour
	// timeout bounds a fetch: who asks has no context of its own.
	timeout = 10 * time.Second
)

// Store keeps what it fetched.
type Store struct {
	client amazon.Lazy[*secretsmanager.Client]
	now    func() time.Time

	mu   sync.Mutex // held while fetching: many who ask at once ask once
	kept map[string]secret
}

type secret struct {
	text string
	at   time.Time
}

// New returns a store. source is the configuration; nil is amazon.Config.
func New(source amazon.Source) *Store {
	if source == nil {
		source = amazon.Config
	}
	s := &Store{now: time.Now, kept: map[string]secret{}}
	s.client.Source, s.client.New = source, func(c aws.Config) *secretsmanager.Client { return secretsmanager.NewFromConfig(c) }
	return s
}

// Text returns the present version of a secret by its ARN. fault.Invalid: it is
// binary; otherwise what amazon.Fault says.
func (s *Store) Text(arn string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, known := s.kept[arn]
	if known && s.now().Sub(old.at) < Lifetime {
		return old.text, nil
	}
	text, err := s.fetch(arn)
	switch {
	case err == nil:
		s.kept[arn] = secret{text, s.now()}
	case known && s.now().Sub(old.at) < Grace && !fault.Is(err, fault.Invalid):
		return old.text, nil // the failure is counted
	}
	return text, err
}

func (s *Store) fetch(arn string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	c, err := s.client.Get(ctx)
	if err != nil {
		return "", amazon.Fault(service, err)
	}
	out, err := c.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return "", amazon.Fault(service, err)
	}
	if out.SecretString == nil {
		return "", fault.New(fault.Invalid, "aws: a secret that is not text")
	}
	return *out.SecretString, nil
}
