// Command hellosdk is hello with the SDK's clients that the functions link, built
// lazily as theirs are: it names them and calls none.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
)

func main() {
	lambda.Start(func(ctx context.Context, in struct{ Call bool }) (string, error) {
		if in.Call { // never; the linker does not know
			c, err := config.LoadDefaultConfig(ctx)
			if err != nil {
				return "", err
			}
			_, _ = dynamodb.NewFromConfig(c).TransactWriteItems(ctx, nil)
			_, _ = dynamodb.NewFromConfig(c).TransactGetItems(ctx, nil)
			_, _ = dynamodb.NewFromConfig(c).Query(ctx, nil)
			_, _ = s3.NewFromConfig(c).PutObject(ctx, nil)
			_, _ = s3.NewFromConfig(c).GetObject(ctx, nil)
			_, _ = kms.NewFromConfig(c).Decrypt(ctx, nil)
			_, _ = eventbridge.NewFromConfig(c).PutEvents(ctx, nil)
			_, _ = secretsmanager.NewFromConfig(c).GetSecretValue(ctx, nil)
			_, _ = sesv2.NewFromConfig(c).SendEmail(ctx, nil)
		}
		return "hello", nil
	})
}
