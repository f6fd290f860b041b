package dynamodb

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/blob"
)

// settled is the age from which a body outside that no item names is what a
// crash left, and not a commit under way.
const settled = 24 * time.Hour

// Sweep deletes the bodies of a tenant outside that no item names and that are
// older than a day at now, and returns how many. It scans the table (half a read
// unit for 4 KB), so it is run by hand or seldom. It may be stopped and run
// again.
func (s *Store) Sweep(ctx context.Context, tenant string, now time.Time) (int, error) {
	if s.blobs == nil {
		return 0, nil
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	var old []blob.Info // listed before the items: what is put meanwhile is young
	for token := ""; ; {
		infos, next, err := s.blobs.List(ctx, tenant+"/document/", token)
		if err != nil {
			return 0, err
		}
		for _, info := range infos {
			if info.StoredAt.Before(now.Add(-settled)) {
				old = append(old, info)
			}
		}
		if token = next; token == "" {
			break
		}
	}
	if len(old) == 0 {
		return 0, nil
	}
	named := map[string]bool{}
	pages := dynamodb.NewScanPaginator(c, &dynamodb.ScanInput{
		TableName: &s.table, ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("v"),
		FilterExpression: aws.String("attribute_exists(x) AND begins_with(k, :t)"), ExpressionAttributeValues: item{":t": text(tenant + "/")},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return 0, amazon.Fault(service, err)
		}
		for _, it := range page.Items {
			named[textOf(it["v"])] = true
		}
	}
	n := 0
	for _, info := range old {
		if named[info.Name[strings.LastIndexByte(info.Name, '/')+1:]] {
			continue
		}
		if err := s.blobs.Delete(ctx, info.Name); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}
