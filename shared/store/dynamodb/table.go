package dynamodb

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/store"
)

// TableOptions are what differs between tables.
type TableOptions struct {
	// Recovery keeps continuous backups (point-in-time recovery, 35 days): yes
	// for documents, never for wrapped keys, which a backup would keep alive
	// after they were destroyed.
	Recovery bool
	// Unprotected allows the table to be deleted: for tests.
	Unprotected bool
	// KeyID is a KMS key of the operator's; "" is the key that DynamoDB owns.
	KeyID string
}

// Table is how a table is made, by Create and by infra/aws alike: billed by
// request, encrypted, protected against deletion.
func Table(name string, o TableOptions) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest, DeletionProtectionEnabled: aws.Bool(!o.Unprotected),
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("k"), KeyType: types.KeyTypeHash}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("k"), AttributeType: types.ScalarAttributeTypeS}},
	}
	if o.KeyID != "" {
		in.SSESpecification = &types.SSESpecification{Enabled: aws.Bool(true), SSEType: types.SSETypeKms, KMSMasterKeyId: &o.KeyID}
	}
	for i := range store.MaxEntries {
		n := strconv.Itoa(i + 1)
		in.AttributeDefinitions = append(in.AttributeDefinitions,
			types.AttributeDefinition{AttributeName: aws.String("p" + n), AttributeType: types.ScalarAttributeTypeS},
			types.AttributeDefinition{AttributeName: aws.String("s" + n), AttributeType: types.ScalarAttributeTypeS})
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String("by" + n), Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("p" + n), KeyType: types.KeyTypeHash}, {AttributeName: aws.String("s" + n), KeyType: types.KeyTypeRange},
			},
		})
	}
	return in
}

// Create makes a table and returns when it can be used. It is fine if there is
// one of the name.
func Create(ctx context.Context, source amazon.Source, name string, o TableOptions) error {
	if source == nil {
		source = amazon.Config
	}
	config, err := source(ctx)
	if err != nil {
		return err
	}
	c := client(config)
	var exists *types.ResourceInUseException
	if _, err := c.CreateTable(ctx, Table(name, o)); err != nil && !errors.As(err, &exists) {
		return amazon.Fault(service, err)
	}
	wait := dynamodb.NewTableExistsWaiter(c, func(w *dynamodb.TableExistsWaiterOptions) {
		w.MinDelay, w.MaxDelay = 20*time.Millisecond, 5*time.Second
	})
	if err := wait.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, 5*time.Minute); err != nil {
		return amazon.Fault(service, err)
	}
	if !o.Recovery {
		return nil
	}
	_, err = c.UpdateContinuousBackups(ctx, &dynamodb.UpdateContinuousBackupsInput{
		TableName: &name, PointInTimeRecoverySpecification: &types.PointInTimeRecoverySpecification{PointInTimeRecoveryEnabled: aws.Bool(true)},
	})
	return amazon.Fault(service, err)
}
