package s3

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/okence/okence/shared/amazon"
)

// Create makes the bucket as infra/aws does: in the configuration's region, no
// public access, no versions, encrypted under KeyID through the bucket's own
// key. It is fine if there is one of ours.
func Create(ctx context.Context, o Options) error {
	source := o.Source
	if source == nil {
		source = amazon.Config
	}
	config, err := source(ctx)
	if err != nil {
		return err
	}
	c := o.client(config)
	in := &s3.CreateBucketInput{Bucket: &o.Bucket, ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	if config.Region != "us-east-1" { // which must not be named (S3 API, CreateBucket)
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(config.Region)}
	}
	var mine *types.BucketAlreadyOwnedByYou
	if _, err := c.CreateBucket(ctx, in); err != nil && !errors.As(err, &mine) {
		return amazon.Fault(service, err)
	}
	if _, err := c.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{Bucket: &o.Bucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{
		BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: aws.Bool(true), IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
	}}); err != nil {
		return amazon.Fault(service, err)
	}
	if o.KeyID == "" {
		return nil
	}
	_, err = c.PutBucketEncryption(ctx, &s3.PutBucketEncryptionInput{Bucket: &o.Bucket, ServerSideEncryptionConfiguration: &types.ServerSideEncryptionConfiguration{
		Rules: []types.ServerSideEncryptionRule{{
			BucketKeyEnabled:                   aws.Bool(true),
			ApplyServerSideEncryptionByDefault: &types.ServerSideEncryptionByDefault{SSEAlgorithm: types.ServerSideEncryptionAwsKms, KMSMasterKeyID: &o.KeyID},
		}},
	}})
	return amazon.Fault(service, err)
}
