package dynamodb

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/okence/okence/shared/amazon"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/store"
)

// Get implements store.Store: GetItem for one key, TransactGetItems for more,
// which costs twice the read units and is of one moment.
func (s *Store) Get(ctx context.Context, keys ...store.Key) ([]store.Doc, error) {
	if err := store.CheckKeys(keys); err != nil {
		return nil, err
	}
	c, done, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	at := map[store.Key]int{}
	var distinct []store.Key
	for _, k := range keys {
		if _, ok := at[k]; !ok {
			at[k] = len(distinct)
			distinct = append(distinct, k)
		}
	}
	read, err := s.whole(ctx, distinct, func() ([]item, error) { return s.items(ctx, c, distinct) })
	if err != nil {
		return nil, err
	}
	docs := make([]store.Doc, len(keys))
	used := make([]bool, len(read))
	for i, k := range keys {
		docs[i] = read[at[k]]
		if used[at[k]] { // bodies are the caller's, each its own
			docs[i].Body = append([]byte(nil), docs[i].Body...)
		}
		used[at[k]] = true
	}
	return docs, nil
}

// whole reads items and their bodies, again where a document was replaced
// between the two.
func (s *Store) whole(ctx context.Context, keys []store.Key, read func() ([]item, error)) ([]store.Doc, error) {
	for try, began := 0, time.Now(); ; try++ {
		items, err := read()
		if err != nil {
			return nil, err
		}
		docs, away := make([]store.Doc, len(keys)), make([]int, len(keys))
		for i, k := range keys {
			if docs[i], away[i], err = decode(k, items[i]); err != nil {
				return nil, err
			}
		}
		err = s.bodies(ctx, docs, away)
		switch {
		case err == nil:
			return docs, nil
		case !fault.Is(err, fault.NotFound):
			return nil, err
		case try >= 8 || !again(ctx, began, try):
			return nil, fault.New(fault.Unavailable, "dynamodb: the body of a document is not in the object storage")
		}
	}
}

// items reads the items of distinct keys as of one moment.
func (s *Store) items(ctx context.Context, c *dynamodb.Client, keys []store.Key) ([]item, error) {
	switch len(keys) {
	case 0:
		return nil, nil
	case 1:
		out, err := c.GetItem(ctx, &dynamodb.GetItemInput{TableName: &s.table, Key: keyOf(keys[0]), ConsistentRead: aws.Bool(true)})
		if err != nil {
			return nil, amazon.Fault(service, err)
		}
		return []item{out.Item}, nil
	}
	in := &dynamodb.TransactGetItemsInput{}
	for _, k := range keys {
		in.TransactItems = append(in.TransactItems, types.TransactGetItem{Get: &types.Get{TableName: &s.table, Key: keyOf(k)}})
	}
	for try, began := 0, time.Now(); ; try++ {
		out, err := c.TransactGetItems(ctx, in)
		if err == nil {
			items := make([]item, len(keys))
			for i, r := range out.Responses {
				items[i] = r.Item
			}
			return items, nil
		}
		var cancelled *types.TransactionCanceledException
		if !errors.As(err, &cancelled) {
			return nil, called(err)
		}
		v := verdictOf(cancelled.CancellationReasons)
		refused(v.String())
		if v == size {
			return nil, fault.New(fault.TooLarge, "dynamodb: the documents are more than a transaction may read").Because(err)
		}
		if !again(ctx, began, try) {
			return nil, v.fault(ctx, err)
		}
	}
}

// batch reads items of distinct keys, each consistently but not of one moment:
// half the price. For what an index found.
func (s *Store) batch(ctx context.Context, c *dynamodb.Client, keys []store.Key) ([]item, error) {
	at := make(map[string]int, len(keys))
	for i, k := range keys {
		at[k.String()] = i
	}
	items := make([]item, len(keys))
	for from := 0; from < len(keys); from += store.MaxKeys { // BatchGetItem takes 100
		request := types.KeysAndAttributes{ConsistentRead: aws.Bool(true)}
		for _, k := range keys[from:min(from+store.MaxKeys, len(keys))] {
			request.Keys = append(request.Keys, keyOf(k))
		}
		ask := map[string]types.KeysAndAttributes{s.table: request}
		for try, began := 0, time.Now(); len(ask) > 0; try++ {
			out, err := c.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: ask})
			if err != nil {
				return nil, amazon.Fault(service, err)
			}
			for _, found := range out.Responses {
				for _, it := range found {
					if i, ok := at[textOf(it["k"])]; ok {
						items[i] = it
					}
				}
			}
			if ask = out.UnprocessedKeys; len(ask) > 0 && len(out.Responses[s.table]) == 0 && !again(ctx, began, try) {
				refused(throttle.String())
				return nil, fault.New(fault.Overload, "dynamodb: a query's documents were not all read: too many calls")
			}
		}
	}
	return items, nil
}
