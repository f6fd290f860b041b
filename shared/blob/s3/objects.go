package s3

import (
	"context"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/fault"
)

const (
	// maxObject is the longest mail that SES receives ("Service quotas in
	// Amazon SES": 40 MB).
	maxObject = 40 << 20
	// objectTime bounds a fetch: who asks has no context of its own.
	objectTime = 20 * time.Second
)

// Objects reads what others put into buckets, under names of theirs: mail that
// SES received.
type Objects struct {
	PathStyle bool
	Source    amazon.Source
}

// Get returns an object of at most 40 MB. fault.NotFound: there is none.
func (o Objects) Get(bucket, key string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), objectTime)
	defer cancel()
	source := o.Source
	if source == nil {
		source = amazon.Config
	}
	config, err := source(ctx)
	if err != nil {
		return nil, err
	}
	out, err := Options{PathStyle: o.PathStyle}.client(config).GetObject(ctx, &s3.GetObjectInput{Bucket: &bucket, Key: &key})
	if code(err) == "NoSuchKey" {
		return nil, fault.New(fault.NotFound, "s3: none of that name")
	}
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	defer out.Body.Close()
	b, err := io.ReadAll(io.LimitReader(out.Body, maxObject+1))
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	if len(b) > maxObject {
		return nil, fault.New(fault.TooLarge, "s3: an object of more than %d bytes", maxObject)
	}
	return b, nil
}
