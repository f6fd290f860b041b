package s3_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/okence/okence/shared/blob/s3"
	"github.com/okence/okence/shared/fault"
)

func TestMailThatSESPutThereIsRead(t *testing.T) {
	o := bucket(t)
	for key, text := range map[string]string{"in/o3vrnil0e2ic28tr": "From: a@example.si\r\n\r\nx", "with a space+č": "y"} {
		if _, err := client(t, o).PutObject(context.Background(), &sdk.PutObjectInput{Bucket: &o.Bucket, Key: aws.String(key), Body: strings.NewReader(text)}); err != nil {
			t.Fatal(err)
		}
		got, err := s3.Objects{PathStyle: true, Source: o.Source}.Get(o.Bucket, key)
		if err != nil || string(got) != text {
			t.Errorf("%q: %q, %v", key, got, err)
		}
	}
	objects := s3.Objects{PathStyle: true, Source: o.Source}
	if _, err := objects.Get(o.Bucket, "none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such mail: %v", err)
	}
	if _, err := objects.Get(o.Bucket+"x", "none"); !fault.Is(err, fault.Unavailable) {
		t.Errorf("no such bucket: %v", err)
	}
}
