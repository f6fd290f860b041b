// Package s3 keeps blobs in a bucket of Amazon S3, one object each under its own
// name.
//
// A put is conditional (If-None-Match: *), so that of two one wins, and carries
// a checksum that S3 verifies; a get verifies it again. With Options.KeyID
// objects are encrypted under a KMS key through the bucket's own key, which
// makes KMS calls a matter of the bucket and not of the object.
//
// A delete leaves nothing: where the bucket keeps versions, or once did, S3
// answers it with a delete marker, and then every version of the name goes too.
// The bucket is made without versions by Create and infra/aws; an object lock
// would make erasure impossible and is not supported.
//
// The role needs s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket
// (without that last right S3 answers 403 for what is not there), and, where
// there are versions, s3:ListBucketVersions and s3:DeleteObjectVersion.
package s3

import (
	"bytes"
	"context"
	"errors"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/blob"
	"github.com/okence/okence/shared/fault"
)

const service = "s3"

// Options say where blobs are.
type Options struct {
	Bucket string
	// KeyID is the KMS key of new objects; "" is what the bucket is set to.
	KeyID string
	// PathStyle puts the bucket into the path of a URL and not into its host,
	// as emulators want it.
	PathStyle bool
	// Source is the configuration; nil is amazon.Config.
	Source amazon.Source
}

// Store is a bucket. It makes no call until it is used.
type Store struct {
	options Options
	client  amazon.Lazy[*s3.Client]
	gate    amazon.Gate
}

var _ blob.Store = (*Store)(nil)

// New returns a store.
func New(o Options) *Store {
	s := &Store{options: o}
	s.client.Source, s.client.New = o.Source, o.client
	if o.Source == nil {
		s.client.Source = amazon.Config
	}
	return s
}

func (o Options) client(c aws.Config) *s3.Client {
	return s3.NewFromConfig(c, func(so *s3.Options) { so.UsePathStyle = o.PathStyle })
}

func (s *Store) begin(ctx context.Context) (c *s3.Client, done func(), err error) {
	if done, err = s.gate.Begin(ctx, service); err != nil {
		return nil, nil, err
	}
	if c, err = s.client.Get(ctx); err != nil {
		done()
		return nil, nil, amazon.Fault(service, err)
	}
	return c, done, nil
}

// Close implements blob.Store: it waits for calls under way.
func (s *Store) Close() error {
	s.gate.Close()
	return nil
}

// code is an error's code, or "".
func code(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorCode()
	}
	return ""
}

// tries is how often a put is made that another put of the same name, or a
// delete, got in the way of.
const tries = 8

// Put implements blob.Store.
func (s *Store) Put(ctx context.Context, name string, b []byte) error {
	if err := blob.CheckPut(name, b); err != nil {
		return err
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	in := &s3.PutObjectInput{
		Bucket: &s.options.Bucket, Key: &name, IfNoneMatch: aws.String("*"), ContentLength: aws.Int64(int64(len(b))),
		ContentType: aws.String("application/octet-stream"), ChecksumAlgorithm: types.ChecksumAlgorithmCrc32c,
	}
	if s.options.KeyID != "" {
		in.ServerSideEncryption, in.SSEKMSKeyId, in.BucketKeyEnabled = types.ServerSideEncryptionAwsKms, &s.options.KeyID, aws.Bool(true)
	}
	for try := 1; ; try++ {
		in.Body = bytes.NewReader(b)
		_, err := c.PutObject(ctx, in)
		switch code(err) {
		case "PreconditionFailed":
			err = s.same(ctx, c, name, b)
			if !fault.Is(err, fault.NotFound) { // deleted meanwhile: put it again
				return err
			}
		case "ConditionalRequestConflict": // another put was under way
		default:
			return amazon.Fault(service, err)
		}
		if try == tries {
			return fault.New(fault.Overload, "s3: others put and delete the same name all the time")
		}
		select {
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "s3: no time left").Because(ctx.Err())
		case <-time.After(time.Duration(try) * 20 * time.Millisecond):
		}
	}
}

// same is nil when the name holds b already: a put that was repeated.
func (s *Store) same(ctx context.Context, c *s3.Client, name string, b []byte) error {
	old, err := s.read(ctx, c, name, int64(len(b)))
	switch {
	case fault.Is(err, fault.TooLarge), err == nil && !bytes.Equal(old, b):
		return fault.New(fault.Conflict, "s3: the name is taken by other bytes")
	}
	return err
}

// Get implements blob.Store.
func (s *Store) Get(ctx context.Context, name string, limit int64) ([]byte, error) {
	if err := blob.CheckName(name); err != nil {
		return nil, err
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	return s.read(ctx, c, name, limit)
}

func (s *Store) read(ctx context.Context, c *s3.Client, name string, limit int64) ([]byte, error) {
	out, err := c.GetObject(ctx, &s3.GetObjectInput{Bucket: &s.options.Bucket, Key: &name, ChecksumMode: types.ChecksumModeEnabled})
	if code(err) == "NoSuchKey" {
		return nil, fault.New(fault.NotFound, "s3: none of that name")
	}
	if err != nil {
		return nil, amazon.Fault(service, err)
	}
	defer out.Body.Close()
	size := aws.ToInt64(out.ContentLength)
	if size > limit {
		return nil, fault.New(fault.TooLarge, "s3: %d bytes, at most %d asked for", size, limit)
	}
	b := make([]byte, size)
	if _, err := io.ReadFull(out.Body, b); err != nil {
		return nil, amazon.Fault(service, err)
	}
	if _, err := io.CopyN(io.Discard, out.Body, 1); !errors.Is(err, io.EOF) { // the end is where the checksum is compared
		return nil, fault.New(fault.Unavailable, "s3: an object came damaged").Because(err)
	}
	return b, nil
}

// Delete implements blob.Store.
func (s *Store) Delete(ctx context.Context, name string) error {
	if err := blob.CheckName(name); err != nil {
		return err
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer done()
	out, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.options.Bucket, Key: &name})
	if err != nil {
		return amazon.Fault(service, err)
	}
	if out.VersionId == nil && !aws.ToBool(out.DeleteMarker) {
		return nil
	}
	return s.deleteVersions(ctx, c, name)
}

// deleteVersions deletes every version of a name, and its delete markers.
func (s *Store) deleteVersions(ctx context.Context, c *s3.Client, name string) error {
	pages := s3.NewListObjectVersionsPaginator(c, &s3.ListObjectVersionsInput{Bucket: &s.options.Bucket, Prefix: &name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return amazon.Fault(service, err)
		}
		var ids []*string
		more := true // names come in order: behind ours, nothing of ours follows
		for _, v := range page.Versions {
			if more = *v.Key == name; more {
				ids = append(ids, v.VersionId)
			}
		}
		for _, m := range page.DeleteMarkers {
			if *m.Key == name {
				ids = append(ids, m.VersionId)
			}
		}
		for _, id := range ids {
			if _, err := c.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &s.options.Bucket, Key: &name, VersionId: id}); err != nil {
				return amazon.Fault(service, err)
			}
		}
		if !more && len(ids) == 0 {
			return nil
		}
	}
	return nil
}

// List implements blob.Store. The token is the last name of the page before.
func (s *Store) List(ctx context.Context, prefix, token string) (infos []blob.Info, next string, err error) {
	if err := errors.Join(blob.CheckPrefix(prefix), blob.CheckPrefix(token)); err != nil {
		return nil, "", fault.New(fault.Invalid, "s3: a prefix or token that no name begins with")
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return nil, "", err
	}
	defer done()
	in := &s3.ListObjectsV2Input{Bucket: &s.options.Bucket, Prefix: &prefix, MaxKeys: aws.Int32(blob.MaxPage)}
	if token != "" {
		in.StartAfter = &token
	}
	out, err := c.ListObjectsV2(ctx, in)
	if err != nil {
		return nil, "", amazon.Fault(service, err)
	}
	for _, o := range out.Contents {
		infos = append(infos, blob.Info{Name: aws.ToString(o.Key), Size: aws.ToInt64(o.Size), StoredAt: aws.ToTime(o.LastModified).UTC()})
	}
	if aws.ToBool(out.IsTruncated) && len(infos) > 0 {
		next = infos[len(infos)-1].Name
	}
	return infos, next, nil
}
