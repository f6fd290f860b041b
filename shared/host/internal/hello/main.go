// Command hello is the least that aws-lambda-go can be: what the functions are
// measured against.
package main

import (
	"context"

	"github.com/aws/aws-lambda-go/lambda"
)

func main() {
	lambda.Start(func(context.Context, struct{}) (string, error) { return "hello", nil })
}
