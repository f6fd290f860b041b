package amazon

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/okence/okence/shared/fault"
)

const (
	// attempts is how often the SDK makes a call within one of ours. What
	// outlasts them, an event's redelivery repeats.
	attempts = 3
	// maxBackoff is the longest wait between them (the SDK's own is 20 s, more
	// than most functions may run).
	maxBackoff = 2 * time.Second
	// connections are kept to one service: as many as a process handles events
	// at once, about. The SDK keeps ten.
	connections = 64
)

// Source tells a driver its configuration. It is asked at its first call.
type Source func(context.Context) (aws.Config, error)

// Config is the Source of a process: region, credentials and endpoints by the
// SDK's own variables (AWS_REGION, AWS_ENDPOINT_URL, …), files and roles. It is
// read once; a failure is not remembered.
func Config(ctx context.Context) (aws.Config, error) {
	process.Lock()
	defer process.Unlock()
	if process.read {
		return process.config, nil
	}
	c, err := Load(ctx)
	if err == nil {
		process.config, process.read = c, true
	}
	return c, err
}

var process struct {
	sync.Mutex
	config aws.Config
	read   bool
}

// Load reads the configuration. fault.Unavailable: a file can't be read, or no
// region is named.
func Load(ctx context.Context, options ...func(*config.LoadOptions) error) (aws.Config, error) {
	c, err := config.LoadDefaultConfig(ctx, append([]func(*config.LoadOptions) error{
		config.WithHTTPClient(awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxIdleConnsPerHost = connections })),
		config.WithRetryer(func() aws.Retryer {
			return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = attempts, maxBackoff })
		}),
	}, options...)...)
	if err != nil {
		return c, fault.New(fault.Unavailable, "aws: the configuration can't be read").Because(err)
	}
	c.Logger = logging.Nop{} // what it has to say is in errors; ours is the only log
	if c.Region == "" {
		return c, fault.New(fault.Unavailable, "aws: no region: set AWS_REGION")
	}
	return c, nil
}

// Lazy builds a client at its first use, once.
type Lazy[Client any] struct {
	Source Source
	New    func(aws.Config) Client

	mu     sync.Mutex
	built  bool
	client Client
}

// Get returns the client. An error is not remembered.
func (l *Lazy[Client]) Get(ctx context.Context) (Client, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.built {
		return l.client, nil
	}
	c, err := l.Source(ctx)
	if err != nil {
		return l.client, err
	}
	l.client, l.built = l.New(c), true
	return l.client, nil
}
